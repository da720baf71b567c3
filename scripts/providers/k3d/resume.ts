// A run that starts a cluster as it was made, known from its containers: the files that its settings named may be gone.

import type { Step } from '../../engine/step.ts';
import { CreationError } from '../../base/errors.ts';
import { type Container, inspectContainer, listContainers, startContainer } from '../../docker/containers.ts';
import { joinNetwork } from '../../docker/networks.ts';
import type { DockerSession } from '../../docker/session.ts';
import type { Resumption, Situation } from '../provider.ts';
import { type K3dTools, k3dContext } from './context.ts';
import { clusterSteps } from './steps.ts';
import { identityOf } from './plan/identity.ts';
import { HALF_MADE, inspectCluster } from './inspect.ts';
import { clusterLabels, firstServer, isK3sNode, K3D, NETWORK, ROLE, roleOf } from './nodes/labels.ts';
import type { K3dPlan } from './plan/plan-k3d.ts';
import { type K3dRun, networkOf } from './run.ts';
import { type K3dLayout, readK3dState } from './state.ts';

/**
 * @param cluster.from a snapshot whose content it gets before it starts
 * @throws CreationError where the cluster is half made or nodes of it are gone.
 */
export async function resumption(
  { name, layout, from }: { name: string; layout: K3dLayout; from?: string },
  session: DockerSession,
  deps: K3dTools,
): Promise<Resumption> {
  const [situation, state] = await Promise.all([
    inspectCluster(session.engine, name, undefined, layout),
    readK3dState(layout),
  ]);
  assertWhole(name, situation);
  const plan = await planFromContainers(name, session);
  const run: K3dRun = {
    plan,
    identity: state?.identity ?? identityOf(plan, undefined),
    caches: [],
    loadImages: false,
    registries: () => Promise.resolve(undefined),
    ...k3dContext(layout, session, deps),
  };
  return {
    situation,
    async steps(inputs) {
      const steps = await clusterSteps(run, { ...inputs, situation, from }, deps.tools);
      const caches = state?.caches ?? [];
      return caches.length === 0 ? steps : [...steps, cacheStep(run, caches)];
    },
  };
}

function assertWhole(name: string, situation: Situation): void {
  const why =
    situation.kind === 'different'
      ? situation.differences.map(({ what, have, want }) => `of ${want} ${what} only ${have} is there`).join(', ')
      : situation.kind === 'absent' || (situation.kind === 'damaged' && situation.reasons.includes(HALF_MADE))
        ? HALF_MADE
        : undefined;
  if (why === undefined) return;
  throw new CreationError(`the cluster "${name}" cannot be started: ${why}`, {
    hint: '`hoist up` recreates it, `hoist down` deletes it.',
  });
}

/** Only what starting needs: containers keep their limits, ports and arguments themselves. */
async function planFromContainers(name: string, { engine }: DockerSession): Promise<K3dPlan> {
  const [containers, first] = await Promise.all([
    listContainers(engine, clusterLabels(name)),
    inspectContainer(engine, firstServer(name)),
  ]);
  const of = (role: string): Container[] => containers.filter((container) => roleOf(container) === role);
  const [servers, agents] = [of('server'), of('agent')];
  const args = (first.Config.Cmd ?? []).filter((arg) => arg.startsWith('-'));
  return {
    name,
    topology: { servers: servers.length, agents: agents.length, loadBalancer: of('loadbalancer').length > 0 },
    nodes: [...servers, ...agents].map(({ name: node }) => node),
    image: first.Config.Image,
    apiPort: undefined,
    network: containers.find(isK3sNode)?.labels[NETWORK],
    subnet: undefined,
    ports: [],
    volumes: [],
    env: [],
    k3sArgs: args.map((arg) => ({ arg, nodes: ['server:*'], where: firstServer(name) })),
    limits: { server: {}, agent: {} },
    additions: { env: [], files: [] },
    native: undefined,
    values: [],
    warnings: [],
  };
}

/** Caches that are gone are not recreated: nodes pull from the registries themselves then. */
function cacheStep(run: K3dRun, names: readonly string[]): Step {
  const { engine } = run.docker;
  return {
    name: 'caches',
    optional: true,
    async run({ signal }) {
      const there = await listContainers(engine, { ...K3D, [ROLE]: 'registry' }, signal);
      await Promise.all(
        there
          .filter(({ name }) => names.includes(name))
          .map(async ({ id, state }) => {
            if (state !== 'running') await startContainer(engine, id, signal);
            await joinNetwork(engine, networkOf(run.plan), id, signal);
          }),
      );
    },
  };
}
