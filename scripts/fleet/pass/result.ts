// What a pass over one cluster has done and found.

import type { ObjectRef } from '../../kube/object.ts';
import type { FieldChange } from '../difference/fields.ts';
import type { SetKind } from '../sets/types.ts';

export interface SetResult {
  id: string;
  kind: SetKind;
  namespace?: string | undefined;
  name: string;
  generation: number;
  ok: boolean;
  /** Why it failed; normalised, so that the same failure reads the same. */
  message?: string | undefined;
  /** What is kept for deletion: the objects of a Sync set, as hive lists them. */
  toDelete: readonly ObjectRef[];
  warnings: readonly string[];
  /** Whether a repetition may help without a change of the set. */
  retry: boolean;
  /** ms from the start of the set to its end in this pass. */
  ms: number;
}

/** A deletion that was not done. */
export interface Held {
  ref: ObjectRef;
  reason: string;
}

export interface Change {
  action: 'create' | 'update' | 'delete' | 'patch';
  ref: ObjectRef;
  /** Ids of the sets. */
  sets: readonly string[];
  /** Where differences are asked for: the fields that would change, as the server says. */
  fields?: readonly FieldChange[] | undefined;
}

export interface PassResult {
  cluster: string;
  sets: readonly SetResult[];
  /** Objects that the sets hold. */
  wanted: number;
  unchanged: number;
  /** Applied although nothing changed: the price of not knowing. */
  confirmed: number;
  changes: readonly Change[];
  held: readonly Held[];
  /** Requests to the cluster. */
  requests: number;
  ms: number;
  /** Why the cluster as a whole was given up. */
  error?: string | undefined;
  /** Whether that was for its connection or its load, not for what it holds. */
  unreachable: boolean;
}

/** Longest message that goes into a status. */
const MAX_MESSAGE = 500;

/** The message without what differs from one attempt to the next, and cut: a status must not change for nothing. */
export function normalised(message: string): string {
  const even = message
    .replace(/\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b/g, 'ADDRESS')
    .replace(/\[[0-9a-f:]+\](?::\d+)?/gi, 'ADDRESS')
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, 'UID')
    .replace(/\b0x[0-9a-f]+\b/gi, 'POINTER')
    .replace(/\s+/g, ' ')
    .trim();
  return even.length > MAX_MESSAGE ? `${even.slice(0, MAX_MESSAGE - 1)}…` : even;
}
