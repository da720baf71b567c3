// Finds out why a workload is late: from its pods, and from the events of those that say nothing themselves.

import type { KubeClient } from '../client/client.ts';
import { type KubeList, type KubeObject } from '../object.ts';
import { podVerdict, type Pod } from './pod.ts';
import { selectorQuery, type Workload, type WorkloadKind } from './workload.ts';

interface Event extends KubeObject {
  type?: string;
  reason?: string;
  message?: string;
  lastTimestamp?: string;
  eventTime?: string;
}

const shownReasons = 2;
const lookMs = 5_000;

/** Half a sentence, or undefined where nothing more is known. Never fails: it explains another error. */
export async function reasonOf(
  client: KubeClient,
  kind: WorkloadKind,
  workload: Workload,
  signal?: AbortSignal,
): Promise<string | undefined> {
  try {
    const pods = await podsOf(client, kind, workload, signal);
    const reasons = byReason(pods);
    const found = await Promise.all(
      reasons.slice(0, shownReasons).map(async ([why, late]) => {
        const [first] = late;
        const warning = first && (await lastWarning(client, first, signal));
        const more = warning === undefined || why.includes(warning.message) ? '' : `; ${warning.text}`;
        const who = late.length === 1 ? 'pod' : `${late.length} pods, among them`;
        return `${who} ${first?.metadata.name ?? ''}: ${why}${more}`;
      }),
    );
    return found.length > 0 ? found.join('; ') : (await lastWarning(client, workload, signal))?.text;
  } catch {
    return undefined;
  }
}

/** Late pods by what they say; the pods of one workload mostly say the same. */
function byReason(pods: readonly Pod[]): [string, Pod[]][] {
  const reasons = new Map<string, Pod[]>();
  for (const pod of pods) {
    const why = podVerdict(pod)?.why;
    if (why !== undefined) reasons.set(why, [...(reasons.get(why) ?? []), pod]);
  }
  return [...reasons];
}

/** The pods of a workload. @throws what the client throws */
export async function podsOf(
  client: KubeClient,
  kind: WorkloadKind,
  workload: Workload,
  signal: AbortSignal | undefined,
): Promise<Pod[]> {
  return kind === 'Pod' ? [workload] : selectedPods(client, workload, signal);
}

async function selectedPods(client: KubeClient, workload: Workload, signal: AbortSignal | undefined): Promise<Pod[]> {
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
): Promise<{ text: string; message: string } | undefined> {
  const list = await client.json<KubeList<Event>>({
    path: `/api/v1/namespaces/${namespace}/events`,
    query: { fieldSelector: `involvedObject.uid=${uid ?? ''},type=Warning`, limit: 100 },
    signal,
    timeoutMs: lookMs,
  });
  const timeOf = (event: Event): string => event.lastTimestamp ?? event.eventTime ?? '';
  // `Error: ErrImagePull` comes beside the event that names the image and says why, in the same second.
  const telling = list.items.filter(({ message = '' }) => !/^Error: \w+$/.test(message));
  const found = telling.length > 0 ? telling : list.items;
  const last = found.sort((a, b) => timeOf(a).localeCompare(timeOf(b))).at(-1);
  if (last === undefined) return undefined;
  const { reason = 'Warning', message = '' } = last;
  return { text: `${reason}: ${message}`, message };
}
