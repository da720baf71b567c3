// The k3d provider: real nodes as containers, with everything that does not depend on each other done at once.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, CreationError } from '../../base/errors.ts';
import { isClusterName } from '../../base/names.ts';
import { type Container, listContainers, stopContainer } from '../../docker/containers.ts';
import { DockerUnreachableError } from '../../docker/docker-errors.ts';
import { findImage } from '../../docker/images.ts';
import type { DockerSession, NoEngine } from '../../docker/session.ts';
import { stateHome } from '../../host/paths.ts';
import { fail, type Finding } from '../../host/preflight/finding.ts';
import type { ClusterPlan } from '../../plan/plan.ts';
import {
  type CachesRemoved,
  type ClusterStatus,
  contextName,
  type OfflineImages,
  type PreparedCluster,
  type Provider,
  type Removed,
  type Resumption,
  type Snapshots,
  type Stopped,
} from '../provider.ts';
import type { K3dTools } from './context.ts';
import { describe } from './describe.ts';
import { checkAll } from './doctor.ts';
import { clusterSteps, imagesFor } from './steps.ts';
import { engineHas, giveEngine, imageArchives } from './offline/images.ts';
import { PLAN_LABEL } from './plan/identity.ts';
import { inspectCluster } from './inspect.ts';
import { CLUSTER, clusterLabels, K3D, nodesOf } from './nodes/labels.ts';
import { prepareRun } from './prepare-run.ts';
import { removeUnusedCaches } from './caches/remove-caches.ts';
import { removeCluster } from './remove.ts';
import { resumption } from './resume.ts';
import type { K3dRun } from './run.ts';
import { k3dSnapshots } from './snapshot/snapshots.ts';
import { SnapshotStore } from '../snapshots/store.ts';
import { clusterStatus } from './status.ts';
import { planWithoutEngine } from './without-engine.ts';
import { type K3dLayout, layoutOf, readK3dState, removeK3dState } from './state.ts';

const NO_ENGINE_HINT = 'Start Docker, or take another provider.';
/** Seconds that nodes get to end by themselves: k3d's entrypoint drains a server first. */
const STOP_SECONDS = 10;
/** States of containers in which nothing runs. */
const STILL: readonly string[] = ['created', 'exited', 'dead'];

export interface K3dDeps extends K3dTools {
  docker: () => Promise<DockerSession | NoEngine>;
}

export function k3dProvider(deps: K3dDeps): Required<Provider> {
  return new K3dProvider(deps);
}

class K3dProvider implements Required<Provider> {
  readonly name = 'k3d';
  readonly #deps: K3dDeps;
  /** One folder for each cluster that was made from this machine. */
  readonly #clusters: string;

  readonly snapshots: Snapshots;

  constructor(deps: K3dDeps) {
    this.#deps = deps;
    const home = stateHome(deps.tools.env);
    this.#clusters = join(home, 'k3d');
    this.snapshots = k3dSnapshots({
      store: new SnapshotStore(home),
      layout: (name) => this.#layout(name),
      engineWith: async (name) => (await this.#engineWith(name))?.engine,
      resume: async (name, from) =>
        resumption({ name, layout: this.#layout(name), from }, await this.#docker(), this.#deps),
    });
  }

  async prepare(plan: ClusterPlan, { onlyShow = false }: { onlyShow?: boolean } = {}): Promise<PreparedCluster> {
    const layout = this.#layout(plan.name);
    const session = await this.#deps.docker();
    if (onlyShow && 'why' in session) return planWithoutEngine(plan, layout, session, this.#deps);
    const run = await prepareRun(plan, layout, await this.#docker(), this.#deps);
    return {
      inspect: () => inspectCluster(run.docker.engine, run.plan.name, run.identity, run.layout),
      describe: (situation) => describe(run, situation),
      steps: (inputs) => clusterSteps(run, inputs, this.#deps.tools),
    };
  }

  async preflight(plan: ClusterPlan, signal: AbortSignal): Promise<Finding[]> {
    const session = await this.#deps.docker();
    if ('why' in session) return [fail('engine', session.why, session.hint ?? NO_ENGINE_HINT)];
    const prepare = (): Promise<K3dRun> => prepareRun(plan, this.#layout(plan.name), session, this.#deps);
    return checkAll(plan, { session, tools: this.#deps.tools, prepare }, signal);
  }

  async missingImages(plan: ClusterPlan): Promise<readonly string[]> {
    const session = await this.#deps.docker();
    if ('why' in session) return [];
    try {
      const run = await prepareRun(plan, this.#layout(plan.name), session, this.#deps);
      const images = (await imagesFor(run, this.#deps.tools)).map(({ name }) => name);
      const found = await Promise.all(images.map((image) => findImage(session.engine, image)));
      return images.filter((_, i) => found[i] === undefined);
    } catch (error) {
      // `preflight` reports what is wrong with the settings.
      if (error instanceof ConfigError) return [];
      throw error;
    }
  }

  /** What an offline bundle keeps of a cluster, and gives to the engine. */
  readonly offline: OfflineImages = {
    archives: async (plan, signal) => {
      const run = await prepareRun(plan, this.#layout(plan.name), await this.#docker(), this.#deps);
      return imageArchives(run, this.#deps.tools, signal);
    },
    has: async (packed, signal) => engineHas((await this.#docker()).engine, packed, signal),
    load: async (packed, signal) => giveEngine((await this.#docker()).engine, packed, signal),
  };

  async remove(name: string, signal?: AbortSignal): Promise<Removed> {
    const session = await this.#engineWith(name);
    if (session !== undefined) await removeCluster(session.engine, name, signal);
    await removeK3dState(this.#layout(name));
    return session !== undefined;
  }

  async list(): Promise<string[]> {
    const session = await this.#deps.docker();
    const found = 'why' in session ? [] : (await listContainers(session.engine, K3D)).filter(isHoists);
    const names = found.flatMap(({ labels }) => labels[CLUSTER] ?? []);
    // Labels may hold any value that a user gave a container.
    return [...new Set([...(await this.#knownNames()), ...names.filter(isClusterName)])];
  }

  async status(name: string, signal?: AbortSignal): Promise<ClusterStatus | undefined> {
    const session = await this.#deps.docker();
    const layout = this.#layout(name);
    if (!('why' in session)) return clusterStatus(session.engine, name, layout, signal);
    return (await this.#knownNames()).includes(name) ? unreachable(name, layout, session.why) : undefined;
  }

  async stop(name: string, signal?: AbortSignal): Promise<Stopped | undefined> {
    const session = await this.#engineWith(name);
    if (session === undefined) return undefined;
    const { engine } = session;
    const containers = await listContainers(engine, clusterLabels(name), signal);
    const running = containers.filter(({ state }) => !STILL.includes(state));
    await Promise.all(running.map(({ id }) => stopContainer(engine, id, STOP_SECONDS, signal)));
    return running.length > 0 ? 'stopped' : 'already';
  }

  async resume(name: string): Promise<Resumption | undefined> {
    const session = await this.#engineWith(name);
    return session && resumption({ name, layout: this.#layout(name) }, session, this.#deps);
  }

  async removeCaches(signal?: AbortSignal): Promise<CachesRemoved> {
    const { engine } = await this.#docker();
    const remembered = async (name: string): Promise<readonly string[]> =>
      (await readK3dState(this.#layout(name)))?.caches ?? [];
    return removeUnusedCaches(engine, remembered, signal);
  }

  kubeconfigFile(name: string): string {
    return this.#layout(name).kubeconfig;
  }

  logsFolder(name: string): string {
    return this.#layout(name).diagnostics;
  }

  #layout(name: string): K3dLayout {
    return layoutOf(this.#clusters, name);
  }

  /** @throws DockerUnreachableError where there is no engine. */
  async #docker(): Promise<DockerSession> {
    const session = await this.#deps.docker();
    if ('why' in session) throw new DockerUnreachableError(session.why, { hint: session.hint ?? NO_ENGINE_HINT });
    return session;
  }

  /**
   * The engine, where it has a cluster of this name that is hoist's: one that was made with k3d alone is not.
   * @throws CreationError where such a cluster is unreachable.
   */
  async #engineWith(name: string): Promise<DockerSession | undefined> {
    const session = await this.#deps.docker();
    const known = (await this.#knownNames()).includes(name);
    if ('why' in session) {
      if (!known) return undefined;
      throw new CreationError(`the cluster "${name}" is unreachable: ${session.why}`, {
        hint: `Start the engine, or remove ${this.#layout(name).root} to forget the cluster.`,
      });
    }
    const nodes = await nodesOf(session.engine, name);
    // A name is known from a creation that failed, too: nodes that are there now may still be someone else's.
    const ours = nodes.length === 0 ? known : nodes.some(isHoists);
    return ours ? session : undefined;
  }

  async #knownNames(): Promise<string[]> {
    const entries = await readdir(this.#clusters, { withFileTypes: true }).catch(() => []);
    return entries.filter((entry) => entry.isDirectory() && isClusterName(entry.name)).map((entry) => entry.name);
  }
}

function isHoists({ labels }: Container): boolean {
  return labels[PLAN_LABEL] !== undefined;
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
