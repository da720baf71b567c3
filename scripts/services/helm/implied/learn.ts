// Finds out, by rendering a chart, what its objects offer, want and run; what was found out once is kept.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../../host/files/make-folder.ts';
import { ConfigError, type Problem } from '../../../base/errors.ts';
import type { Command, Exec } from '../../../host/exec.ts';
import { writeAtomic } from '../../../host/files/files.ts';
import type { Environment } from '../../../host/paths.ts';
import { templateCommand } from '../helm-commands.ts';
import { renderedObjects } from './documents.ts';
import { FACTS_VERSION, type Facts, factsOf } from './facts.ts';
import { HelmError, runHelm } from '../helm.ts';
import { type HelmHome, helmEnvironment } from '../home.ts';
import { inputsOf } from '../inputs.ts';
import { used } from '../releases/prune.ts';
import type { LocalChart, Service } from '../service.ts';

export interface LearnTools {
  home: HelmHome;
  env: Environment;
  exec: Exec;
  /** Path of helm. */
  helm: string;
  /** Version of the cluster. */
  kubernetes: string;
  signal: AbortSignal;
}

function factsFile(service: Service, chart: LocalChart, home: HelmHome, kubernetes: string): string {
  return join(home.facts, `${inputsOf(service, chart)}-${kubernetes}-v${FACTS_VERSION}.json`);
}

/** undefined where they have to be found out first. */
export async function knownFacts(
  service: Service,
  chart: LocalChart,
  home: HelmHome,
  kubernetes: string,
): Promise<Facts | undefined> {
  const file = factsFile(service, chart, home, kubernetes);
  try {
    const facts = JSON.parse(await readFile(file, 'utf8')) as Facts;
    await used(file);
    return facts;
  } catch {
    // Not there, or cut short by a crash.
    return undefined;
  }
}

/** @throws ConfigError where the chart cannot be rendered with the values: each value that its schema refuses */
export async function learnFacts(service: Service, chart: LocalChart, tools: LearnTools): Promise<Facts> {
  const { home, env, exec, helm, kubernetes, signal } = tools;
  const { name: release, namespace, values } = service;
  const command: Command = templateCommand(helm, { release, namespace, chart: chart.path, kubeVersion: kubernetes });
  const { text: input, secrets } = values;
  let rendered: string;
  try {
    rendered = await runHelm(exec, { command, env: helmEnvironment(home, env), input, secrets, signal });
  } catch (error) {
    if (!(error instanceof HelmError)) throw error;
    throw new ConfigError(renderProblems(service, error.message), { cause: error });
  }
  const found = factsOf(await renderedObjects(rendered), namespace);
  const facts: Facts = {
    ...found,
    crdsFolder: /^# Source: \S+\/crds\//m.test(rendered),
    // Helm keeps its own record there, whatever the objects say.
    wants: [...found.wants, { key: `namespace|${namespace}`, by: `release ${release}` }],
  };
  await makeFolder(home.facts, 0o700);
  await writeAtomic(factsFile(service, chart, home, kubernetes), JSON.stringify(facts), { mode: 0o600 });
  return facts;
}

/** For values that a schema refuses helm names the path of each: its place in the settings is shown where it stands there. */
function renderProblems({ name, where }: Service, message: string): Problem[] {
  const refused = [...message.matchAll(/^- at '(\S*)': (.+)$/gm)];
  if (refused.length === 0) return [{ ...where('chart'), message: `service "${name}": ${message}` }];
  return refused.map(([, pointer = '', what = '']) => {
    const path = pointer
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const value = path.length === 0 ? 'the values' : `the value ${path.join('.')}`;
    return {
      ...where('values', ...path),
      message: `service "${name}": ${value} does not fit the chart's schema: ${what}`,
    };
  });
}
