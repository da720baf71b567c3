// Lists what a cluster holds of a kind, metadata alone, and reads from it who owns which fields.

import type { KubeClient } from '../../kube/client/client.ts';
import { KubeConnectionError } from '../../kube/client/errors.ts';
import { listAll } from '../../kube/list.ts';
import type { ObjectMeta } from '../../kube/object.ts';
import { collectionPath, type Resource } from '../../kube/resources.ts';
import { FIELD_MANAGER, MANAGED_LABEL } from '../desired/names.ts';

export interface FieldsEntry {
  manager: string;
  operation: string;
  apiVersion?: string;
  time?: string;
  subresource?: string;
  fieldsType?: string;
  fieldsV1?: Record<string, unknown>;
}

export interface Listed {
  metadata: Omit<ObjectMeta, 'managedFields'> & { managedFields?: FieldsEntry[] };
}

const metadataList =
  'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1beta1,application/json';

/** For an answer that is one object. */
export const metadataOnly = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';

/** The object, if it has what is read of it. @throws KubeConnectionError where a server has answered with something else */
export function sound(object: unknown): Listed {
  const { metadata } = (object ?? {}) as { metadata?: Record<string, unknown> | null };
  const isText = (value: unknown): boolean => value === undefined || typeof value === 'string';
  const isSound =
    typeof metadata === 'object' &&
    metadata !== null &&
    isSegment(metadata['name']) &&
    (metadata['namespace'] === undefined || isSegment(metadata['namespace'])) &&
    isText(metadata['uid']) &&
    isText(metadata['resourceVersion']) &&
    isMappingOrNothing(metadata['annotations']) &&
    areEntries(metadata['managedFields']);
  if (isSound) return object as Listed;
  throw new KubeConnectionError('the answer holds something that is no Kubernetes object', 'NOT_KUBERNETES');
}

/** It becomes a part of addresses: behind a proxy, another path may be another cluster. */
export function isSegment(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value !== '.' && value !== '..' && !/[/%]/.test(value);
}

function isMappingOrNothing(value: unknown): boolean {
  return value === undefined || (typeof value === 'object' && !Array.isArray(value));
}

function areEntries(value: unknown): boolean {
  if (value === undefined) return true;
  const isEntry = (one: unknown): boolean =>
    typeof one === 'object' && one !== null && typeof (one as { manager?: unknown }).manager === 'string';
  return Array.isArray(value) && value.every(isEntry);
}

/** Characters of a page: a cluster that answers without end must not fill the memory that a thousand others share. */
const PAGE_CHARS = 32 * 2 ** 20;

/** Items of a page where 500 are too much at once; etcd takes no object of more than 1.5 MiB. */
const SMALL_PAGE = 20;

/** Everything of a kind that has hive's label. @throws as the client does */
export async function listManaged(
  client: Pick<KubeClient, 'json'>,
  resource: Resource,
  signal: AbortSignal,
): Promise<Listed[]> {
  const list = async (limit?: number): Promise<Listed[]> => {
    const { items } = await listAll<Listed>(client as KubeClient, {
      path: collectionPath(resource),
      query: { labelSelector: `${MANAGED_LABEL}=true` },
      accept: metadataList,
      signal,
      limit,
      maxChars: PAGE_CHARS,
    });
    return items.map(sound);
  };
  try {
    return await list();
  } catch (error) {
    if (!(error instanceof KubeConnectionError) || error.code !== 'TOO_LARGE') throw error;
    return list(SMALL_PAGE);
  }
}

/** What our own apply owns, as a text that is the same exactly where the fields are. */
export function ownFields(managedFields: readonly FieldsEntry[] | undefined): string | undefined {
  for (const entry of managedFields ?? []) {
    if (entry.manager === FIELD_MANAGER && entry.operation === 'Apply' && entry.subresource === undefined) {
      return `${entry.apiVersion ?? ''} ${JSON.stringify(entry.fieldsV1)}`;
    }
  }
  return undefined;
}

/** Managers by which hive and kubectl's client-side apply have written: what they own is taken over before the first apply. */
const predecessors = /^hive\d*-|^kubectl-client-side-apply$/;

export function hasPredecessor(managedFields: readonly FieldsEntry[] | undefined): boolean {
  return (managedFields ?? []).some(isPredecessor);
}

function isPredecessor({ manager, operation, subresource }: FieldsEntry): boolean {
  return operation === 'Update' && subresource === undefined && predecessors.test(manager);
}

/**
 * managedFields with what predecessors own moved into our own entry, so that what a set no longer has is removed by the next
 * apply; the way of client-go's csaupgrade.
 */
export function takenOver(managedFields: readonly FieldsEntry[], apiVersion: string): FieldsEntry[] {
  const moved = managedFields.filter(isPredecessor);
  const rest = managedFields.filter((entry) => !isPredecessor(entry));
  const isOwn = (entry: FieldsEntry): boolean => entry.manager === FIELD_MANAGER && entry.operation === 'Apply';
  const own = rest.find(isOwn);
  let fields = own?.fieldsV1 ?? {};
  for (const entry of moved) fields = union(fields, entry.fieldsV1 ?? {});
  const base = own ?? moved[0];
  const entry: FieldsEntry = {
    apiVersion: base?.apiVersion ?? apiVersion,
    ...(base?.time === undefined ? {} : { time: base.time }),
    fieldsType: 'FieldsV1',
    manager: FIELD_MANAGER,
    operation: 'Apply',
    fieldsV1: fields,
  };
  return [entry, ...rest.filter((one) => !isOwn(one))];
}

function union(a: Record<string, unknown>, b: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const other = out[key];
    out[key] =
      typeof other === 'object' && other !== null && typeof value === 'object' && value !== null
        ? union(other as Record<string, unknown>, value as Record<string, unknown>)
        : (other ?? value);
  }
  return out;
}

/** A number for an object at one version: equal where both are. Collisions: one in 2^52. */
export function versionNumber({ uid = '', resourceVersion = '' }: Pick<ObjectMeta, 'uid' | 'resourceVersion'>): number {
  const text = uid + resourceVersion;
  // Two rounds of FNV-1a with different offsets; a hash of node:crypto costs ten times as much for so short a text.
  let low = 0x811c9dc5;
  let high = 0x1b873593;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x85ebca6b);
  }
  return (high >>> 12) * 2 ** 32 + (low >>> 0);
}
