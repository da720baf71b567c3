// Finds out why a workload is late: from its pods, and from the events of those that say nothing themselves.

import type { KubeClient } from './client.ts';
import { type KubeList, type KubeObject } from './object.ts';
import { podVerdict, type Pod } from './pod.ts';
import { selectorQuery, type Workload, type WorkloadKind } from './workload.ts';

interface Event extends KubeObject {
  type?: string;
  reason?: string;
  message?: string;
  lastTimestamp?: string;
  eventTime?: string;
}

// Pods of one workload are late for the same reason, mostly.
const shownPods = 2;
const lookMs = 5_000;

/** Half a sentence, or undefined where nothing more is known. Never fails: it explains another error. */
export async function reasonOf(
  client: KubeClient,
  kind: WorkloadKind,
  workload: Workload,
  signal?: AbortSignal,
): Promise<string | undefined> {
  try {
    const pods = kind === 'Pod' ? [workload as Pod] : await podsOf(client, workload, signal);
    const late = pods.flatMap((pod) => {
      const verdict = podVerdict(pod);
      return verdict === undefined ? [] : [{ pod, why: verdict.why }];
    });
    const told = await Promise.all(
      late.slice(0, shownPods).map(async ({ pod, why }) => {
        const warning = await lastWarning(client, pod, signal);
        return `pod ${pod.metadata.name}: ${why}${warning === undefined || why.includes(warning) ? '' : `; ${warning}`}`;
      }),
    );
    if (late.length > shownPods) told.push(`and ${late.length - shownPods} more pods`);
    return told.length > 0 ? told.join('; ') : await lastWarning(client, workload, signal);
  } catch {
    return undefined;
  }
}

async function podsOf(client: KubeClient, workload: Workload, signal: AbortSignal | undefined): Promise<Pod[]> {
  const { namespace = 'default' } = workload.metadata;
  const labelSelector = selectorQuery(workload.spec?.selector ?? {});
  if (labelSelector === '') return [];
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const list = await client.json<KubeList<Pod>>({
    path,
    query: { labelSelector, limit: 100 },
    signal,
    timeoutMs: lookMs,
  });
  return list.items;
}

async function lastWarning(
  client: KubeClient,
  { metadata: { namespace = 'default', uid } }: KubeObject,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const list = await client.json<KubeList<Event>>({
    path: `/api/v1/namespaces/${namespace}/events`,
    query: { fieldSelector: `involvedObject.uid=${uid ?? ''},type=Warning`, limit: 100 },
    signal,
    timeoutMs: lookMs,
  });
  const timeOf = (event: Event): string => event.lastTimestamp ?? event.eventTime ?? '';
  const last = list.items.sort((a, b) => timeOf(a).localeCompare(timeOf(b))).at(-1);
  return last && [last.reason, last.message].filter((part) => part !== undefined).join(': ');
}
