// What nodes say about the images of pods, in their events: pulls that are under way, and pulls that cannot work out.

import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient } from '../client/client.ts';
import type { KubeList, KubeObject } from '../object.ts';
import { type Snapshot, watchUntil } from './watch.ts';

/** An event about a pod, as far as pulls go. */
export interface PodEvent extends KubeObject {
  involvedObject?: { uid?: string; name?: string };
  reason?: string;
  message?: string;
  count?: number;
  series?: { count?: number };
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
  eventTime?: string | null;
}

/** Tries after which a registry whose name does not resolve is not waited for. */
const TRIES = 2;
/** ms before anybody looks: what is ready by then costs nothing more. */
const LOOK_AFTER_MS = 2_000;
const ANSWER_MS = 5_000;

/** As resolvers say it: Go's, which begins with `lookup NAME` whatever went wrong, glibc's and musl's. */
const UNRESOLVED =
  /\blookup \S+(?: on \S+)?: |no such host|server misbehaving|name or service not known|temporary failure in name resolution|could not resolve|name does not resolve/i;

/** A resolver that gets no answer asks again by itself, 5 s later: this one failed pull is two tries. */
const ASKED_TWICE = /\blookup \S+ on \S+: .*\bi\/o timeout/i;

/** The uids of pods whose images cannot be pulled, as the name of the registry did not resolve at each of the first tries. */
export function hopelessPods(events: Iterable<PodEvent>): Set<string> {
  const tries = new Map<string, number>();
  for (const { reason, message = '', count, series, involvedObject: { uid } = {} } of events) {
    if (
      uid === undefined ||
      reason !== 'Failed' ||
      !message.startsWith('Failed to pull image') ||
      !UNRESOLVED.test(message)
    )
      continue;
    const pulls = Math.max(count ?? 1, series?.count ?? 1);
    tries.set(uid, (tries.get(uid) ?? 0) + (ASKED_TWICE.test(message) ? 2 * pulls : pulls));
  }
  return new Set([...tries].filter(([, of]) => of >= TRIES).map(([uid]) => uid));
}

/** The uids of pods whose last word about images is that one is being pulled. */
export function pullingPods(events: Iterable<PodEvent>): Set<string> {
  const last = new Map<string, { at: number; pulling: boolean }>();
  for (const event of events) {
    const { uid } = event.involvedObject ?? {};
    if (uid === undefined || !/^(?:Pulling|Pulled|Failed|BackOff)$/.test(event.reason ?? '')) continue;
    const at = Date.parse(event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp ?? '') || 0;
    const known = last.get(uid);
    const pulling = event.reason === 'Pulling';
    // Times have whole seconds: in the same one a pull comes before how it ended.
    if (known === undefined || at > known.at || (at === known.at && !pulling)) last.set(uid, { at, pulling });
  }
  return new Set([...last].filter(([, { pulling }]) => pulling).map(([uid]) => uid));
}

/** Whether a node is pulling an image for one of the pods now. Never fails: it is asked beside other things. */
export async function isPulling(client: KubeClient, namespace: string, uids: ReadonlySet<string>): Promise<boolean> {
  try {
    const query = { fieldSelector: 'involvedObject.kind=Pod', limit: 1_000 };
    const list = await client.json<KubeList<PodEvent>>({ path: pathOf(namespace), query, timeoutMs: ANSWER_MS });
    return [...pullingPods(list.items)].some((uid) => uids.has(uid));
  } catch {
    return false;
  }
}

/**
 * Resolves when images of pods in the namespace cannot be pulled and `concerns` says that it matters; never otherwise,
 * also where events may not be read.
 * @param concerns asked with the uids of such pods, whenever there are more of them.
 */
export async function hopelessPull(
  client: KubeClient,
  namespace: string,
  concerns: (uids: ReadonlySet<string>) => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await sleep(LOOK_AFTER_MS, undefined, { signal, ref: false });
    let asked = 0;
    for (;;) {
      const uids = await watchUntil<PodEvent, Set<string>>(client, {
        path: pathOf(namespace),
        query: { fieldSelector: 'involvedObject.kind=Pod,reason=Failed' },
        signal,
        until(events: Snapshot<PodEvent>) {
          const found = hopelessPods(events.values());
          return found.size > asked ? found : undefined;
        },
      });
      if (await concerns(uids)) return;
      asked = uids.size;
    }
  } catch {
    await new Promise(() => undefined);
  }
}

function pathOf(namespace: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`;
}
