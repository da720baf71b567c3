// Question: how long until 20 releases are ready, and until an unchanged set is known to be so? Method: a cluster that is up
// (embedded, 2 agents) each turn; 20 releases of charts of test/fixtures with what such a platform needs of each other (two
// operators first, then stores, applications, gateways: four deep), from the command to its last line, twice: the second
// time nothing has changed.
// Peers: `helmfile sync` with its default concurrency, hoist at least 1.5 times faster; `helm upgrade --install --wait` one
// after another, at least 4 times faster. The second run at least 20 times faster than that script's.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { exec } from '../scripts/host/execa.ts';
import { makeWorld, root, toolPaths } from './harness/hoist.ts';
import { isThere } from './harness/peers.ts';
import { main } from './harness.ts';
import type { Ratio, Sample, Side, Turn } from './harness.ts';

interface Release {
  name: string;
  chart: string;
  needs: string[];
}

const TIMEOUT_MS = 300_000;
const NAMESPACE = 'platform';

/** In an order in which each comes after what it needs. */
const releases: Release[] = [
  release('operator', 'operator'),
  release('certificates'),
  ...['orders', 'users', 'stock'].map((name) => release(`${name}-store`, 'web', ['operator'])),
  release('queue', 'web', ['operator']),
  release('cache'),
  release('widgets', 'widgets', ['operator']),
  ...['orders', 'users', 'stock'].map((name) => release(name, 'web', [`${name}-store`, 'queue', 'cache'])),
  release('mail', 'web', ['queue']),
  release('search', 'web', ['stock-store']),
  release('metrics', 'web', ['operator']),
  release('logs'),
  release('dashboards', 'web', ['metrics', 'logs']),
  release('shop', 'web', ['orders', 'users', 'stock', 'search', 'certificates']),
  release('admin', 'web', ['orders', 'users', 'certificates']),
  release('gateway', 'web', ['certificates']),
  release('checkout', 'web', ['orders', 'mail', 'gateway']),
];

function release(name: string, chart = 'web', needs: string[] = []): Release {
  return { name, chart: join(root, 'test/fixtures/charts', chart), needs };
}

const world = await makeWorld();
const kubeconfig = join(world.dir, 'state/hoist/clusters/bench/kubeconfig');
const helmEnv: Record<string, string> = {
  ...world.env,
  KUBECONFIG: kubeconfig,
  HELM_CACHE_HOME: join(world.dir, 'helm/cache'),
  HELM_CONFIG_HOME: join(world.dir, 'helm/config'),
  HELM_DATA_HOME: join(world.dir, 'helm/data'),
};

const settings = { name: 'bench', provider: 'embedded', agents: 2, namespaces: [NAMESPACE], helm: { repos: [] } };
const plain = join(world.dir, 'plain.yaml');
const filled = join(world.dir, 'filled.yaml');
const helmfile = join(world.dir, 'helmfile.yaml');
const services = releases.map((one) => ({ ...one, namespace: NAMESPACE }));
await writeFile(plain, stringify(settings));
await writeFile(filled, stringify({ ...settings, services }));

let helm = '';

const hoist = async (config: string, signal: AbortSignal): Promise<number> =>
  (await world.hoist(['up', '--config', config], { signal })).durationMs;

/** Runs the command twice; the second time is the extra figure. */
async function twice(command: () => Promise<number>): Promise<{ value: number; extra: { again: number } }> {
  return { value: await command(), extra: { again: await command() } };
}

/** Also what an `up` costs there that has no services to look at. */
async function hoistTwice(signal: AbortSignal): Promise<Sample> {
  const { value, extra } = await twice(() => hoist(filled, signal));
  const without = await hoist(plain, signal);
  return { value, extra: { ...extra, without, share: extra.again / without } };
}

async function sync(signal: AbortSignal): Promise<number> {
  const args = ['--file', helmfile, '--helm-binary', helm, 'sync', '--skip-deps'];
  return (await exec({ file: 'helmfile', args, env: helmEnv, signal, timeoutMs: TIMEOUT_MS })).durationMs;
}

async function oneByOne(signal: AbortSignal): Promise<number> {
  const start = performance.now();
  for (const { name, chart } of releases) {
    const args = ['upgrade', '--install', name, chart, '--namespace', NAMESPACE, '--wait'];
    await exec({ file: helm, args, env: helmEnv, signal, timeoutMs: TIMEOUT_MS });
  }
  return performance.now() - start;
}

/** Each turn has a cluster of its own, so that nothing of the last one is there. */
const cluster: Pick<Side, 'before' | 'after'> = {
  async before({ signal }) {
    if (helm === '') {
      helm = (await toolPaths(world, ['helm']))['helm'] ?? '';
      await writeFile(
        helmfile,
        stringify({
          helmDefaults: { wait: true, kubeContext: 'hoist-bench' },
          releases: services.map(({ needs, ...one }) => ({ ...one, needs: needs.map((n) => `${NAMESPACE}/${n}`) })),
        }),
      );
    }
    await hoist(plain, signal);
  },
  async after() {
    await world.hoist(['down', 'bench']);
  },
};

const against = (side: string, target: number): Ratio => ({
  sides: [side, 'hoist up'],
  value: (theirs = NaN, ours = NaN) => theirs / ours,
  target,
  good: 'at least',
});

try {
  await main({
    name: 'services',
    question: 'How long until 20 releases with their needs are ready, and until nothing is found to have changed?',
    warmUps: 0,
    sides: [
      {
        ...cluster,
        name: 'helmfile sync',
        missing: () => isThere('helmfile'),
        run: ({ signal }: Turn) => twice(() => sync(signal)),
      },
      { ...cluster, name: 'helm one by one', run: ({ signal }: Turn) => twice(() => oneByOne(signal)) },
      { ...cluster, name: 'hoist up', run: ({ signal }: Turn) => hoistTwice(signal) },
    ],
    ratios: {
      'helmfile/hoist': against('helmfile sync', 1.5),
      'one by one/hoist': against('helm one by one', 4),
      'again: one by one/hoist': { ...against('helm one by one', 12), of: 'again' },
      'again: with the services/without': {
        sides: ['hoist up'],
        of: 'share',
        value: (share = NaN) => share,
        target: 2.5,
        good: 'at most',
      },
    },
  });
} finally {
  await world.remove();
}
