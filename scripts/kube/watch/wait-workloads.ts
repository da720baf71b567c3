// Waits, by watching, until workloads are rolled out; a timeout names the late ones with the reasons of their pods.

import { messageOf } from '../../base/errors.ts';
import type { KubeClient } from '../client/client.ts';
import { keyOf, type ObjectRef } from '../object.ts';
import { hopelessPull, isPulling } from './pulls.ts';
import { podsOf, reasonOf } from './reasons.ts';
import { builtinResources, collectionPath, kindKey } from '../resources.ts';
import { type Straggler, stragglersError } from '../apply/stragglers.ts';
import type { WaitOptions } from './wait.ts';
import { type Snapshot, watchUntil, WatchTimeoutError } from './watch.ts';
import { isWorkloadKind, type Workload, type WorkloadKind, workloadVerdict } from './workload.ts';

/** Workloads of one kind in one namespace: one watch follows them. */
interface Group {
  kind: WorkloadKind;
  path: string;
  keys: string[];
  namespace: string;
  /** What was last seen. */
  seen: Snapshot<Workload>;
  trouble: unknown;
}

/** The refs that can be waited for: Deployment, StatefulSet, DaemonSet, Job and Pod. */
export function workloadsAmong(refs: readonly ObjectRef[]): ObjectRef[] {
  return refs.filter(({ apiVersion, kind }) => isWorkloadKind(kind) && builtinResources.has(kindKey(apiVersion, kind)));
}

/**
 * Resolves when all workloads are rolled out; other kinds among the refs are passed over.
 * @throws HealthError with the late ones, at once where waiting will not help; KubeApiError; the signal's reason
 */
export async function waitWorkloads(
  client: KubeClient,
  refs: readonly ObjectRef[],
  options: WaitOptions,
): Promise<void> {
  const groups = groupsOf(workloadsAmong(refs));
  const others = new AbortController();
  const signal = options.signal === undefined ? others.signal : AbortSignal.any([options.signal, others.signal]);
  const progress = progressOf(groups, options.onProgress);
  try {
    const ready = Promise.all(groups.map((group) => follow(client, group, { ...options, signal }, progress)));
    await Promise.race([ready, ...hopelessPulls(client, groups, signal)]);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof Unready)) throw error;
    const time = error.final ? 'and will not become so' : `after ${options.timeoutMs / 1000} s`;
    const late = await Promise.all(groups.map((group) => stragglersOf(client, group, options.signal)));
    throw stragglersError('workloads', time, late.flat(), groups.find(({ trouble }) => trouble !== undefined)?.trouble);
  } finally {
    others.abort();
  }
}

/** Ends all watches of the wait; turned into a HealthError once the reasons are known. */
class Unready extends Error {
  constructor(readonly final: boolean) {
    super('not ready');
  }
}

function groupsOf(refs: readonly ObjectRef[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { apiVersion, kind, namespace = 'default', name } of refs) {
    const resource = builtinResources.get(kindKey(apiVersion, kind));
    if (resource === undefined || !isWorkloadKind(kind)) continue;
    const path = collectionPath(resource, namespace);
    const group: Group = groups.get(path) ?? { kind, path, namespace, keys: [], seen: new Map(), trouble: undefined };
    groups.set(path, group);
    group.keys.push(keyOf({ metadata: { namespace, name } }));
  }
  return [...groups.values()];
}

/** Each rejects when an image that a late workload needs cannot be pulled. */
function hopelessPulls(client: KubeClient, groups: readonly Group[], signal: AbortSignal): Promise<never>[] {
  const namespaces = [...new Set(groups.map(({ namespace }) => namespace))];
  return namespaces.map(async (namespace): Promise<never> => {
    const own = groups.filter((group) => group.namespace === namespace);
    const concerns = async (uids: ReadonlySet<string>): Promise<boolean> => {
      const late = await Promise.all(own.map((group) => latePods(client, group, signal)));
      return late.some((pods) => [...pods].some((uid) => uids.has(uid)));
    };
    await hopelessPull(client, namespace, concerns, signal);
    throw new Unready(true);
  });
}

/** The uids of the pods of late workloads. */
async function latePods(client: KubeClient, group: Group, signal: AbortSignal | undefined): Promise<Set<string>> {
  const pods = await Promise.all(
    unreadyOf(group).flatMap(({ workload }) => (workload ? [podsOf(client, group.kind, workload, signal)] : [])),
  );
  return new Set(pods.flat().flatMap(({ metadata: { uid } }) => uid ?? []));
}

async function follow(client: KubeClient, group: Group, options: WaitOptions, progress: () => void): Promise<void> {
  try {
    await followOnce(client, group, options, progress);
  } catch (error) {
    if (!(error instanceof WatchTimeoutError)) throw error;
    // An image that is still being pulled needs its time: the wait begins once more.
    const late = await latePods(client, group, options.signal).catch(() => new Set<string>());
    if (await isPulling(client, group.namespace, late)) return follow(client, group, options, progress);
    group.trouble = error.cause;
    throw new Unready(false);
  }
}

async function followOnce(client: KubeClient, group: Group, options: WaitOptions, progress: () => void): Promise<void> {
  const [only] = group.keys;
  const single = group.keys.length === 1 && only !== undefined;
  await watchUntil<Workload, true>(client, {
    path: group.path,
    query: single ? { fieldSelector: `metadata.name=${only.slice(only.indexOf('/') + 1)}` } : {},
    signal: options.signal,
    timeoutMs: options.timeoutMs,
    until(objects) {
      group.seen = new Map(objects);
      progress();
      const verdicts = unreadyOf(group);
      if (verdicts.some(({ final }) => final)) throw new Unready(true);
      return verdicts.length === 0 ? true : undefined;
    },
  });
}

function unreadyOf(group: Group): { key: string; workload: Workload | undefined; why: string; final: boolean }[] {
  return group.keys.flatMap((key) => {
    const workload = group.seen.get(key);
    const verdict = workload === undefined ? { why: 'does not exist' } : workloadVerdict(group.kind, workload);
    return verdict === undefined ? [] : [{ key, workload, why: verdict.why, final: verdict.final === true }];
  });
}

function progressOf(groups: readonly Group[], report: WaitOptions['onProgress']): () => void {
  const total = groups.reduce((sum, group) => sum + group.keys.length, 0);
  let last = -1;
  return () => {
    const done = total - groups.reduce((sum, group) => sum + unreadyOf(group).length, 0);
    if (done !== last) report?.({ done, total });
    last = done;
  };
}

function stragglersOf(client: KubeClient, group: Group, signal: AbortSignal | undefined): Promise<Straggler[]> {
  const unseen = group.trouble === undefined ? undefined : messageOf(group.trouble);
  return Promise.all(
    unreadyOf(group).map(async ({ key, workload, why }) => {
      const name = `${group.kind} ${key}`;
      if (workload === undefined) return { name, why: unseen ?? why };
      const reason = await reasonOf(client, group.kind, workload, signal);
      return { name, why: reason === undefined || reason.includes(why) ? (reason ?? why) : `${why}; ${reason}` };
    }),
  );
}
