// Checks users' component arguments against what hoist sets itself and what each binary knows.

import { ConfigError, type Problem } from '../../../base/errors.ts';
import { didYouMean } from '../../../base/suggest.ts';
import type { Exec } from '../../../host/exec.ts';
import type { ClusterPlan } from '../../../plan/plan.ts';
import { componentOf, fixedFlags } from './component-commands.ts';
import { layoutOf } from '../layout.ts';
import { type ProcessName, processNames } from '../state.ts';

interface UserFlags {
  name: ProcessName;
  flags: readonly string[];
}

/** The user's flags by process; processes without any are left out. */
function userFlags(plan: ClusterPlan): UserFlags[] {
  return processNames
    .map((name) => ({
      name,
      flags: plan.components[componentOf[name]].filter((a) => a.source === 'user').map((a) => a.flag),
    }))
    .filter(({ flags }) => flags.length > 0);
}

/** @throws ConfigError where the user sets a flag that hoist needs for itself. */
export function refuseFixedFlags(plan: ClusterPlan): void {
  const ports = { apiserver: 0, controllerManager: 0, scheduler: 0 };
  const problems = userFlags(plan).flatMap(({ name, flags }) => {
    const fixed = fixedFlags(name, layoutOf('', plan.name), ports);
    return flags
      .filter((flag) => Object.hasOwn(fixed, flag))
      .map((flag): Problem => ({ where: where(name, flag), message: `hoist sets --${flag} of ${name} itself` }));
  });
  if (problems.length > 0) throw new ConfigError(problems);
}

/** Processes whose binaries have to be there before their arguments can be checked. */
export function processesWithUserFlags(plan: ClusterPlan): ProcessName[] {
  return userFlags(plan).map(({ name }) => name);
}

/** @throws ConfigError with every flag that its binary does not know, and the nearest one that it does. */
export async function checkUserFlags(
  plan: ClusterPlan,
  files: Readonly<Record<ProcessName, string>>,
  exec: Exec,
  signal: AbortSignal,
): Promise<void> {
  const problems = await Promise.all(
    userFlags(plan).map(async ({ name, flags }) => {
      const { stdout, stderr } = await exec({ file: files[name], args: ['--help'], signal });
      const known = new Set(Array.from(`${stdout}\n${stderr}`.matchAll(/--([a-z][a-z0-9-]*)/g), (m) => m[1] ?? ''));
      return flags
        .filter((flag) => !known.has(flag))
        .map((flag): Problem => {
          return { where: where(name, flag), message: `${name} has no flag --${flag}${didYouMean(flag, known, '--')}` };
        });
    }),
  );
  if (problems.flat().length > 0) throw new ConfigError(problems.flat());
}

function where(name: ProcessName, flag: string): string {
  return `componentArgs.${componentOf[name]}.${flag}`;
}
