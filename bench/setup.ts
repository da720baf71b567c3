// Question: what does filling a cluster cost? Method: namespaces, secrets and core resources of the default settings on a
// fresh, settled cluster (bench/floor.sh with the plan's environment) each turn; hoist's side reads settings and files,
// connects, and runs `up`'s own steps.
// Peer: bench/baseline.sh setup, one kubectl after another: hoist at least 20 times faster.

import { join } from 'node:path';
import { prepare } from '../scripts/cluster/prepare-cluster.ts';
import { runSteps } from '../scripts/engine/run.ts';
import { HoistError } from '../scripts/base/errors.ts';
import { exec } from '../scripts/host/execa.ts';
import { connect } from '../scripts/kube/client/client.ts';
import { serviceSteps } from '../scripts/services/service-steps.ts';
import { realWiring } from '../scripts/wiring.ts';
import { prepareFloor, tunedEnvironment } from './harness/floor.ts';
import type { Floor } from './harness/floor.ts';
import { makeWorld, root, toolPaths } from './harness/hoist.ts';
import { isThere } from './harness/peers.ts';
import { main } from './harness.ts';
import type { Side, Turn } from './harness.ts';

const world = await makeWorld();
let tools: Readonly<Record<string, string>> | undefined;
let floor: Floor | undefined;

/** Both sides work on a cluster of their own each turn: nothing that they make is there yet. */
const cluster: Pick<Side, 'before' | 'after'> = {
  async before({ signal }) {
    tools ??= await toolPaths(world);
    floor = await prepareFloor(tools, { nodes: 1, env: tunedEnvironment() });
    await floor.start(signal);
    await floor.settle();
  },
  after: async () => floor?.remove(),
};

async function hoistSetup({ signal }: Turn): Promise<{ extra: Record<string, number> }> {
  const wiring = realWiring({ ...process.env, ...world.env }, root);
  const { plan, secrets, ...resources } = await prepare({ flags: { provider: 'embedded' } }, wiring);
  if (!floor) throw new HoistError('there is no cluster to fill');
  const client = connect(await floor.connection());
  let objects = 0;
  try {
    const steps = serviceSteps({
      ...resources,
      client: () => client,
      namespaces: plan.namespaces,
      secrets: secrets.secrets,
      healthTimeoutMs: plan.healthTimeoutMs,
      onResult: () => (objects += 1),
    }).filter((step) => !step.name.startsWith('health/'));
    await runSteps([{ name: 'api', run: () => undefined }, ...steps], {
      pools: plan.pools,
      signal,
      timeoutMs: plan.timeoutMs,
      subscribers: [],
      clock: wiring.clock,
    });
  } finally {
    client.close();
  }
  return { extra: { objects } };
}

try {
  await main({
    name: 'setup',
    question: 'How fast do namespaces, secrets and core resources come, against one kubectl after another?',
    sides: [
      {
        ...cluster,
        name: 'kubectl',
        missing: () => isThere('kubectl'),
        run: async ({ signal }) => {
          const env = { ...world.env, KUBECONFIG: join(floor?.dir ?? '', 'kubeconfig') };
          await exec({ file: join(root, 'bench', 'baseline.sh'), args: ['setup'], env, signal, timeoutMs: 120_000 });
          return {};
        },
      },
      { ...cluster, name: 'hoist', run: hoistSetup },
    ],
    ratios: {
      'kubectl/hoist': { sides: ['kubectl', 'hoist'], value: (peer, own) => peer / own, target: 20, good: 'at least' },
    },
  });
} finally {
  await world.remove();
}
