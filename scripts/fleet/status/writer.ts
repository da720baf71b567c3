// Writes what became of clusters to the hub: one status write for a pass that changed something, and the time of the look.

import { parseAnswer, type KubeClient, type KubeRequest } from '../../kube/client/client.ts';
import type { KubeObject } from '../../kube/object.ts';
import { clusterSyncPath, leasePath, ONE_OBJECT_MAX } from '../hub/paths.ts';
import { metadataOnly } from '../ladder/listed.ts';
import type { PassResult } from '../pass/result.ts';
import type { FleetCluster } from '../targets/types.ts';
import { type ClusterSyncStatus, nextStatus, readStatus, type SetStatus } from './cluster-sync.ts';

const INTERNAL = 'hiveinternal.openshift.io/v1alpha1';

interface Known {
  uid: string;
  resourceVersion: string;
  status: ClusterSyncStatus;
}

export interface Written {
  /** Sets that were applied for the first time, as `Kind/name`, and the first time that all of them are. */
  firstSuccesses: readonly string[];
  allForTheFirstTime: boolean;
}

export class StatusWriter {
  /** What the hub has, by cluster: read once, then known, since no one else writes it. */
  readonly #known = new Map<string, Known>();

  constructor(
    readonly client: KubeClient,
    readonly options: {
      now: () => Date;
      replica?: number | undefined;
      /** Whether sets that are gone stay in the status. */
      keeps?: (() => boolean) | undefined;
    },
  ) {}

  /** What was applied last, by set kind and name: nothing older is to be applied again. */
  async applied(cluster: FleetCluster, signal: AbortSignal): Promise<ReadonlyMap<string, SetStatus>> {
    const { status } = await this.#of(cluster, signal);
    return appliedOf(status);
  }

  /** The same without making a ClusterSync where there is none. */
  async given(cluster: FleetCluster, signal: AbortSignal): Promise<ClusterSyncStatus> {
    const known = this.#known.get(cluster.id);
    if (known !== undefined) return known.status;
    const request = statusRequest(cluster, signal);
    const response = await this.client.request(request);
    return response.status === 404 ? {} : readStatus(parseAnswer(request, response) as KubeObject);
  }

  /** @throws KubeApiError, KubeConnectionError; the pass counts all the same, and the next one writes it. */
  async write(cluster: FleetCluster, result: PassResult, signal: AbortSignal): Promise<Written> {
    const known = await this.#of(cluster, signal);
    if (result.error !== undefined) return NOTHING_NEW;
    const written = await this.#next(cluster, known, result, signal);
    if (written !== undefined) return written;
    // It was written by another process since it was read, which may know more.
    this.#known.delete(cluster.id);
    const fresh = await this.#of(cluster, signal);
    const applied = appliedOf(fresh.status);
    const isBehind = result.sets.some(({ kind, name, generation }) => {
      const before = appliedOf(known.status).get(`${kind}/${name}`)?.observedGeneration ?? 0;
      return (applied.get(`${kind}/${name}`)?.observedGeneration ?? 0) > Math.max(generation, before);
    });
    return isBehind ? NOTHING_NEW : ((await this.#next(cluster, fresh, result, signal)) ?? NOTHING_NEW);
  }

  /** Undefined where another process has written it since it was read. */
  async #next(
    cluster: FleetCluster,
    known: Known,
    result: PassResult,
    signal: AbortSignal,
  ): Promise<Written | undefined> {
    const now = this.options
      .now()
      .toISOString()
      .replace(/\.\d+Z$/, 'Z');
    const status = nextStatus(known.status, result, {
      now,
      replica: this.options.replica,
      keeps: this.options.keeps?.(),
    });
    if (JSON.stringify(status) !== JSON.stringify(known.status)) {
      const resourceVersion = await this.#patch(cluster, known, status, signal);
      if (resourceVersion === undefined) return undefined;
      if (resourceVersion !== '') this.#known.set(cluster.id, { ...known, status, resourceVersion });
    }
    return news(known.status, status);
  }

  /** Notes that the cluster was looked at as a whole. */
  async renew(cluster: FleetCluster, signal: AbortSignal): Promise<void> {
    const { uid } = await this.#of(cluster, signal);
    await this.client.json({
      method: 'PATCH',
      path: leasePath(cluster.namespace, cluster.name),
      query: { fieldManager: 'hoist-sync', force: true },
      contentType: 'application/apply-patch+yaml',
      body: {
        apiVersion: INTERNAL,
        kind: 'ClusterSyncLease',
        metadata: {
          name: cluster.name,
          namespace: cluster.namespace,
          ownerReferences: [owner('ClusterSync', cluster.name, uid)],
        },
        spec: { renewTime: this.options.now().toISOString().replace('Z', '000Z') },
      },
      signal,
    });
  }

  forget(id: string): void {
    this.#known.delete(id);
  }

  async #of(cluster: FleetCluster, signal: AbortSignal): Promise<Known> {
    const known = this.#known.get(cluster.id);
    if (known !== undefined) return known;
    const request = statusRequest(cluster, signal);
    const response = await this.client.request(request);
    const found =
      response.status === 404 ? await this.#create(cluster, signal) : (parseAnswer(request, response) as KubeObject);
    const { uid = '', resourceVersion = '' } = found.metadata;
    const read = { uid, resourceVersion, status: readStatus(found) };
    this.#known.set(cluster.id, read);
    return read;
  }

  #create({ namespace, name, uid }: FleetCluster, signal: AbortSignal): Promise<KubeObject> {
    const ownerReferences = [{ ...owner('ClusterDeployment', name, uid), apiVersion: 'hive.openshift.io/v1' }];
    return this.client.json<KubeObject>({
      method: 'POST',
      path: clusterSyncPath(namespace),
      body: { apiVersion: INTERNAL, kind: 'ClusterSync', metadata: { name, namespace, ownerReferences }, spec: {} },
      signal,
    });
  }

  /** The new version; empty where it was deleted, undefined where another process has written it. */
  async #patch(
    cluster: FleetCluster,
    { status: before, resourceVersion }: Known,
    status: ClusterSyncStatus,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    // A merge patch removes only what it names.
    const gone = Object.fromEntries(
      Object.keys(before)
        .filter((key) => !(key in status))
        .map((key) => [key, null]),
    );
    const request: KubeRequest = {
      method: 'PATCH',
      path: `${clusterSyncPath(cluster.namespace, cluster.name)}/status`,
      query: { fieldManager: 'hoist-sync' },
      contentType: 'application/merge-patch+json',
      accept: metadataOnly,
      body: { metadata: { resourceVersion }, status: { ...gone, ...status } },
      signal,
    };
    const response = await this.client.request(request);
    if (response.status === 409) return undefined;
    // People delete it to have everything applied again: it is then made again, by the next pass.
    if (response.status === 404) {
      this.#known.delete(cluster.id);
      return '';
    }
    return (parseAnswer(request, response) as KubeObject).metadata.resourceVersion ?? '';
  }
}

function statusRequest({ namespace, name }: FleetCluster, signal: AbortSignal): KubeRequest {
  return { path: clusterSyncPath(namespace, name), maxChars: ONE_OBJECT_MAX, signal };
}

const NOTHING_NEW: Written = { firstSuccesses: [], allForTheFirstTime: false };

function appliedOf({ syncSets = [], selectorSyncSets = [] }: ClusterSyncStatus): ReadonlyMap<string, SetStatus> {
  const entries = (kind: string, list: readonly SetStatus[]): [string, SetStatus][] =>
    list.map((one) => [`${kind}/${one.name}`, one]);
  return new Map([...entries('SyncSet', syncSets), ...entries('SelectorSyncSet', selectorSyncSets)]);
}

function owner(kind: string, name: string, uid: string): Record<string, unknown> {
  return { apiVersion: INTERNAL, kind, name, uid, blockOwnerDeletion: true };
}

function news(before: ClusterSyncStatus, now: ClusterSyncStatus): Written {
  const had = new Set(succeeded(before));
  return {
    firstSuccesses: succeeded(now).filter((name) => !had.has(name)),
    allForTheFirstTime: before.firstSuccessTime === undefined && now.firstSuccessTime !== undefined,
  };
}

function succeeded({ syncSets = [], selectorSyncSets = [] }: ClusterSyncStatus): string[] {
  const names = (kind: string, list: readonly SetStatus[]): string[] =>
    list.filter((one) => one.firstSuccessTime !== undefined).map((one) => `${kind}/${one.name}`);
  return [...names('SyncSet', syncSets), ...names('SelectorSyncSet', selectorSyncSets)];
}
