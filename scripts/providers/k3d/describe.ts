// What `up --plan` shows of a k3d cluster: every value with its source, and the command lines of k3d.

import type { Command } from '../../host/exec.ts';
import type { Description, Situation } from '../provider.ts';
import { cacheCommands } from './caches/cache-steps.ts';
import { makingCommands } from './create/create.ts';
import type { K3dRun } from './run.ts';
import { modeOf } from './steps.ts';

export async function describe(run: K3dRun, situation: Situation): Promise<Description> {
  const mode = modeOf(situation);
  const commands = [...(await cacheCommands(run)), ...(mode === 'keep' ? [] : await makingCommands(run, mode))];
  return { title: 'What k3d is given', values: run.plan.values, commands: commands.map(commandText) };
}

/** As a shell takes it. */
function commandText({ file, args }: Command): string {
  const quoted = (arg: string): string => (/^[\w@%+=:,./*-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`);
  const text = [file, ...args].map(quoted).join(' ');
  return args.includes('--config') ? `${text}  # on its stdin: a config with the values above` : text;
}
