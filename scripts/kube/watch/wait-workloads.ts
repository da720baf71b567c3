// Waits, by watching, until workloads are rolled out; a timeout names the late ones with the reasons of their pods.

import { messageOf } from '../../base/errors.ts';
import type { KubeClient } from '../client/client.ts';
import { keyOf, type ObjectRef } from '../object.ts';
import { reasonOf } from './reasons.ts';
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
    await Promise.all(groups.map((group) => follow(client, group, { ...options, signal }, progress)));
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
    const group: Group = groups.get(path) ?? { kind, path, keys: [], seen: new Map(), trouble: undefined };
    groups.set(path, group);
    group.keys.push(keyOf({ metadata: { namespace, name } }));
  }
  return [...groups.values()];
}

async function follow(client: KubeClient, group: Group, options: WaitOptions, progress: () => void): Promise<void> {
  const [only] = group.keys;
  const single = group.keys.length === 1 && only !== undefined;
  try {
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
  } catch (error) {
    if (!(error instanceof WatchTimeoutError)) throw error;
    group.trouble = error.cause;
    throw new Unready(false);
  }
}

function unreadyOf(group: Group): { key: string; workload: Workload | undefined; why: string; final: boolean }[] {
  return group.keys.flatMap((key) => {
    const workload = group.seen.get(key);
    const verdict = workload === undefined ? { why: 'does not exist' } : workloadVerdict(group.kind, workload);
    return verdict === undefined ? [] : [{ key, workload, why: verdict.why, final: verdict.final === true }];
  });
}

function progressOf(groups: readonly Group[], tell: WaitOptions['onProgress']): () => void {
  const total = groups.reduce((sum, group) => sum + group.keys.length, 0);
  let last = -1;
  return () => {
    const done = total - groups.reduce((sum, group) => sum + unreadyOf(group).length, 0);
    if (done !== last) tell?.({ done, total });
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
