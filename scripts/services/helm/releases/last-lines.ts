// The last lines that the failing pods of a release wrote, for the error that reports it.

import type { KubeClient } from '../../../kube/client/client.ts';
import type { KubeList, ObjectRef } from '../../../kube/object.ts';
import { type Pod, podVerdict } from '../../../kube/watch/pod.ts';
import { builtinResources, collectionPath, kindKey } from '../../../kube/resources.ts';
import { type Workload, selectorQuery } from '../../../kube/watch/workload.ts';

const LOOK_MS = 5_000;
const LINES = 5;
const PODS = 2;

/** Headed by the name of the pod; none where the pods wrote nothing, or cannot be asked. Never fails: it explains another error. */
export async function lastLogLines(
  client: KubeClient,
  workloads: readonly ObjectRef[],
  signal: AbortSignal,
): Promise<string[]> {
  const pods = (await Promise.all(workloads.map((ref) => failingPods(client, ref, signal)))).flat();
  const logs = await Promise.all(pods.slice(0, PODS).map((pod) => linesOfPod(client, pod, signal)));
  return logs.flat();
}

async function failingPods(client: KubeClient, ref: ObjectRef, signal: AbortSignal): Promise<Pod[]> {
  const { apiVersion, kind, name, namespace = 'default' } = ref;
  const resource = builtinResources.get(kindKey(apiVersion, kind));
  if (resource === undefined) return [];
  try {
    const path = `${collectionPath(resource, namespace)}/${name}`;
    const workload = await client.json<Workload>({ path, signal, timeoutMs: LOOK_MS });
    if (kind === 'Pod') return [workload as Pod].filter(fails);
    const labelSelector = selectorQuery(workload.spec?.selector ?? {});
    if (labelSelector === '') return [];
    const { items } = await client.json<KubeList<Pod>>({
      path: `/api/v1/namespaces/${namespace}/pods`,
      query: { labelSelector, limit: 100 },
      signal,
      timeoutMs: LOOK_MS,
    });
    return items.filter(fails);
  } catch {
    return [];
  }
}

const fails = (pod: Pod): boolean => podVerdict(pod) !== undefined;

async function linesOfPod(client: KubeClient, pod: Pod, signal: AbortSignal): Promise<string[]> {
  const { namespace = 'default', name } = pod.metadata;
  const containers = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const failing = containers.find(({ ready, state }) => ready !== true && state?.terminated?.exitCode !== 0);
  if (failing === undefined) return [];
  // A container that is being started again has written nothing yet; the one before it has.
  const previous = (failing.restartCount ?? 0) > 0 && failing.state?.waiting !== undefined;
  try {
    const { status, body } = await client.request({
      path: `/api/v1/namespaces/${namespace}/pods/${name}/log`,
      query: { container: failing.name, tailLines: LINES, ...(previous ? { previous: true } : {}) },
      accept: 'text/plain, */*',
      signal,
      timeoutMs: LOOK_MS,
    });
    const lines = status < 400 ? body.split('\n').filter((line) => line.trim() !== '') : [];
    return lines.length === 0 ? [] : [`last lines of ${name}:`, ...lines.map((line) => `  ${line}`)];
  } catch {
    return [];
  }
}
