// Names the hooks of a release that have not ended: helm says only that it has waited long enough.

import type { KubeClient } from '../../../kube/client/client.ts';
import type { KubeList, KubeObject } from '../../../kube/object.ts';
import { type Pod, podVerdict } from '../../../kube/watch/pod.ts';

const LOOK_MS = 5_000;
const HOOK = 'helm.sh/hook';

interface Job extends KubeObject {
  status?: { conditions?: { type: string; status: string; message?: string }[] };
}

/**
 * The jobs and pods of a namespace that are hooks and not done, each with its events and why its pod is not ready. Tests are
 * none of a release's. Never fails: it explains another error.
 */
export async function pendingHooks(client: KubeClient, namespace: string, signal: AbortSignal): Promise<string[]> {
  const list = <T>(path: string): Promise<KubeList<T & KubeObject>> =>
    client.json<KubeList<T & KubeObject>>({ path, query: { limit: 500 }, signal, timeoutMs: LOOK_MS });
  try {
    const [jobs, pods] = await Promise.all([
      list<Job>(`/apis/batch/v1/namespaces/${namespace}/jobs`),
      list<Pod>(`/api/v1/namespaces/${namespace}/pods`),
    ]);
    const ended = ({ status = {} }: Job): boolean =>
      (status.conditions ?? []).some(({ type, status: is }) => type === 'Complete' && is === 'True');
    const podsOf = (job: string): Pod[] =>
      pods.items.filter(({ metadata }) => metadata.labels?.['batch.kubernetes.io/job-name'] === job);
    return [
      ...jobs.items
        .filter((job) => isHook(job) && !ended(job))
        .map((job) => line('Job', job, podsOf(job.metadata.name))),
      ...pods.items
        .filter((pod) => isHook(pod) && pod.status?.phase !== 'Succeeded')
        .map((pod) => line('Pod', pod, [pod])),
    ];
  } catch {
    return [];
  }
}

function isHook({ metadata }: KubeObject): boolean {
  const hooks = (metadata.annotations?.[HOOK] ?? '').split(',').filter((hook) => hook !== '' && hook !== 'test');
  return hooks.length > 0;
}

function line(kind: string, { metadata }: KubeObject, pods: readonly Pod[]): string {
  const whys = pods.flatMap((pod) => podVerdict(pod)?.why ?? []);
  const why = whys[0] ?? (pods.length === 0 ? 'it has no pod' : 'it runs and does not end');
  return `${kind} ${metadata.name} (${metadata.annotations?.[HOOK] ?? ''}) has not ended: ${why}`;
}
