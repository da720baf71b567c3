// Question: what does filling a cluster cost? Method: namespaces, secrets and core resources of the default settings on a
// fresh, settled cluster (bench/floor.sh with the plan's environment) each turn; hoist's side reads settings and files,
// connects, and runs `up`'s own steps.
// Floor: the same objects in memory, over the same connection, as bare server-side applies: namespaces at once, then all else at
// once. hoist, which reads settings and files and looks what others own, at most twice its time.
// Peer: bench/baseline.sh setup, one kubectl after another: hoist at least 15 times faster. Its time is that of 21 processes,
// hoist's that of as many requests and of reading YAML, so that the ratio differs by a quarter between machines.

import { join } from 'node:path';
import { prepare } from '../scripts/cluster/prepare-cluster.ts';
import { runSteps } from '../scripts/engine/run.ts';
import { HoistError } from '../scripts/base/errors.ts';
import { exec } from '../scripts/host/execa.ts';
import { connect } from '../scripts/kube/client/client.ts';
import { builtinResources, collectionPath, kindKey } from '../scripts/kube/resources.ts';
import type { Manifest } from '../scripts/kube/manifests/manifest.ts';
import { appliedManifests, serviceSteps } from '../scripts/services/service-steps.ts';
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

let objects: Manifest[] | undefined;

async function manifests(): Promise<Manifest[]> {
  const wiring = realWiring({ ...process.env, ...world.env }, root);
  const { plan, secrets, ...resources } = await prepare({ flags: { provider: 'embedded' } }, wiring);
  return appliedManifests({ ...resources, namespaces: plan.namespaces, secrets: secrets.secrets });
}

async function bareRequests({ signal }: Turn): Promise<{ extra: Record<string, number> }> {
  if (!floor || !objects) throw new HoistError('there is no cluster to fill');
  const client = connect(await floor.connection());
  const put = ({ object }: Manifest): Promise<unknown> => {
    const { apiVersion, kind, metadata } = object;
    const resource = builtinResources.get(kindKey(apiVersion, kind));
    if (!resource) throw new HoistError(`${kind} is no kind that every cluster has`);
    return client.json({
      method: 'PATCH',
      path: `${collectionPath(resource, metadata.namespace)}/${metadata.name}`,
      query: { fieldManager: 'hoist', force: 'true' },
      contentType: 'application/apply-patch+yaml',
      body: object,
      signal,
    });
  };
  const isNamespace = ({ object }: Manifest): boolean => object.kind === 'Namespace';
  try {
    await Promise.all(objects.filter(isNamespace).map(put));
    await Promise.all(objects.filter((one) => !isNamespace(one)).map(put));
  } finally {
    client.close();
  }
  return { extra: { objects: objects.length } };
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
      {
        ...cluster,
        name: 'bare requests',
        before: async (turn) => {
          objects ??= await manifests();
          await cluster.before?.(turn);
        },
        run: bareRequests,
      },
    ],
    ratios: {
      'kubectl/hoist': { sides: ['kubectl', 'hoist'], value: (peer, own) => peer / own, target: 15, good: 'at least' },
      'hoist/bare requests': {
        sides: ['hoist', 'bare requests'],
        value: (own, bare) => own / bare,
        target: 2,
        good: 'at most',
      },
    },
  });
} finally {
  await world.remove();
}
