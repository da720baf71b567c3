// Brings a cluster up: plan, lock, one run of the engine, record.

import { createHash } from 'node:crypto';
import type { RunRecord, Subscriber } from '../engine/event.ts';
import { runSteps } from '../engine/run.ts';
import type { Step } from '../engine/step.ts';
import { UsageError } from '../base/errors.ts';
import { stringifyExact } from '../kube/manifests/exact-json.ts';
import { userKubeconfig } from '../kube/kubeconfig/kubeconfig.ts';
import type { Plan } from '../plan/plan.ts';
import {
  type Access,
  NODE_IMAGES_STEP,
  type PreparedCluster,
  type Situation,
  contextName,
  createAccess,
  type StepInputs,
} from '../providers/provider.ts';
import { ownSteps, withHooks } from '../services/custom/own-steps.ts';
import { inputsOf } from '../services/helm/inputs.ts';
import { surroundingParts } from '../services/helm/implied/parts.ts';
import { readyStep, releaseStep } from '../services/helm/service.ts';
import { type HelmSteps, helmSteps } from '../services/helm/releases/release-steps.ts';
import { serviceSteps } from '../services/service-steps.ts';
import type { ClusterContext } from '../context.ts';
import { withClusterLock } from './cluster-lock.ts';
import { mergeStep } from './merge-step.ts';
import type { BundleImages } from './bundle/images.ts';
import type { Prepared } from './prepare-cluster.ts';
import { workOf } from './work.ts';

export interface UpOptions {
  recreate: boolean;
  /** A snapshot that a new cluster begins with. */
  from?: string | undefined;
  /** Images of an offline bundle. */
  images?: BundleImages | undefined;
  signal: AbortSignal;
  subscribers: readonly Subscriber[];
  /** One line for the user, before the run starts. */
  say: (line: string) => void;
  /** Called with what was found before the run starts. */
  onFound?: (found: Situation['kind']) => void;
}

export interface UpResult {
  run: RunRecord;
  situation: Situation;
  /** How many objects were created, configured or left unchanged. */
  objects: Readonly<Record<string, number>>;
  /** How many releases were installed or upgraded. */
  releases: Readonly<Record<string, number>>;
  server: string;
  context: string;
  kubeconfig: string;
}

/** Runs with the same hash do the same work: the plan, and all that is applied. */
export function planHash(prepared: Prepared): string {
  const { plan, loaded, clusterResources, namespaceResources, manifests } = prepared;
  const { cluster, namespaces, secrets, pools } = plan;
  const { hooks } = loaded.settings;
  const own = prepared.ownSteps.map(({ name, digest }) => ({ name, digest }));
  const releases = prepared.services.list.map((service) => {
    const { ref, version, local } = service;
    // Whether a chart was fetched before says nothing about the work.
    return [ref, version, inputsOf(service, local)];
  });
  // The name says nothing about the work.
  const nodes = cluster.nodes.map(({ role, cpus, memoryBytes }) => ({ role, cpus, memoryBytes }));
  const objects = [clusterResources, namespaceResources, manifests].map((list) => list.map((m) => m.object));
  // That it was confirmed says nothing about the work either.
  const existing = cluster.existing?.context;
  const work = { ...cluster, name: '', nodes, existing, namespaces, secrets, pools, objects, hooks, own, releases };
  return createHash('sha256').update(stringifyExact(work)).digest('hex').slice(0, 12);
}

/** @throws StepsFailedError and what else `runSteps` throws; UsageError where a different cluster is in the way. */
export async function up(prepared: Prepared, options: UpOptions, wiring: ClusterContext): Promise<UpResult> {
  const { plan } = prepared;
  return withClusterLock(plan.cluster.name, options, wiring, async () => {
    const provider = await wiring.provider(plan.cluster.provider);
    if (options.from !== undefined && provider.snapshots?.forNew !== true) throw noSnapshots(provider.name);
    if (options.images && provider.offline) await options.images.load(provider.offline, options);
    const cluster = await provider.prepare(plan.cluster);
    const situation = await cluster.inspect();
    if (situation.kind === 'different' && !options.recreate) throw different(plan.cluster.name, situation);
    options.onFound?.(situation.kind);
    const access = createAccess();
    try {
      const objects: Record<string, number> = {};
      const releases: Record<string, number> = {};
      const counted = (counts: Record<string, number>) => (outcome: string) =>
        void (counts[outcome] = (counts[outcome] ?? 0) + 1);
      const kubeconfig = provider.kubeconfigFile(plan.cluster.name);
      const { steps, subscriber } = await allSteps(
        prepared,
        {
          cluster,
          situation,
          from: options.from,
          nodeImages: options.images?.forNodes,
          access,
          kubeconfig,
          onObject: counted(objects),
          onRelease: counted(releases),
        },
        wiring,
      );
      const run = await runSteps(steps, {
        pools: plan.pools,
        signal: options.signal,
        timeoutMs: plan.timeoutMs,
        subscribers: [...options.subscribers, subscriber],
        clock: wiring.clock,
      });
      return {
        run,
        situation,
        objects,
        releases,
        server: access.connection().server,
        context: contextOf(plan),
        kubeconfig,
      };
    } finally {
      access.close();
    }
  });
}

export interface RunInputs {
  cluster: PreparedCluster;
  situation: Situation;
  /** A snapshot that a new cluster begins with. */
  from?: string | undefined;
  nodeImages?: StepInputs['nodeImages'];
  access: Access;
  /** Path of the cluster's own kubeconfig. */
  kubeconfig: string;
  /** Called for each object with what became of it: `created`, `configured`, `unchanged`. */
  onObject: (outcome: string) => void;
  /** Called for each release that is not left as it is: `installed`, `upgraded`. */
  onRelease: (outcome: string) => void;
}

/** The steps of `up`, in the order in which the plan shows them, and what must subscribe to their run. */
export async function allSteps(
  prepared: Prepared,
  { cluster, situation, from, nodeImages, access, kubeconfig, onObject, onRelease }: RunInputs,
  wiring: Pick<ClusterContext, 'env' | 'cwd' | 'exec' | 'tools'>,
): Promise<{ steps: Step[]; subscriber: Subscriber; releases: Pick<HelmSteps, 'edges' | 'unknown'> }> {
  const { plan, loaded, secrets } = prepared;
  const { healthTimeoutMs } = plan;
  const { name } = plan.cluster;
  const releases = await helmSteps({
    services: prepared.services,
    surroundings: surroundingParts({ ...prepared, namespaces: plan.namespaces, secrets: secrets.secrets }),
    client: () => access.client(),
    onRelease: (outcome) => onRelease(outcome),
    cluster: name,
    kubeconfig,
    exec: wiring.exec,
    tools: wiring.tools,
  });
  const making = await cluster.steps({
    access,
    situation,
    from,
    nodeImages,
    healthTimeoutMs,
    work: workOf(prepared),
    images: releases.images,
  });
  const services = serviceSteps({
    client: () => access.client(),
    namespaces: plan.namespaces,
    secrets: secrets.secrets,
    clusterResources: prepared.clusterResources,
    namespaceResources: prepared.namespaceResources,
    manifests: prepared.manifests,
    healthTimeoutMs,
    onConflict: loaded.settings.onConflict,
    withoutWebhooks: prepared.withoutWebhooks,
    onResult: ({ outcome }) => onObject(outcome),
  });
  const merge = mergeOf(prepared, access, wiring);
  const ours = [...making, ...(merge ? [merge] : [])];
  const withImages = afterImages(making);
  ours.push(
    ...services.map(releases.connect).map(withImages),
    ...releases.steps.map(afterProvisioning(prepared.services.list, making)).map(withImages),
  );
  const surroundings = { cwd: wiring.cwd, env: { ...wiring.env, KUBECONFIG: kubeconfig } };
  const { namespaces } = plan;
  const custom = ownSteps(prepared.ownSteps, ours, {
    ...surroundings,
    kubeconfig,
    context: contextOf(plan),
    cluster: name,
    namespaces,
  });
  return { ...withHooks([...ours, ...custom], loaded.settings.hooks, surroundings), releases };
}

/** undefined where the user's kubeconfig stays as it is. */
function mergeOf(
  { plan, loaded: { settings } }: Prepared,
  access: Access,
  { env }: Pick<ClusterContext, 'env'>,
): Step | undefined {
  // A config in k3d's own format may ask for the same as the settings.
  const native = plan.cluster.k3d?.native?.tree.options?.kubeconfig;
  // The context of an existing cluster is the user's own.
  const merges =
    settings.mergeKubeconfig && native?.updateDefaultKubeconfig !== false && plan.cluster.existing === undefined;
  const setCurrent = settings.switchContext && native?.switchCurrentContext !== false;
  return merges
    ? mergeStep(plan.cluster.name, userKubeconfig(env, settings.kubeconfig), access, setCurrent)
    : undefined;
}

/**
 * A release may have hooks that run pods, and its readiness has a deadline: where components are still to be downloaded
 * or built, their time begins only when those are there.
 */
function afterProvisioning(services: readonly { name: string }[], cluster: readonly Step[]): (step: Step) => Step {
  const provisioning = cluster.filter(({ provision }) => provision).map(({ name }) => name);
  const more = new Map<string, readonly string[]>([
    ...services.map(({ name }) => [releaseStep(name), provisioning] as const),
    ...services.map(({ name }) => [readyStep(name), ['nodes']] as const),
  ]);
  return (step) => ({ ...step, needs: [...(step.needs ?? []), ...(more.get(step.name) ?? [])] });
}

/** A pod whose image comes a second later fails first, and is tried again only after ten. */
function afterImages(cluster: readonly Step[]): (step: Step) => Step {
  if (!cluster.some(({ name }) => name === NODE_IMAGES_STEP)) return (step) => step;
  return (step) =>
    /^(resources(\/.*)?|manifests|release\/[^/]+)$/.test(step.name)
      ? { ...step, needs: [...(step.needs ?? []), NODE_IMAGES_STEP] }
      : step;
}

function contextOf({ cluster: { name, existing } }: Plan): string {
  return existing?.context ?? contextName(name);
}

function noSnapshots(provider: string): UsageError {
  return new UsageError(`clusters of the provider ${provider} cannot begin with a snapshot`, {
    hint:
      provider === 'k3d'
        ? 'A snapshot of a k3d cluster is restored into that one: `hoist snapshot restore`.'
        : 'Clusters of the provider embedded can: `--provider embedded`.',
  });
}

function different(name: string, { differences }: Situation & { kind: 'different' }): UsageError {
  const lines = differences.map((d) => `  ${d.what}: is ${d.have}, would be ${d.want}`);
  return new UsageError(`cluster "${name}" already exists with different settings:\n${lines.join('\n')}`, {
    hint: '`--recreate` deletes and recreates it, its data included; otherwise run `up` with its original settings.',
  });
}
