// Question: what does a clean state cost the second time? Method: whole commands, embedded and on k3d, on one cluster each with
// 10 releases (a ConfigMap and a Deployment of the pause image): `up` that makes it, `start` after `stop`, `snapshot save`,
// `snapshot restore` into the running cluster; embedded also as a new cluster beside it.
// Targets: embedded, a new cluster from a snapshot at most 1.1 times `start`, back to a clean state at most 3 s. On k3d, k3s
// begins again with the content of the snapshot: restore at most the `up` that made the same, and at most 1.1 times `start`. Floor:
// k3s ended and started in its node and nothing else, until DNS answers (`k3s alone`).

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tryDocker } from '../scripts/docker/session.ts';
import { firstServer } from '../scripts/providers/k3d/nodes/labels.ts';
import { endK3s } from '../scripts/providers/k3d/snapshot/k3s-restart.ts';
import { makeWorld } from './harness/hoist.ts';
import { isThere } from './harness/peers.ts';
import { main } from './harness.ts';
import type { Ratio, Side, Turn } from './harness.ts';

const RELEASES = 10;
const PAUSE = 'rancher/mirrored-pause:3.6';

const world = await makeWorld();
const chart = join(world.dir, 'web');
await mkdir(join(chart, 'templates'), { recursive: true });
await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: web\nversion: 1.0.0\n');
await writeFile(
  join(chart, 'templates', 'web.yaml'),
  `apiVersion: v1
kind: ConfigMap
metadata: { name: "{{ .Release.Name }}" }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: "{{ .Release.Name }}" }
spec:
  selector: { matchLabels: { app: "{{ .Release.Name }}" } }
  template:
    metadata: { labels: { app: "{{ .Release.Name }}" } }
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{ name: web, image: "${PAUSE}", imagePullPolicy: IfNotPresent }]
`,
);
const config = join(world.dir, 'cluster.yaml');
const services = Array.from({ length: RELEASES }, (_, at) => `  - { name: web-${at}, chart: ./web }\n`).join('');
await writeFile(
  config,
  `resources: { cluster: [], eachNamespace: [] }
k3d: { caches: false, loadImages: false, disable: [local-storage, traefik, metrics-server] }
services:
${services}`,
);

async function withoutK3d(): Promise<string | undefined> {
  const session = await tryDocker(process.env);
  if ('why' in session) return session.why;
  session.engine.close();
  return isThere('k3d');
}

const hoist = async (words: string, provider: string, { signal }: Pick<Turn, 'signal'>): Promise<void> => {
  const args = [...words.split(' '), '--config', config, '--provider', provider, '--quiet'];
  await world.hoist(args, { signal });
};

function sidesOf(provider: 'embedded' | 'k3d'): Side[] {
  const name = `bench-${provider}`;
  const agents = '--agents 0';
  const run = (words: string, turn: Turn): Promise<void> => hoist(words, provider, turn);
  let made = false;
  const missing = provider === 'k3d' ? withoutK3d : () => undefined;
  /** The cluster and its snapshot, once. */
  const ready = async (turn: Turn): Promise<void> => {
    if (made) return;
    await run(`up --name ${name} ${agents}`, turn);
    await run(`snapshot save ${name} --name ${name}`, turn);
    made = true;
  };
  const side = (what: string, words: string, more: Partial<Side> = {}): Side => ({
    name: `${provider}: ${what}`,
    missing,
    before: ready,
    run: async (turn) => {
      await run(words, turn);
      return {};
    },
    ...more,
  });
  const gone = (cluster: string) => async (): Promise<void> => {
    await world.hoist(['down', cluster, '--quiet']);
  };
  /** Ends k3s and starts it again, with the data that it has; `start` waits for the API, nodes and DNS. */
  const restartK3s = async (turn: Turn): Promise<Record<string, never>> => {
    const session = await tryDocker(process.env);
    if ('why' in session) throw new Error(session.why);
    try {
      const ended = await endK3s(session.engine, firstServer(name), [], turn.signal);
      if (!ended) throw new Error('k3s cannot be restarted by itself');
      await ended.start(turn.signal);
    } finally {
      session.engine.close();
    }
    await run(`start ${name}`, turn);
    return {};
  };
  return [
    side('up', `up --name ${name}-up ${agents}`, { after: gone(`${name}-up`) }),
    side('start', `start ${name}`, {
      before: async (turn) => {
        await ready(turn);
        await run(`stop ${name}`, turn);
      },
    }),
    side('save', `snapshot save other --name ${name}`, {
      after: async () => {
        await world.hoist(['snapshot', 'remove', 'other', '--quiet']);
      },
    }),
    side('restore', `snapshot restore ${name} --name ${name}`),
    ...(provider === 'k3d'
      ? [side('k3s alone', '', { run: restartK3s })]
      : [side('restore as a new one', `snapshot restore ${name} --name second`, { after: gone('second') })]),
  ];
}

const ratio = (sides: [string, string], target: number): Ratio => ({
  sides,
  value: (ours = NaN, theirs = NaN) => ours / theirs,
  target,
  good: 'at most',
});

try {
  await main({
    name: 'snapshot',
    question: 'What does a clean state cost the second time, against making or starting the same cluster?',
    // Each side works on a cluster that has run for a while.
    warmUps: 0,
    sides: [...sidesOf('embedded'), ...sidesOf('k3d')],
    ratios: {
      'new from snapshot/start': ratio(['embedded: restore as a new one', 'embedded: start'], 1.1),
      'restore in s': {
        sides: ['embedded: restore'],
        value: (ms = NaN) => ms / 1000,
        target: 3,
        good: 'at most',
      },
      'k3d restore/start': ratio(['k3d: restore', 'k3d: start'], 1.1),
      'k3d restore/up': ratio(['k3d: restore', 'k3d: up'], 1),
      'k3d restore/k3s alone': ratio(['k3d: restore', 'k3d: k3s alone'], 2),
    },
  });
} finally {
  for (const name of ['bench-embedded', 'bench-k3d'])
    await world.hoist(['down', name, '--quiet']).catch(() => undefined);
  await world.remove();
}
