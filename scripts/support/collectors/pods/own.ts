// Objects that a collector makes in the cluster for a while: named apart, labelled, and removed whatever happens.

import { HoistError } from '../../../base/errors.ts';
import { KubeApiError } from '../../../kube/client/errors.ts';
import type { KubeList, KubeObject } from '../../../kube/object.ts';
import { type Running, firstText, mapping } from '../collector.ts';
import type { PodObject } from '../cluster/lists.ts';

/** ms between two looks at a pod; the API server answers from its cache. */
const LOOK_MS = 400;
/** ms that removing may take, also after the run was cancelled. */
const REMOVE_MS = 2_500;

/** Marks what is ours; troubleshoot's own tools look for the first one. */
const LABELS = { 'app.kubernetes.io/managed-by': 'hoist' };
const ID = 'hoist.dev/collector';

export interface Own {
  namespace: string;
  /** Unique in the cluster. */
  id: string;
  labels: Record<string, string>;
  /** Makes an object and remembers to remove it. */
  create<T extends KubeObject>(path: string, object: object): Promise<T>;
}

/** Runs with objects of its own, which are gone afterwards. */
export async function withOwn<T>(running: Running, namespace: string, use: (own: Own) => Promise<T>): Promise<T> {
  const { client } = await running.cluster();
  const id = Math.floor(running.random() * 36 ** 8)
    .toString(36)
    .padStart(8, '0');
  const labels = { ...LABELS, [ID]: id };
  const made: string[] = [];
  const own: Own = {
    namespace,
    id,
    labels,
    create: async <O extends KubeObject>(path: string, object: object): Promise<O> => {
      const name = (object as { metadata: { name: string } }).metadata.name;
      // Before it is asked for: an answer that gets lost must not leave it behind.
      made.push(`${path}/${encodeURIComponent(name)}`);
      return client.json<O>({ method: 'POST', path, body: object, signal: running.signal });
    },
  };
  try {
    return await use(own);
  } finally {
    const late = AbortSignal.timeout(REMOVE_MS);
    const remove = async (path: string): Promise<void> => {
      try {
        const body = { gracePeriodSeconds: 0, propagationPolicy: 'Background' };
        await client.json({ method: 'DELETE', path, body, signal: late, attempts: 3 });
      } catch (error) {
        if (!(error instanceof KubeApiError && error.status === 404)) running.problem(`${path} may be left behind`);
      }
    };
    // The last one first: a set of pods before what its pods use.
    for (const path of made.reverse()) await remove(path);
    if (made.some((path) => path.includes('/daemonsets/'))) await removePods(running, own, late);
  }
}

/** The controller removes them too, but only when it gets to it. */
async function removePods(running: Running, { namespace, labels }: Own, signal: AbortSignal): Promise<void> {
  const { client } = await running.cluster();
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
  await client
    .json({ method: 'DELETE', path, query: { labelSelector: selectorOf(labels), gracePeriodSeconds: 0 }, signal })
    .catch(() => undefined);
}

export function selectorOf(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** The names of pull secrets for a pod: one that the spec has the content of is made. */
export async function pullSecretsOf({ item }: Running, own: Own): Promise<{ name: string }[]> {
  const secret = mapping(item.spec, 'imagePullSecret');
  const name = firstText(secret, 'name');
  const data = mapping(secret, 'data');
  if (Object.keys(data).length === 0) return name === undefined ? [] : [{ name }];
  const type = firstText(secret, 'type') ?? 'kubernetes.io/dockerconfigjson';
  const made = `${name ?? 'hoist-pull'}-${own.id}`;
  await own.create(`/api/v1/namespaces/${encodeURIComponent(own.namespace)}/secrets`, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: made, labels: own.labels },
    type,
    data,
  });
  return [{ name: made }];
}

/** Reasons for which a container will not start by itself. */
const HOPELESS =
  /^(ErrImageNeverPull|InvalidImageName|CreateContainerConfigError|CreateContainerError|RunContainerError)$/;
const NO_IMAGE = /^(ImagePullBackOff|ErrImagePull)$/;

/**
 * Waits until the pod is as wanted.
 * @throws HoistError where it will not come that far.
 */
export async function waitForPod(
  running: Running,
  path: string,
  { wanted, retryPulls = false }: { wanted: (pod: PodObject) => boolean; retryPulls?: boolean },
): Promise<PodObject> {
  const { client } = await running.cluster();
  for (;;) {
    const pod = await client.json<PodObject>({ path, signal: running.signal, attempts: 3 });
    if (wanted(pod)) return pod;
    const why = hopeless(pod, retryPulls) ?? (await sandboxFailure(running, pod));
    if (why !== undefined) throw new HoistError(`the pod ${pod.metadata.name} cannot run: ${why}`);
    await pause(running.signal);
  }
}

export function pause(signal: AbortSignal): Promise<void> {
  return import('node:timers/promises').then(({ setTimeout }) => setTimeout(LOOK_MS, undefined, { signal }));
}

export function hopeless({ status }: PodObject, retryPulls: boolean): string | undefined {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  for (const { name, state } of all) {
    const { reason = '', message = '' } = state?.waiting ?? {};
    if (HOPELESS.test(reason) || (!retryPulls && NO_IMAGE.test(reason)))
      return `container ${name}: ${reason} ${message}`.trim();
  }
  return undefined;
}

async function sandboxFailure(running: Running, pod: PodObject): Promise<string | undefined> {
  if (!pod.status?.containerStatuses?.some(({ state }) => state?.waiting?.reason === 'ContainerCreating'))
    return undefined;
  const { items } = await eventsOf(running, pod);
  return items.find(({ reason }) => reason === 'FailedCreatePodSandBox')?.message;
}

export async function eventsOf(
  running: Running,
  { metadata }: PodObject,
): Promise<KubeList<KubeObject & { reason?: string; message?: string }>> {
  const { client } = await running.cluster();
  const path = `/api/v1/namespaces/${encodeURIComponent(metadata.namespace ?? '')}/events`;
  return client.json({
    path,
    query: { fieldSelector: `involvedObject.name=${metadata.name}` },
    signal: running.signal,
    attempts: 3,
  });
}
