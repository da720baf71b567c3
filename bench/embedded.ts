// Question: does everything at once cost more than the bare processes? Method: whole `bin/hoist up` on the embedded control
// plane with tools cached (server and 2 agents, 6 namespaces, 6 secrets, all core resources, health) from nothing to its last line.
// Floor: bench/floor.sh, the same binaries started by a short shell script, no services: at most 1.2 times its time.
// Peer: `kwokctl create cluster --runtime binary` of the same binaries. It returns with the first answer of kube-apiserver, which
// is more than a second before /readyz: kube-apiserver waits for one second before it makes its roles, and the controller manager
// waits for those. So both are compared at two moments: at that answer, and where `up` ends (3 nodes Ready, /readyz, default
// service account; of kwokctl's cluster without the namespaces, secrets, resources and workloads of `up`).
// The seed: what kube-apiserver would make for itself, kept from the first `up`; the same `up` without it shows its gain.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec } from '../scripts/host/execa.ts';
import { connect } from '../scripts/kube/client/client.ts';
import { readConnection } from '../scripts/kube/kubeconfig/read.ts';
import { waitApiReady } from '../scripts/kube/watch/health.ts';
import { waitNodesReady, waitServiceAccounts } from '../scripts/kube/watch/wait.ts';
import { createNodes } from '../scripts/providers/embedded/nodes.ts';
import { prepareFloor } from './harness/floor.ts';
import type { Floor } from './harness/floor.ts';
import { makeWorld, toolPaths } from './harness/hoist.ts';
import { isThere } from './harness/peers.ts';
import { main } from './harness.ts';
import type { Sample } from './harness.ts';

const AGENTS = 2;
const TIMEOUT_MS = 120_000;
const world = await makeWorld();
let tools: Readonly<Record<string, string>> | undefined;
let floor: Floor | undefined;
let kwokDir = '';

const kwokctl = (args: string[], signal?: AbortSignal): Promise<unknown> =>
  exec({
    file: 'kwokctl',
    args: [...args, '--name', 'bench'],
    env: { KWOK_WORKDIR: kwokDir, KUBECONFIG: join(kwokDir, 'kubeconfig'), HOME: kwokDir },
    timeoutMs: TIMEOUT_MS,
    ...(signal ? { signal } : {}),
  });

/** What `up` waits for as well: nodes that are Ready, /readyz, and the account that pods run as. */
async function reachSameState(signal: AbortSignal): Promise<void> {
  const { connection } = await readConnection({ paths: [join(kwokDir, 'kubeconfig')], exec });
  const client = connect(connection);
  try {
    const nodes = Array.from({ length: AGENTS + 1 }, (_, at) => ({
      name: `node-${at}`,
      role: at === 0 ? ('server' as const) : ('agent' as const),
      cpus: 2,
      memoryBytes: 2 ** 32,
    }));
    const options = { timeoutMs: TIMEOUT_MS, signal };
    await createNodes(client, nodes, signal);
    await Promise.all([
      waitNodesReady(client, { names: nodes.map(({ name }) => name) }, options),
      waitServiceAccounts(client, ['default'], options),
      waitApiReady(client, options),
    ]);
  } finally {
    client.close();
  }
}

/** A whole `up`, and when the API gave its first answer, both from the start of the process. */
async function wholeUp(more: readonly string[], signal: AbortSignal): Promise<Sample> {
  const startedAt = Date.now();
  const { stdout } = await world.hoist([...up, ...more, '--output', 'json'], { signal });
  const value = Date.now() - startedAt;
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; time: string; step?: string });
  const served = events.find(({ type, step }) => type === 'step.ended' && step === 'api');
  return { value, extra: { answersMs: served ? Date.parse(served.time) - startedAt : NaN } };
}

const up = ['up', '--name', 'bench', '--provider', 'embedded', '--agents', String(AGENTS)];
const against = {
  sides: ['hoist up', 'kwokctl'],
  value: (up = NaN, peer = NaN) => up / peer,
  good: 'at most' as const,
};
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
          const start = performance.now();
          await kwokctl(
            ['create', 'cluster', '--runtime', 'binary', '--disable-qps-limits', ...binaries.flat()],
            signal,
          );
          const answersMs = performance.now() - start;
          await reachSameState(signal);
          return { value: performance.now() - start, extra: { answersMs } };
        },
        after: async () => {
          await kwokctl(['delete', 'cluster']);
          await rm(kwokDir, { recursive: true, force: true });
        },
      },
      {
        name: 'hoist up',
        run: ({ signal }) => wholeUp([], signal),
        after: down,
      },
      {
        name: 'hoist up without a seed',
        run: ({ signal }) => wholeUp(['--seed', 'false'], signal),
        after: down,
      },
    ],
    ratios: {
      'up/floor': { sides: ['hoist up', 'floor'], value: (up, bare) => up / bare, target: 1.2, good: 'at most' },
      'up/kwokctl until the API answers': { ...against, of: 'answersMs', target: 1.1 },
      'up/kwokctl until the same state': { ...against, target: 1 },
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
