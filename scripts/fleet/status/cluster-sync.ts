// What a pass means for a ClusterSync's status, as hive writes it: pure.

import { KubeConnectionError } from '../../kube/client/errors.ts';
import { keyOf, type KubeObject, type ObjectRef } from '../../kube/object.ts';
import type { PassResult, SetResult } from '../pass/result.ts';
import { isMapping } from '../sets/parse.ts';
import { setId } from '../sets/types.ts';

export interface SetStatus {
  name: string;
  observedGeneration: number;
  resourcesToDelete?: ObjectRef[];
  result: 'Success' | 'Failure';
  failureMessage?: string;
  lastTransitionTime: string;
  firstSuccessTime?: string;
}

export interface SyncCondition {
  type: string;
  status: string;
  reason: string;
  message: string;
  lastProbeTime: string;
  lastTransitionTime: string;
}

export interface ClusterSyncStatus {
  syncSets?: SetStatus[];
  selectorSyncSets?: SetStatus[];
  conditions?: SyncCondition[];
  firstSuccessTime?: string;
  controlledByReplica?: number;
}

/**
 * The status of a ClusterSync as a hub says it; empty where it has none yet.
 * @throws KubeConnectionError: what answers so is no API server with hive's kinds, and nothing that it says is to be believed
 */
export function readStatus(sync: KubeObject): ClusterSyncStatus {
  const { status } = sync as KubeObject & { status?: unknown };
  if (status === undefined || status === null) return {};
  const { syncSets, selectorSyncSets, conditions } = status as Record<keyof ClusterSyncStatus, unknown>;
  const isSound =
    isMapping(status) &&
    [syncSets, selectorSyncSets].every((list) => isListOf(list, isSetStatus)) &&
    isListOf(conditions, (one) => isTexts(one, ['type', 'status', 'reason', 'message', 'lastTransitionTime']));
  // Go's servers write an empty list as null.
  if (isSound) return Object.fromEntries(Object.entries(status).filter(([, value]) => value !== null));
  throw new KubeConnectionError(
    `the status of ClusterSync ${keyOf(sync)} is none that a hub can have`,
    'NOT_KUBERNETES',
  );
}

function isListOf(list: unknown, is: (one: Record<string, unknown>) => boolean): boolean {
  return list === undefined || list === null || (Array.isArray(list) && list.every((one) => isMapping(one) && is(one)));
}

function isSetStatus(one: Record<string, unknown>): boolean {
  const { name, observedGeneration, resourcesToDelete } = one;
  return (
    typeof name === 'string' &&
    ['number', 'undefined'].includes(typeof observedGeneration) &&
    isListOf(resourcesToDelete, () => true) &&
    isTexts(one, ['result', 'failureMessage', 'lastTransitionTime', 'firstSuccessTime'])
  );
}

function isTexts(one: Record<string, unknown>, keys: readonly string[]): boolean {
  return keys.every((key) => one[key] === undefined || one[key] === null || typeof one[key] === 'string');
}

/** Bytes that all failure messages of a cluster may take: with them, and a thousand references, a status stays below 100 kB. */
const MESSAGE_BYTES = 30_000;

/** Of references to objects, at about 130 bytes each. */
const MAX_REFERENCES = 450;

/**
 * @param now whole seconds, as Kubernetes writes times
 * @param keeps whether sets that are gone stay in the status: it is the only trace of a hub that has lost them
 */
export function nextStatus(
  prior: ClusterSyncStatus,
  result: PassResult,
  { now, replica, keeps = false }: { now: string; replica?: number | undefined; keeps?: boolean | undefined },
): ClusterSyncStatus {
  const failing = result.sets.filter(({ ok }) => !ok).length;
  const room = Math.floor(MESSAGE_BYTES / Math.max(1, failing));
  const owners = new Set(result.held.flatMap(({ sets = [] }) => sets));
  const [namespace] = result.cluster.split('/');
  const references = result.sets.reduce((sum, { toDelete }) => sum + toDelete.length, 0);
  const statuses = (kind: SetResult['kind'], before: readonly SetStatus[]): SetStatus[] => {
    const known = new Map(before.map((one) => [one.name, one]));
    const own = result.sets.filter((set) => set.kind === kind);
    const names = new Set(own.map(({ name }) => name));
    // As in hive, a set stays until what it had to delete is gone; later nobody would know that it was this hub's.
    const owns = ({ name }: SetStatus): boolean =>
      owners.has(setId({ kind, name, namespace: kind === 'SyncSet' ? namespace : undefined }));
    const gone = before.filter((one) => !names.has(one.name) && (keeps || owns(one)));
    return own
      .map((set) => setStatus(set, known.get(set.name), { now, room, withReferences: references <= MAX_REFERENCES }))
      .concat(gone)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  };
  const syncSets = statuses('SyncSet', prior.syncSets ?? []);
  const selectorSyncSets = statuses('SelectorSyncSet', prior.selectorSyncSets ?? []);
  const all = [...syncSets, ...selectorSyncSets];
  const done = all.every((one) => one.result === 'Success');
  const firstSuccessTime = prior.firstSuccessTime ?? (done ? now : undefined);
  return {
    ...(syncSets.length > 0 ? { syncSets } : {}),
    ...(selectorSyncSets.length > 0 ? { selectorSyncSets } : {}),
    conditions: [
      condition(
        prior.conditions?.find(({ type }) => type === 'Failed'),
        syncSets,
        selectorSyncSets,
        now,
      ),
    ],
    ...(firstSuccessTime === undefined ? {} : { firstSuccessTime }),
    ...(replica === undefined ? {} : { controlledByReplica: replica }),
  };
}

function setStatus(
  set: SetResult,
  before: SetStatus | undefined,
  { now, room, withReferences }: { now: string; room: number; withReferences: boolean },
): SetStatus {
  const result = set.ok ? 'Success' : 'Failure';
  const message = set.message === undefined ? undefined : cut(set.message, room);
  const changed = before?.result !== result || before.failureMessage !== message;
  const prior = before !== undefined && !isMadeAgain(set, before) ? before : undefined;
  const firstSuccessTime = prior?.firstSuccessTime ?? (set.ok ? laterOf(now, set.created) : undefined);
  return {
    name: set.name,
    observedGeneration: set.generation,
    ...(withReferences && set.toDelete.length > 0 ? { resourcesToDelete: set.toDelete.map(bare) } : {}),
    result,
    ...(message === undefined ? {} : { failureMessage: message }),
    lastTransitionTime: changed ? now : before.lastTransitionTime,
    ...(firstSuccessTime === undefined ? {} : { firstSuccessTime }),
  };
}

/** Such a set counts from 1 again, and has its own first success: an older state of it is recognised by that time. */
function isMadeAgain({ generation, created = '' }: SetResult, before: SetStatus): boolean {
  return before.observedGeneration > generation || Date.parse(created) > Date.parse(before.firstSuccessTime ?? '');
}

/** The hub's clock may be ahead of this one. */
function laterOf(now: string, created = now): string {
  return Date.parse(created) > Date.parse(now) ? created : now;
}

function bare({ apiVersion, kind, namespace, name }: ObjectRef): ObjectRef {
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

function cut(text: string, bytes: number): string {
  return Buffer.byteLength(text) <= bytes
    ? text
    : `${Buffer.from(text)
        .subarray(0, bytes - 3)
        .toString()
        .replace(/�+$/, '')}…`;
}

/** Exactly one, rewritten only where it says something else. */
function condition(
  before: SyncCondition | undefined,
  syncSets: readonly SetStatus[],
  selectorSyncSets: readonly SetStatus[],
  now: string,
): SyncCondition {
  const failing = [listOf('SyncSet', syncSets), listOf('SelectorSyncSet', selectorSyncSets)].filter(
    ({ names }) => names.length > 0,
  );
  const count = failing.reduce((sum, { names }) => sum + names.length, 0);
  const status = count === 0 ? 'False' : 'True';
  const reason = count === 0 ? 'Success' : 'Failure';
  const message =
    count === 0
      ? 'All SyncSets and SelectorSyncSets have been applied to the cluster'
      : cut(
          `${failing.map(({ kind, names }) => `${kind}${names.length > 1 ? 's' : ''} ${names.join(', ')}`).join(' and ')} ${count > 1 ? 'are' : 'is'} failing`,
          5_000,
        );
  const same = before?.status === status && before.reason === reason && before.message === message;
  if (same) return before;
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now;
  return { type: 'Failed', status, reason, message, lastProbeTime: now, lastTransitionTime };
}

function listOf(kind: string, statuses: readonly SetStatus[]): { kind: string; names: string[] } {
  return { kind, names: statuses.filter(({ result }) => result === 'Failure').map(({ name }) => name) };
}
