// What a sync set is: hive's SyncSet and SelectorSyncSet with their defaults filled in.

import type { LabelSelector } from './selector.ts';

export type SetKind = 'SyncSet' | 'SelectorSyncSet';

/** What happens to objects that the set no longer holds: left alone, or deleted. */
export type ApplyMode = 'Upsert' | 'Sync';

export type ApplyBehavior = 'Apply' | 'CreateOnly' | 'CreateOrUpdate';

export type PatchType = 'json' | 'merge' | 'strategic';

export interface SetPatch {
  apiVersion: string;
  kind: string;
  name: string;
  namespace?: string | undefined;
  /** JSON, or a template of it. */
  patch: string;
  patchType: PatchType;
}

export interface SecretRef {
  name: string;
  namespace?: string | undefined;
}

export interface SecretMapping {
  sourceRef: SecretRef;
  targetRef: SecretRef;
}

export interface SyncSet {
  kind: SetKind;
  /** Of a SyncSet alone. */
  namespace?: string | undefined;
  name: string;
  /** `metadata.generation`; 0 for a set from a file. */
  generation: number;
  /** `metadata.creationTimestamp`; not of a set from a file. */
  created?: string | undefined;
  annotations: Readonly<Record<string, string>>;
  /** Of a SelectorSyncSet: an empty one matches every cluster. */
  selector?: LabelSelector | undefined;
  /** Of a SyncSet: names of ClusterDeployments of its namespace. */
  clusters: readonly string[];
  mode: ApplyMode;
  behavior: ApplyBehavior;
  resources: readonly Readonly<Record<string, unknown>>[];
  patches: readonly SetPatch[];
  secretMappings: readonly SecretMapping[];
  resourceTemplates: boolean;
  patchTemplates: boolean;
  /** Hash of everything that has an effect on clusters: equal digests render equally. */
  digest: string;
  /** Why it cannot be applied, where a hub holds it all the same: it then fails on every cluster that it is for. */
  problem?: string | undefined;
  /** `file:line:column`, or the hub. */
  where: string;
}

/** `SelectorSyncSet/name` or `SyncSet/namespace/name`: unique among all sets, and what is written on the objects. */
export function setId({ kind, namespace, name }: Pick<SyncSet, 'kind' | 'namespace' | 'name'>): string {
  return namespace === undefined ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}

/** Hive's order: SyncSets before SelectorSyncSets, each by name. */
export function bySetOrder(a: SyncSet, b: SyncSet): number {
  if (a.kind !== b.kind) return a.kind === 'SyncSet' ? -1 : 1;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
