// Question: does everything at once cost more than the bare processes? Method: whole `bin/hoist up` on the embedded control
// plane with tools cached (server and 2 agents, 6 namespaces, 6 secrets, all core resources, health) from nothing to its last line.
// Floor: bench/floor.sh, the same binaries started by a short shell script, no services: at most 1.2 times its time.
// Peer: `kwokctl create cluster --runtime binary` of the same binaries, no nodes, no services: at most 1.1 times its time.
// The seed: what kube-apiserver would make for itself, kept from the first `up`; the same `up` without it shows its gain.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec } from '../scripts/host/execa.ts';
import { prepareFloor } from './harness/floor.ts';
import type { Floor } from './harness/floor.ts';
import { makeWorld, toolPaths } from './harness/hoist.ts';
import { isThere } from './harness/peers.ts';
import { main } from './harness.ts';

const AGENTS = 2;
const world = await makeWorld();
let tools: Readonly<Record<string, string>> | undefined;
let floor: Floor | undefined;
let kwokDir = '';

const kwokctl = (args: string[], signal?: AbortSignal): Promise<unknown> =>
  exec({
    file: 'kwokctl',
    args: [...args, '--name', 'bench'],
    env: { KWOK_WORKDIR: kwokDir, KUBECONFIG: join(kwokDir, 'kubeconfig'), HOME: kwokDir },
    timeoutMs: 120_000,
    ...(signal ? { signal } : {}),
  });

const up = ['up', '--name', 'bench', '--provider', 'embedded', '--agents', String(AGENTS)];
const down = async (): Promise<void> => {
  await world.hoist(['down', 'bench']);
};

try {
  await main({
    name: 'embedded',
    question: 'How long does a whole `hoist up` take, against the bare processes and against kwokctl?',
    sides: [
      {
        name: 'floor',
        before: async () => {
          tools ??= await toolPaths(world);
          floor = await prepareFloor(tools, { nodes: AGENTS + 1 });
        },
        run: async ({ signal }) => {
          await floor?.start(signal);
          return {};
        },
        after: async () => floor?.remove(),
      },
      {
        name: 'kwokctl',
        missing: () => isThere('kwokctl'),
        before: async () => {
          tools ??= await toolPaths(world);
          kwokDir = await mkdtemp(join(tmpdir(), 'hoist-kwokctl-'));
          // kwokctl starts it by another name, and a binary that is several tools goes by the name.
          const script = `#!/bin/sh\nexec '${tools['kwok'] ?? ''}' "$@"\n`;
          await writeFile(join(kwokDir, 'kwok-controller'), script, { mode: 0o755 });
        },
        run: async ({ signal }) => {
          const binaries = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
            .map((name) => [`--${name}-binary`, tools?.[name] ?? ''])
            .concat([['--kwok-controller-binary', join(kwokDir, 'kwok-controller')]]);
          await kwokctl(
            ['create', 'cluster', '--runtime', 'binary', '--disable-qps-limits', ...binaries.flat()],
            signal,
          );
          return {};
        },
        after: async () => {
          await kwokctl(['delete', 'cluster']);
          await rm(kwokDir, { recursive: true, force: true });
        },
      },
      {
        name: 'hoist up',
        run: async ({ signal }) => {
          await world.hoist(up, { signal });
          return {};
        },
        after: down,
      },
      {
        name: 'hoist up without a seed',
        run: async ({ signal }) => {
          await world.hoist([...up, '--seed', 'false'], { signal });
          return {};
        },
        after: down,
      },
    ],
    ratios: {
      'up/floor': { sides: ['hoist up', 'floor'], value: (up, bare) => up / bare, target: 1.2, good: 'at most' },
      'up/kwokctl': { sides: ['hoist up', 'kwokctl'], value: (up, peer) => up / peer, target: 1.1, good: 'at most' },
      'up/up without a seed': {
        sides: ['hoist up', 'hoist up without a seed'],
        value: (seeded, bare) => seeded / bare,
        target: 1,
        good: 'at most',
      },
    },
  });
} finally {
  await world.remove();
}
