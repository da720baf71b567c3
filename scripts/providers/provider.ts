// What every way to a cluster offers: an inspection, steps, a status and an end.

import type { Step } from '../engine/step.ts';
import type { Finding } from '../host/preflight/finding.ts';
import type { KubeClient, KubeConnection } from '../kube/client/client.ts';
import type { ObjectRef } from '../kube/object.ts';
import type { ImageSource } from '../plan/image-source.ts';
import type { ClusterPlan } from '../plan/plan.ts';
import type { ProviderName } from '../plan/provider-name.ts';
import type { SnapshotManifest } from './snapshots/manifest.ts';

/** One thing in which the cluster that is there differs from the plan. */
export interface ClusterDifference {
  /** Like `nodes` or `controllerManager --kube-api-qps`. */
  what: string;
  have: string;
  want: string;
}

/** What `up` finds before it does anything. */
export type Situation =
  | { kind: 'absent' }
  /** It runs and is what the plan asks for. */
  | { kind: 'same' }
  /** It is what the plan asks for, but stopped or partly dead: its steps heal it with its data. */
  | { kind: 'damaged'; reasons: readonly string[] }
  | { kind: 'different'; differences: readonly ClusterDifference[] };

export interface ComponentStatus {
  name: string;
  ok: boolean;
  /** Like "running" or "ended", with the last line of its log where that helps. */
  detail: string;
  pid?: number | undefined;
  ageMs?: number | undefined;
}

export interface NodeStatus {
  name: string;
  role: string;
  ready: boolean;
  /** Why it is not ready. */
  why?: string | undefined;
}

export interface ClusterStatus {
  name: string;
  provider: ProviderName;
  state: 'running' | 'degraded' | 'stopped';
  server: string | undefined;
  context: string;
  createdAt: string;
  components: readonly ComponentStatus[];
  nodes: readonly NodeStatus[];
  ports: Readonly<Record<string, number>>;
  /** Its folder or whatever else holds its data. */
  location: string;
}

/** One value that a provider gives to the tools which make the cluster. */
export interface PlannedValue {
  /** As the tool calls it: `agents`, `env GOGC`. */
  name: string;
  value: string;
  /** `k3d.yaml:3:9`, the name of a setting, or why it was chosen. */
  source: string;
}

/** What `up` will do by way of the provider, for `up --plan`. */
export interface Description {
  /** A heading for the values. */
  title: string;
  values: readonly PlannedValue[];
  /** Command lines that make or start the cluster, in their order; empty where there is nothing to do. */
  commands: readonly string[];
}

/** What steps share during a run: the client, as soon as the API answers. */
export interface Access {
  /** @throws where a step uses it without needing `api`. */
  client(): KubeClient;
  /** What the client is connected with, credentials included. */
  connection(): KubeConnection;
  /** Called by the provider's `api` step. */
  open(client: KubeClient, connection: KubeConnection): void;
}

/** What the run does to the cluster beyond making it, as far as it is known before. */
export interface Work {
  objects: readonly ObjectRef[];
  namespaces: readonly string[];
  /** Namespaces that helm releases something in. */
  releaseNamespaces: readonly string[];
}

/** An archive of images that a cluster is made from, or that its nodes hold. */
export interface ImageArchive {
  into: 'engine' | 'nodes';
  images: readonly { name: string; digest: string }[];
  /** A tar archive, as it comes. */
  content(signal: AbortSignal): AsyncIterable<Buffer>;
}

/** The step that brings the images of an offline bundle into the nodes, where there is one. */
export const NODE_IMAGES_STEP = 'bundle/images';

/** Images from an offline bundle. */
export interface PackedImages {
  images: readonly { name: string; digest: string }[];
  /** Of the archive. */
  bytes: number;
  /** The archive, as it comes; read again each time. */
  content(): AsyncIterable<Buffer>;
}

/** Only where clusters are made from images. */
export interface OfflineImages {
  /**
   * All images that a cluster of this plan needs, found by looking at one that runs.
   * @throws UsageError where none runs
   */
  archives(plan: ClusterPlan, signal: AbortSignal): Promise<ImageArchive[]>;
  /** Whether the engine has all of them. */
  has(packed: PackedImages, signal: AbortSignal): Promise<boolean>;
  /** Gives them to the engine. */
  load(packed: PackedImages, signal: AbortSignal): Promise<void>;
}

export interface StepInputs {
  access: Access;
  situation: Situation;
  healthTimeoutMs: number;
  /** Defaults to none. */
  work?: Work | undefined;
  /** Defaults to none. */
  images?: readonly ImageSource[] | undefined;
  /** What an offline bundle has for the nodes; defaults to none. */
  nodeImages?: readonly PackedImages[] | undefined;
  /** A snapshot that a new cluster begins with. Only where the provider's snapshots are for new ones. */
  from?: string | undefined;
}

/** Whether there was a cluster to remove; and what of it is not hoist's to remove. */
export type Removed = boolean | { left: string };

/** What `stop` did: it ended what ran, or nothing did. */
export type Stopped = 'stopped' | 'already';

/** What became of the image caches that clusters share. */
export interface CachesRemoved {
  removed: readonly string[];
  /** Those that stay, with the clusters that use them. */
  inUse: readonly { name: string; clusters: readonly string[] }[];
}

/** A cluster that is there, and how it is started as it was made, whatever the settings say now. */
export interface Resumption {
  /** `same` where all of it runs; the steps then only put right what an engine's restart breaks. */
  situation: Situation;
  /** They end with the same three as those of `PreparedCluster.steps`. */
  steps(inputs: Pick<StepInputs, 'access' | 'healthTimeoutMs'>): Promise<Step[]>;
}

/** What a provider can do with all that a cluster holds. */
export interface Snapshots {
  /** Whether a new cluster can begin with one, under any name. */
  readonly forNew: boolean;
  /**
   * Keeps the content of a running cluster, as it is at one moment, under a name.
   * @returns undefined where there is no such cluster.
   * @throws UsageError where it does not run, or there is a snapshot of this name.
   */
  save(name: string, snapshot: string, signal: AbortSignal): Promise<SnapshotManifest | undefined>;
  /**
   * How a cluster gets the content of a snapshot: one that exists loses what it has, one that does not is made.
   * @throws UsageError where the snapshot does not fit.
   */
  restore(name: string, snapshot: SnapshotManifest): Promise<Resumption>;
}

/** A plan as its provider will carry it out; nothing is made yet. */
export interface PreparedCluster {
  /** Where a plan is only shown: why it is not known what there is. */
  unknown?: string;
  /** Looks, changes nothing. */
  inspect(): Promise<Situation>;
  /** Looks, changes nothing. */
  describe(situation: Situation): Promise<Description>;
  /** @throws ConfigError where the plan cannot be carried out, before anything is made. */
  steps(inputs: StepInputs): Promise<Step[]>;
}

/**
 * A provider's steps end with three that others may need: `api` (the API answers, `access` is open),
 * `kubeconfig` (the cluster's own kubeconfig file is written) and `nodes` (all of them are Ready).
 */
export interface Provider {
  readonly name: ProviderName;
  /**
   * Reads the files that the plan names, and decides all that can be decided before anything is made.
   * @param options.onlyShow the plan is shown and not carried out, so that what makes it need not be there.
   * @throws ConfigError where the plan cannot be carried out.
   */
  prepare(plan: ClusterPlan, options?: { onlyShow?: boolean }): Promise<PreparedCluster>;
  /** Looks at all that would make `up` fail later, at once; changes nothing, throws only for what is unexpected. */
  preflight(plan: ClusterPlan, signal: AbortSignal): Promise<Finding[]>;
  /** Images that the cluster itself is made from and that the engine does not have yet; none where that is not known. */
  missingImages?(plan: ClusterPlan): Promise<readonly string[]>;
  /** Removes the cluster with all its data; false where there was none. */
  remove(name: string, signal?: AbortSignal): Promise<Removed>;
  /** Ends what runs of a cluster, whose data stays; undefined where there is none. Only where clusters are hoist's. */
  stop?(name: string, signal?: AbortSignal): Promise<Stopped | undefined>;
  /**
   * Looks, changes nothing; undefined where there is no such cluster. Only where clusters are hoist's.
   * @throws CreationError where the existing cluster cannot be started.
   */
  resume?(name: string): Promise<Resumption | undefined>;
  readonly offline?: OfflineImages;
  /** Only where clusters are hoist's and their content can be kept. */
  readonly snapshots?: Snapshots;
  /**
   * Removes what clusters share, where none uses it any more. Only where clusters share something.
   * @throws HoistError where it is unreachable.
   */
  removeCaches?(signal?: AbortSignal): Promise<CachesRemoved>;
  /** Names of all clusters that it has made and that are still there, in whatever state. */
  list(): Promise<string[]>;
  /** undefined where there is no such cluster. */
  status(name: string, signal?: AbortSignal): Promise<ClusterStatus | undefined>;
  /** Path of the cluster's own kubeconfig. */
  kubeconfigFile(name: string): string;
  /** Folder with logs of what the cluster is made from; need not exist. Only where hoist keeps any. */
  logsFolder?(name: string): string;
}

/** The context that `up` gives a cluster in the user's kubeconfig. */
export function contextName(name: string): string {
  return `hoist-${name}`;
}

/** An `Access` that is open after the first call of `open`. */
export function createAccess(): Access & { close(): void } {
  let opened: { client: KubeClient; connection: KubeConnection } | undefined;
  const use = (): { client: KubeClient; connection: KubeConnection } => {
    if (!opened) throw new Error('the API is used before the step "api" has ended');
    return opened;
  };
  return {
    client: () => use().client,
    connection: () => use().connection,
    open(client, connection) {
      opened = { client, connection };
    },
    close: () => opened?.client.close(),
  };
}
