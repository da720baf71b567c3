// Settings and machine facts become the plan of a run: pure, no I/O.

import { K3S_KUBERNETES, PINS } from '../tools/pins.ts';
import type { NativeConfig } from '../settings/k3d/native.ts';
import type { SecretSetting, Settings } from '../settings/schema.ts';
import { nodeNames } from './node-names.ts';
import type { ProviderName } from './provider-name.ts';
import { type Machine, type SizingPolicy, sizeAgents, sizeConcurrency, sizeNode } from './sizing.ts';
import { type Argument, type Component, componentArguments, componentEnvironment } from './tuning.ts';

export interface PlannedNode {
  name: string;
  role: 'server' | 'agent';
  cpus: number;
  memoryBytes: number;
}

/** What the cluster itself is made from; a change here asks for a new cluster. */
export interface ClusterPlan {
  name: string;
  provider: ProviderName;
  /** Version of the control plane. */
  kubernetes: string;
  nodes: readonly PlannedNode[];
  components: Readonly<Record<Component, readonly Argument[]>>;
  /** Variables for the processes of all components; a cluster of an older hoist has none. */
  environment?: readonly Argument[] | undefined;
  /** `false` where the embedded provider is to let kube-apiserver make all of its own objects; not there otherwise. */
  seed?: false | undefined;
  /** What only the k3d provider uses; there where it makes the cluster. */
  k3d?: K3dSettings | undefined;
  /** What only the existing provider uses; there where the cluster is one of others. */
  existing?: ExistingPlan | undefined;
}

/** Which cluster is meant, and who may say so. */
export interface ExistingPlan {
  context: string | undefined;
  /** Paths as in KUBECONFIG; defaults to the usual ones. */
  kubeconfig: string | undefined;
  /** Patterns of servers that may be worked on without a further word. */
  allow: readonly string[];
  /** The context that the user has confirmed. */
  confirmed: string | undefined;
  /** Where in a settings file the kubeconfig is named; undefined where the user's own, or named by flag or env variable. */
  kubeconfigFrom?: string | undefined;
}

/** The settings as they were parsed, with the file of k3d's own format that they name. */
export type K3dSettings = Settings['k3d'] & { sizing: SizingPolicy; native?: NativeConfig | undefined };

export interface Plan {
  cluster: ClusterPlan;
  /** Why this provider. */
  providerReason: string;
  /** Computed values, each with its reason, by setting name. */
  computed: Readonly<Record<string, { value: number; reason: string }>>;
  /** Slots of the engine's pools. */
  pools: Readonly<Record<string, number>>;
  namespaces: readonly string[];
  secrets: readonly SecretSetting[];
  resources: { cluster: readonly string[]; eachNamespace: readonly string[] };
  manifests: readonly string[];
  timeoutMs: number;
  healthTimeoutMs: number;
  concurrency: number;
}

export interface ProviderChoice {
  name: ProviderName;
  reason: string;
  /** The context of an existing cluster that the user has confirmed. */
  confirmed?: string | undefined;
  /** Where a settings file names the kubeconfig. */
  kubeconfigFrom?: string | undefined;
}

/** @param native the file that `k3d.config` names; how many nodes it asks for beats the settings. */
export function makePlan(settings: Settings, machine: Machine, provider: ProviderChoice, native?: NativeConfig): Plan {
  const sizing = sizeAgents(machine, settings.sizing);
  const concurrency = sizeConcurrency(machine);
  const given = native?.tree.agents ?? settings.agents;
  const agents = given ?? sizing.agents;
  const pools = poolsOf(settings, machine);
  const k3d = provider.name === 'k3d';
  const servers = k3d ? (native?.tree.servers ?? settings.k3d.servers) : 1;
  const node = sizeNode(machine, servers + agents);
  const cluster: ClusterPlan = {
    name: settings.name,
    provider: provider.name,
    kubernetes: k3d ? K3S_KUBERNETES : PINS['kube-apiserver'].version,
    nodes: nodeNames(k3d ? 'k3d' : 'hoist', settings.name, { servers, agents }).map((named) => ({ ...named, ...node })),
    components: componentArguments(provider.name, settings.tuning, settings.componentArgs),
    environment: componentEnvironment(provider.name, settings.tuning, machine.memoryBytes),
    ...(provider.name === 'embedded' && !settings.embedded.seed ? { seed: false as const } : {}),
    ...(k3d ? { k3d: { ...settings.k3d, sizing: settings.sizing, native } } : {}),
  };
  const existing = provider.name === 'existing';
  return {
    cluster: existing ? { ...cluster, ...existingCluster(settings, provider) } : cluster,
    providerReason: provider.reason,
    computed: {
      ...(given === undefined && !existing ? { agents: { value: agents, reason: sizing.reason } } : {}),
      ...(settings.concurrency === undefined ? { concurrency: { value: pools.work, reason: concurrency.reason } } : {}),
    },
    pools,
    namespaces: settings.namespaces,
    secrets: settings.secrets,
    resources: settings.resources,
    manifests: settings.manifests,
    timeoutMs: settings.timeout,
    healthTimeoutMs: settings.healthTimeout,
    concurrency: pools.work,
  };
}

/** How many nodes of a role a cluster has. */
export function countNodes({ nodes }: Pick<ClusterPlan, 'nodes'>, role: PlannedNode['role']): number {
  return nodes.filter((node) => node.role === role).length;
}

/** Slots of the engine's pools. */
export function poolsOf(settings: Settings, machine: Machine): Record<'work' | 'download' | 'build', number> {
  const level = settings.concurrency ?? sizeConcurrency(machine).level;
  return {
    work: level,
    download: settings.k3d.concurrentDownloads ?? level,
    build: Math.max(1, Math.floor(machine.cpus / 2)),
  };
}

/** Nothing of a cluster of others is planned but which one it is. */
function existingCluster(
  { context, kubeconfig, existing: { allow } }: Settings,
  { confirmed, kubeconfigFrom }: ProviderChoice,
): Pick<ClusterPlan, 'kubernetes' | 'nodes' | 'components' | 'existing'> {
  const components = { etcd: [], apiserver: [], controllerManager: [], scheduler: [], kwok: [] };
  return {
    kubernetes: 'as it is',
    nodes: [],
    components,
    existing: { context, kubeconfig, allow, confirmed, kubeconfigFrom },
  };
}
