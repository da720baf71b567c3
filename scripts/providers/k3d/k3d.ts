// The k3d provider: real nodes as containers, with everything that does not depend on each other done at once.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CreationError } from '../../errors.ts';
import { type Container, listContainers, stopContainer } from '../../host/docker/containers.ts';
import { DockerUnreachableError } from '../../host/docker/errors.ts';
import type { DockerSession } from '../../host/docker/session.ts';
import type { Exec } from '../../host/exec.ts';
import { stateHome } from '../../host/paths.ts';
import type { ToolOptions } from '../../host/tools/options.ts';
import type { ClusterPlan } from '../../plan/plan.ts';
import { type ClusterStatus, contextName, type Provider } from '../provider.ts';
import { clusterSteps } from './cluster-steps.ts';
import { PLAN_LABEL } from './identity.ts';
import { inspectCluster } from './inspect.ts';
import { CLUSTER, clusterLabels, isK3sNode, K3D } from './labels.ts';
import { prepareRun } from './prepare.ts';
import { removeCluster } from './remove.ts';
import type { K3dRun } from './run.ts';
import { clusterStatus } from './status.ts';
import { type K3dLayout, layoutOf, removeK3dState } from './state.ts';

/** Seconds that nodes get to end by themselves: k3d's entrypoint drains a server first. */
const STOP_SECONDS = 10;

export interface K3dDeps {
  exec: Exec;
  tools: ToolOptions;
  docker: () => Promise<DockerSession | { why: string }>;
}

export interface K3dProvider extends Provider {
  /** Stops all containers of a cluster, its data kept; false where there is none. */
  stop(name: string, signal?: AbortSignal): Promise<boolean>;
}

export function k3dProvider(deps: K3dDeps): K3dProvider {
  const { env } = deps.tools;
  const clusters = join(stateHome(env), 'k3d');
  const layout = (name: string): K3dLayout => layoutOf(clusters, name);
  const docker = async (): Promise<DockerSession> => {
    const session = await deps.docker();
    if ('why' in session)
      throw new DockerUnreachableError(session.why, { hint: 'Start Docker, or take another provider.' });
    return session;
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
    async remove(name, signal) {
      const session = await deps.docker();
      const known = (await knownNames(clusters)).includes(name);
      // Without an engine there is nothing to remove, unless a cluster of hoist's own is somewhere out of reach.
      if ('why' in session) {
        if (!known) return false;
        throw new CreationError(`the cluster "${name}" cannot be removed: ${session.why}`, {
          hint: `Start the engine, or remove ${layout(name).root} to forget the cluster.`,
        });
      }
      const { engine } = session;
      // What somebody made with k3d alone is his, whatever its name.
      const ours = known || (await listContainers(engine, clusterLabels(name), signal)).some(isHoists);
      if (!ours) return false;
      await removeCluster(engine, name, signal);
      await removeK3dState(layout(name));
      return true;
    },
    async list() {
      const session = await deps.docker();
      const found = 'why' in session ? [] : (await listContainers(session.engine, K3D)).filter(isHoists);
      const names = found.flatMap(({ labels }) => labels[CLUSTER] ?? []);
      return [...new Set([...(await knownNames(clusters)), ...names])];
    },
    async status(name, signal) {
      const session = await deps.docker();
      if (!('why' in session)) return clusterStatus(session.engine, name, layout(name), signal);
      return (await knownNames(clusters)).includes(name) ? unreachable(name, layout(name), session.why) : undefined;
    },
    async stop(name, signal) {
      const { engine } = await docker();
      const containers = await listContainers(engine, clusterLabels(name), signal);
      await Promise.all(containers.map(({ id }) => stopContainer(engine, id, STOP_SECONDS, signal)));
      return containers.some(isK3sNode);
    },
    kubeconfigFile: (name) => layout(name).kubeconfig,
  };
}

function isHoists({ labels }: Container): boolean {
  return labels[PLAN_LABEL] !== undefined;
}

async function knownNames(clusters: string): Promise<string[]> {
  const entries = await readdir(clusters, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
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
