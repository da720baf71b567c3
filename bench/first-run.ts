// Question: what does the first `up` cost where every tool has to be built? Method: empty caches, hoist's and Go's, and no
// publisher in reach; the parts of a first run one after another, each with what those before it have left. `cpuSeconds`
// is user and system time of all processes. It takes many minutes: `npm run bench` runs it only where it is named.
// Target: the first three, which are the first `up`, take at most 6 minutes on two quiet cores.

import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exec } from '../scripts/host/execa.ts';
import { cpuMeter } from './harness/cpu.ts';
import { makeWorld, root } from './harness/hoist.ts';
import { main } from './harness.ts';
import type { Side } from './harness.ts';

const world = await makeWorld();
const caches = join(world.dir, 'caches');
const env = {
  ...world.env,
  XDG_CACHE_HOME: join(caches, 'hoist'),
  GOCACHE: join(caches, 'go-build'),
  GOMODCACHE: join(caches, 'modules'),
  // Nobody listens on the discard port: every publisher is unreachable at once.
  HOIST_MIRROR: 'http://127.0.0.1:9',
};

function part(name: string, args: readonly string[], more: Partial<Side> = {}): Side {
  return {
    name,
    async run({ signal }) {
      const meter = cpuMeter();
      const started = performance.now();
      await exec({ file: join(root, 'bin', 'hoist'), args, env, cwd: root, signal });
      const wallMs = performance.now() - started;
      return { value: wallMs, extra: { cpuSeconds: ((meter(wallMs).ownCpus ?? 0) * wallMs) / 1000 } };
    },
    ...more,
  };
}

/** Go makes the folders of modules read-only. */
async function removeCaches(): Promise<void> {
  const entries = await readdir(caches, { recursive: true, withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  await Promise.all(folders.map((folder) => chmod(folder, 0o755)));
  await rm(caches, { recursive: true, force: true });
}

const up = ['up', '--provider', 'embedded', '--name', 'first-run'];
try {
  await main({
    name: 'first-run',
    question: 'What does the first `up` cost where every tool has to be built?',
    runs: 1,
    warmUps: 0,
    sides: [
      part('etcd, kube-apiserver', ['tools', 'fetch', 'etcd', 'kube-apiserver'], { before: removeCaches }),
      part('kube-controller-manager, kube-scheduler, kwok', [
        ...['tools', 'fetch', 'kube-controller-manager', 'kube-scheduler', 'kwok'],
      ]),
      part('up', up, { after: () => world.hoist(['down', 'first-run']).then(() => undefined) }),
      part('helm', ['tools', 'fetch', 'helm']),
    ],
    ratios: {
      'first up in min': {
        sides: ['etcd, kube-apiserver', 'kube-controller-manager, kube-scheduler, kwok', 'up'],
        value: (api, nodes, last) => (api + nodes + last) / 60_000,
        target: 6,
        good: 'at most',
      },
    },
  });
} finally {
  await removeCaches();
  await world.remove();
}
