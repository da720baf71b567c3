// Reads from the cluster which releases are there: helm keeps them in secrets, whose labels say what counts.

import type { KubeClient } from '../../../kube/client/client.ts';
import type { KubeObject } from '../../../kube/object.ts';

// The secrets hold whole charts; their labels alone are a hundredth of that.
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** Labels that hoist gives a release, beside helm's own. */
export const INPUTS_LABEL = 'hoist-inputs';
export const REVISION_LABEL = 'hoist-revision';

/** The newest revision of a release. */
export interface ReleaseState {
  revision: number;
  /** As helm calls it: `deployed`, `failed`, `pending-install` … */
  status: string;
  /** What hoist made this very revision from; undefined where someone else made it. */
  inputs: string | undefined;
  /** ISO 8601; when helm wrote it last. */
  since: string | undefined;
  /** The newest revision that was deployed well; undefined where there is none. */
  lastGood: number | undefined;
  /** Of helm's record of it, as it stands: what has the same ids has the same content. */
  record?: RecordId | undefined;
}

export interface RecordId {
  uid: string;
  resourceVersion: string;
}

export function recordIdOf({ metadata: { uid = '', resourceVersion = '' } }: KubeObject): RecordId {
  return { uid, resourceVersion };
}

/** By `namespace/name`. */
export type ReleaseStates = ReadonlyMap<string, ReleaseState>;

/** All releases of the cluster, by one request. @throws KubeApiError */
export async function listReleases(client: KubeClient, signal: AbortSignal): Promise<ReleaseStates> {
  const list = await client.json<{ items: KubeObject[] | null }>({
    path: '/api/v1/secrets',
    query: { labelSelector: 'owner=helm' },
    accept: METADATA_ONLY,
    signal,
    attempts: 3,
  });
  const states = new Map<string, ReleaseState>();
  // Of an empty list, this form has no items at all.
  for (const item of list.items ?? []) {
    const { metadata } = item;
    const { labels = {}, namespace = '', creationTimestamp } = metadata;
    const { name = '', status = '', version = '', modifiedAt } = labels as Partial<Record<string, string>>;
    const key = `${namespace}/${name}`;
    const revision = Number(version);
    const known = states.get(key);
    const good = status === 'deployed' || status === 'superseded' ? [revision] : [];
    const lastGood = Math.max(known?.lastGood ?? 0, ...good) || undefined;
    if (known && known.revision > revision) {
      states.set(key, { ...known, lastGood });
      continue;
    }
    const since = modifiedAt === undefined ? creationTimestamp : new Date(Number(modifiedAt) * 1000).toISOString();
    // Helm hands labels on to later revisions, also to those that hoist did not make.
    const own = labels[REVISION_LABEL] === version;
    states.set(key, {
      revision,
      status,
      inputs: own ? labels[INPUTS_LABEL] : undefined,
      since,
      lastGood,
      record: recordIdOf(item),
    });
  }
  return states;
}
