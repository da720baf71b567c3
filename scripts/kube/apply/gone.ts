// Waits until an object that is being deleted is gone, since it can neither be kept nor be made again before.

import { ServicesError } from '../../base/errors.ts';
import type { KubeClient } from '../client/client.ts';
import type { KubeObject } from '../object.ts';
import { type Snapshot, WatchTimeoutError, watchUntil } from '../watch/watch.ts';

interface Deleted extends KubeObject {
  metadata: KubeObject['metadata'] & { finalizers?: string[] };
  spec?: { finalizers?: string[] };
  status?: { conditions?: { type: string; status: string; message?: string }[] };
}

/**
 * Resolves when the object of that identity is gone.
 * @param path of its collection
 * @throws ServicesError with what holds it, where the time (ms) is over
 */
export async function waitGone(
  client: KubeClient,
  path: string,
  { metadata: { name, uid, deletionTimestamp } }: KubeObject,
  options: { timeoutMs: number; signal: AbortSignal | undefined },
): Promise<void> {
  try {
    await watchUntil<Deleted, true>(client, {
      path,
      query: { fieldSelector: `metadata.name=${name}` },
      ...options,
      until: (objects) => ([...objects.values()].some(({ metadata }) => metadata.uid === uid) ? undefined : true),
    });
  } catch (error) {
    if (!(error instanceof WatchTimeoutError)) throw error;
    const since = deletionTimestamp === undefined ? '' : `, since ${deletionTimestamp}`;
    const held = heldBy(error.objects);
    throw new ServicesError(`is being deleted${since}, and not gone after ${options.timeoutMs / 1000} s${held}`, {
      hint: 'it is made again when it is gone; finalizers are taken away by the controllers that have set them',
      cause: error,
    });
  }
}

/** What keeps it: finalizers of its own, or, of a namespace, those of what is in it. */
function heldBy(objects: Snapshot<Deleted> | undefined): string {
  const [object] = objects?.values() ?? [];
  const content = object?.status?.conditions?.filter(
    ({ type, status }) => status === 'True' && /Remaining|Failure/.test(type),
  );
  const messages = content?.flatMap(({ message }) => message ?? []) ?? [];
  if (messages.length > 0) return `: ${messages.join(' ')}`;
  const finalizers = object?.metadata.finalizers ?? [];
  return finalizers.length > 0 ? `: held by the finalizers ${finalizers.join(', ')}` : '';
}

/** Whether the object will be gone, whatever is applied to it. */
export function isBeingDeleted(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}
