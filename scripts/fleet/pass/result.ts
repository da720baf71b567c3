// What a pass over one cluster has done and found.

import { createRedactor, type Redactor } from '../../base/redact/redactor.ts';
import type { ObjectRef } from '../../kube/object.ts';
import type { FieldChange } from '../difference/fields.ts';
import type { SetKind } from '../sets/types.ts';

export interface SetResult {
  id: string;
  kind: SetKind;
  namespace?: string | undefined;
  name: string;
  generation: number;
  /** When the hub made it; undefined for a set from a file. */
  created?: string | undefined;
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

/** An object that is not deleted although no set wants it. */
export interface Held {
  ref: ObjectRef;
  reason: string;
  /** What lets the next pass delete it: a confirmation, or its kind being allowed; neither where something is to be mended first. */
  allowedBy?: 'confirmation' | 'kind';
  /** Ids of the sets that own it, where it is still to be deleted: they are not forgotten before. */
  sets?: readonly string[];
}

export interface Change {
  action: 'create' | 'update' | 'recreate' | 'delete' | 'patch';
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

/** What came of two passes in turn: how the cluster is now, and all that was done. */
export function joined(before: PassResult, after: PassResult): PassResult {
  const applied = before.changes.filter(({ action }) => action !== 'delete').length;
  return {
    ...after,
    // What the pass before has made is as wanted because of that.
    unchanged: Math.max(0, after.unchanged - applied),
    confirmed: after.confirmed,
    changes: [...before.changes, ...after.changes],
    requests: before.requests + after.requests,
    ms: before.ms + after.ms,
  };
}

/** Longest message that goes into a status. */
const MAX_MESSAGE = 500;

/** Characters that are looked at: enough for what is kept of a message after secrets in it were hidden. */
const MAX_SEEN = 20_000;

/** What looks like a secret, wherever it came from: a cluster's answers are not ours. */
const patterns = createRedactor();

/**
 * The message without secrets and without what differs from one attempt to the next, and cut: it goes into logs, pages and a
 * status, which must not change for nothing.
 * @param redactor one that knows values; without it what looks like a secret is hidden
 */
export function normalised(message: string, redactor: Pick<Redactor, 'text'> = patterns): string {
  // The last word may be a part of a secret.
  const seen = message.length > MAX_SEEN ? message.slice(0, MAX_SEEN).replace(/\S+$/, '') : message;
  const even = redactor
    .text(seen)
    .replace(/\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b/g, 'ADDRESS')
    .replace(/\[[0-9a-f]*:[0-9a-f:.]*\](?::\d+)?/gi, 'ADDRESS')
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, 'UID')
    .replace(/\b0x[0-9a-f]+\b/gi, 'POINTER')
    .replace(/\s+/g, ' ')
    .trim();
  return even.length > MAX_MESSAGE ? `${even.slice(0, MAX_MESSAGE - 1)}…` : even;
}
