// Lists objects page by page, as one list.

import { HoistError } from '../../../base/errors.ts';
import type { KubeClient } from '../../../kube/client/client.ts';
import { KubeApiError } from '../../../kube/client/errors.ts';
import { Pages } from '../../../kube/list.ts';
import type { KubeList, KubeObject } from '../../../kube/object.ts';

/** Objects in one answer; the API server reads them from its cache in one go. */
const PAGE = 500;

export interface ListQuery {
  path: string;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  signal: AbortSignal;
}

/** All objects of a collection. @throws as the client does */
export async function listAll<T extends KubeObject = KubeObject>(
  client: KubeClient,
  query: ListQuery,
): Promise<KubeList<T>> {
  const { path, labelSelector, fieldSelector, signal } = query;
  const get = async (more?: string): Promise<KubeList<T>> => {
    const asked = { limit: PAGE, continue: more, labelSelector, fieldSelector };
    return asList<T>(path, await client.json({ path, query: asked, signal, attempts: 3 }));
  };
  const first = await get();
  const pages = new Pages(path);
  let next = pages.next(first.metadata.continue, first.items.length);
  while (next !== undefined) {
    try {
      const page: KubeList<T> = await get(next);
      for (const item of page.items) first.items.push(item);
      next = pages.next(page.metadata.continue, page.items.length);
    } catch (error) {
      if (!(error instanceof KubeApiError && error.status === 410)) throw error;
      // The list has expired between two pages: all of it at once, which cannot.
      return asList<T>(path, await client.json({ path, query: { labelSelector, fieldSelector }, signal, attempts: 3 }));
    }
  }
  delete first.metadata.continue;
  return first;
}

/** Whatever answers for an API server may answer anything. @throws HoistError for what is no list */
function asList<T extends KubeObject>(path: string, answer: Partial<KubeList<T>>): KubeList<T> {
  // `null` stands for no objects in what Go writes.
  const { items, metadata } = answer as { items?: unknown; metadata?: unknown };
  const list = items ?? [];
  if (Array.isArray(answer) || !Array.isArray(list) || typeof (metadata ?? {}) !== 'object')
    throw new HoistError(`GET ${path}: the answer is no list`);
  return { ...answer, metadata: metadata ?? {}, items: list as T[] };
}

export interface PodObject extends KubeObject {
  spec: {
    nodeName?: string;
    containers: { name: string }[];
    initContainers?: { name: string }[];
    ephemeralContainers?: { name: string }[];
  };
  status?: {
    phase?: string;
    reason?: string;
    containerStatuses?: ContainerStatus[];
    initContainerStatuses?: ContainerStatus[];
    ephemeralContainerStatuses?: ContainerStatus[];
  };
}

export interface ContainerStatus {
  name: string;
  ready: boolean;
  restartCount: number;
  state?: { waiting?: { reason?: string; message?: string }; terminated?: { exitCode?: number; reason?: string } };
  lastState?: { terminated?: object };
}

/** Pods of a namespace, or of all where it is empty. */
export async function podsOf(
  client: KubeClient,
  namespace: string,
  selector: readonly string[],
  signal: AbortSignal,
): Promise<PodObject[]> {
  const path = namespace === '' ? '/api/v1/pods' : `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
  const labelSelector = selector.length === 0 ? undefined : selector.join(',');
  return (await listAll<PodObject>(client, { path, labelSelector, signal })).items.filter(isPod);
}

/** Whether it has what everything here reads of a pod; answers that are no such thing must not end the run. */
export function isPod(object: KubeObject): object is PodObject {
  const { spec, status } = object as { spec?: Partial<PodObject['spec']> | null; status?: unknown };
  const named = (list: unknown): boolean =>
    list === undefined ||
    (Array.isArray(list) && list.every((one: unknown) => typeof (one as { name?: unknown } | null)?.name === 'string'));
  const { containers, initContainers, ephemeralContainers } = spec ?? {};
  if (containers === undefined || ![containers, initContainers, ephemeralContainers].every(named)) return false;
  const { containerStatuses, initContainerStatuses, ephemeralContainerStatuses } = (status ?? {}) as Record<
    string,
    unknown
  >;
  return [containerStatuses, initContainerStatuses, ephemeralContainerStatuses].every(named);
}
