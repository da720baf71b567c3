// Runs of `hoist up` with services, and what came of them: as their events tell it, and as helm itself sees it.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { exec } from '../../scripts/host/execa.ts';
import { toolFile } from '../../scripts/tools/options.ts';
import { PINS } from '../../scripts/tools/pins.ts';
import type { ChartRepo } from '../services/helm/chart-repo.ts';
import type { Ended, World } from './hoist.ts';

export interface Line {
  type: string;
  step?: string;
  [field: string]: unknown;
}

export const SECRET = 'correct-horse-battery';

export function up(
  world: World,
  list: readonly object[],
  more: object = {},
  args: readonly string[] = [],
): Promise<Ended> {
  const config = { name: 'svc', agents: 1, namespaces: ['apps'], services: list, ...more };
  world.write('config/cluster.yaml', stringify(config));
  return world.hoist(['up', '--output', 'json', ...args], { SHOP_PASSWORD: SECRET });
}

/** Helm as a user runs it, with hoist's binary and the cluster's own kubeconfig. */
export function helm(world: World, ...args: string[]): string {
  const home = join(world.folder, 'users-helm');
  const kubeconfig = join(world.state, 'hoist/clusters/svc/kubeconfig');
  const file = toolFile(PINS.helm, { env: process.env, exec });
  const env = { ...process.env, HELM_CONFIG_HOME: home, HELM_CACHE_HOME: home, HELM_DATA_HOME: home };
  return execFileSync(file, [...args, '--kubeconfig', kubeconfig], { env }).toString();
}

interface Listed {
  name: string;
  namespace: string;
  revision: string;
  status: string;
}
export const listed = (world: World): Record<string, string> =>
  Object.fromEntries(
    (JSON.parse(helm(world, 'list', '-A', '-a', '-o', 'json')) as Listed[]).map((one) => [
      `${one.namespace}/${one.name}`,
      `${one.status} ${one.revision}`,
    ]),
  );

export const lines = ({ stdout }: Ended): Line[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

export const outcomes = (ended: Ended, prefix: string): Record<string, unknown> =>
  Object.fromEntries(
    lines(ended)
      .filter(({ type, step }) => type === 'step.ended' && step?.startsWith(prefix))
      .map(({ step, outcome, notes }) => [step ?? '', (notes as string[] | undefined)?.[0] ?? outcome]),
  );
export const failuresOf = (ended: Ended): string => {
  const summary = lines(ended).find(({ type }) => type === 'summary');
  return JSON.stringify(summary?.['failures'] ?? []);
};
export const repos = (repo: ChartRepo): object => ({ helm: { repos: [{ name: 'local', url: repo.url }] } });
