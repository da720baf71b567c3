// The k3d provider: real nodes as containers, with everything that does not depend on each other done at once.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CreationError } from '../../base/errors.ts';
import { isClusterName } from '../../base/names.ts';
import { type Container, listContainers, stopContainer } from '../../docker/containers.ts';
import { DockerUnreachableError } from '../../docker/errors.ts';
import type { DockerSession, NoEngine } from '../../docker/session.ts';
import type { Exec } from '../../host/exec.ts';
import { stateHome } from '../../host/paths.ts';
import { fail } from '../../host/preflight/finding.ts';
import type { ToolOptions } from '../../tools/options.ts';
import type { ClusterPlan } from '../../plan/plan.ts';
import { type ClusterStatus, contextName, type Provider } from '../provider.ts';
import { checkAll } from './check.ts';
import { clusterSteps } from './steps.ts';
import { PLAN_LABEL } from './plan/identity.ts';
import { inspectCluster } from './inspect.ts';
import { CLUSTER, clusterLabels, isK3sNode, K3D } from './nodes/labels.ts';
import { prepareRun } from './prepare.ts';
import { removeUnusedCaches } from './caches/remove-caches.ts';
import { removeCluster } from './remove.ts';
import { resumption } from './resume.ts';
import type { K3dRun } from './run.ts';
import { clusterStatus } from './status.ts';
import { type K3dLayout, layoutOf, readK3dState, removeK3dState } from './state.ts';

/** Seconds that nodes get to end by themselves: k3d's entrypoint drains a server first. */
const STOP_SECONDS = 10;
/** States of containers in which nothing runs. */
const STILL: readonly string[] = ['created', 'exited', 'dead'];

export interface K3dDeps {
  exec: Exec;
  tools: ToolOptions;
  docker: () => Promise<DockerSession | NoEngine>;
}

export function k3dProvider(deps: K3dDeps): Required<Provider> {
  const { env } = deps.tools;
  const clusters = join(stateHome(env), 'k3d');
  const layout = (name: string): K3dLayout => layoutOf(clusters, name);
  const docker = async (): Promise<DockerSession> => {
    const session = await deps.docker();
    if ('why' in session)
      throw new DockerUnreachableError(session.why, {
        hint: session.hint ?? 'Start Docker, or take another provider.',
      });
    return session;
  };
  /**
   * The engine, where it has a cluster of this name that is hoist's: what somebody made with k3d alone is his.
   * @throws CreationError where such a cluster is out of reach.
   */
  const engineWith = async (name: string): Promise<DockerSession | undefined> => {
    const session = await deps.docker();
    const known = (await knownNames(clusters)).includes(name);
    if ('why' in session) {
      if (!known) return undefined;
      throw new CreationError(`the cluster "${name}" is out of reach: ${session.why}`, {
        hint: `Start the engine, or remove ${layout(name).root} to forget the cluster.`,
      });
    }
    const nodes = (await listContainers(session.engine, clusterLabels(name))).filter(isK3sNode);
    // A name is known from a creation that failed, too: nodes that are there now may still be somebody else's.
    const ours = nodes.length === 0 ? known : nodes.some(isHoists);
    return ours ? session : undefined;
  };
  const runs = new Map<ClusterPlan, Promise<K3dRun>>();
  const runOf = (plan: ClusterPlan): Promise<K3dRun> => {
    const known = runs.get(plan) ?? docker().then((session) => prepareRun(plan, layout(plan.name), session, deps));
    runs.set(plan, known);
    return known;
  };

  return {
    name: 'k3d',
    async inspect(plan) {
      const run = await runOf(plan);
      return inspectCluster(run.docker.engine, plan.name, run.identity, run.layout);
    },
    async steps(plan, inputs) {
      return clusterSteps(await runOf(plan), inputs, deps.tools);
    },
    async preflight(plan, signal) {
      const session = await deps.docker();
      if ('why' in session)
        return [fail('engine', session.why, session.hint ?? 'Start Docker, or take another provider.')];
      return checkAll(plan, session, () => runOf(plan), deps.tools, signal);
    },
    async remove(name, signal) {
      const session = await engineWith(name);
      if (session !== undefined) await removeCluster(session.engine, name, signal);
      await removeK3dState(layout(name));
      return session !== undefined;
    },
    async list() {
      const session = await deps.docker();
      const found = 'why' in session ? [] : (await listContainers(session.engine, K3D)).filter(isHoists);
      const names = found.flatMap(({ labels }) => labels[CLUSTER] ?? []);
      // Labels are whatever somebody gave a container.
      return [...new Set([...(await knownNames(clusters)), ...names.filter(isClusterName)])];
    },
    async status(name, signal) {
      const session = await deps.docker();
      if (!('why' in session)) return clusterStatus(session.engine, name, layout(name), signal);
      return (await knownNames(clusters)).includes(name) ? unreachable(name, layout(name), session.why) : undefined;
    },
    async stop(name, signal) {
      const session = await engineWith(name);
      if (session === undefined) return undefined;
      const { engine } = session;
      const containers = await listContainers(engine, clusterLabels(name), signal);
      const running = containers.filter(({ state }) => !STILL.includes(state));
      await Promise.all(running.map(({ id }) => stopContainer(engine, id, STOP_SECONDS, signal)));
      return running.length > 0 ? 'stopped' : 'already';
    },
    async resume(name) {
      const session = await engineWith(name);
      return session && resumption(name, layout(name), session, deps);
    },
    async removeCaches(signal) {
      const { engine } = await docker();
      const remembered = async (name: string): Promise<readonly string[]> =>
        (await readK3dState(layout(name)))?.caches ?? [];
      return removeUnusedCaches(engine, remembered, signal);
    },
    kubeconfigFile: (name) => layout(name).kubeconfig,
  };
}

function isHoists({ labels }: Container): boolean {
  return labels[PLAN_LABEL] !== undefined;
}

async function knownNames(clusters: string): Promise<string[]> {
  const entries = await readdir(clusters, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory() && isClusterName(entry.name)).map((entry) => entry.name);
}

function unreachable(name: string, { root }: K3dLayout, why: string): ClusterStatus {
  return {
    name,
    provider: 'k3d',
    state: 'stopped',
    server: undefined,
    context: contextName(name),
    createdAt: '',
    components: [{ name: 'engine', ok: false, detail: why }],
    nodes: [],
    ports: {},
    location: root,
  };
}
