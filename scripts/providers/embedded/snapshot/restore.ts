// Makes the content of a cluster that of a snapshot: the difference alone is written, while all other writers are paused.

import { randomUUID } from 'node:crypto';
import { messageOf, CreationError } from '../../../base/errors.ts';
import type { Entry } from '../../snapshots/records.ts';
import { EtcdClient, type KeyValue } from '../etcd/etcd-client.ts';
import { readStored } from '../etcd/stored-object.ts';
import { IDENTITY_KEY, ROOT, adapted, isContent } from './content.ts';

export interface Restored {
  written: number;
  removed: number;
}

/** Keys that are written in one go; about as much as is held in memory. */
const WRITTEN_AT_ONCE = 1_000;

/**
 * @param folder the cluster's own.
 * @param options.sameKeys whether the snapshot was taken of this very cluster.
 * @throws CreationError where the snapshot is damaged, before anything is written, or etcd does not take it.
 */
export async function restoreContent(
  folder: string,
  entries: () => AsyncIterable<Entry>,
  { sameKeys, signal }: { sameKeys: boolean; signal: AbortSignal },
): Promise<Restored> {
  const etcd = new EtcdClient(folder);
  try {
    const present = await presentKeys(etcd, signal);
    const uid = present.get(IDENTITY_KEY)?.uid ?? randomUUID();
    const put: KeyValue[] = [];
    let written = 0;
    const write = async (): Promise<void> => {
      await etcd.change({ put, remove: [] }, signal);
      written += put.length;
      put.length = 0;
    };
    for await (const entry of entries()) {
      const { key, value } = adapted(entry, { uid, sameKeys });
      const there = present.get(key);
      present.delete(key);
      if (there?.value.equals(value) === true) continue;
      put.push({ key, value });
      if (put.length >= WRITTEN_AT_ONCE) await write();
    }
    await write();
    const remove = [...present.keys()];
    await etcd.change({ put: [], remove }, signal);
    return { written, removed: remove.length };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CreationError) throw error;
    throw new CreationError(`the snapshot could not be written into etcd: ${messageOf(error)}`, { cause: error });
  } finally {
    await etcd.close();
  }
}

async function presentKeys(
  etcd: EtcdClient,
  signal: AbortSignal,
): Promise<Map<string, { value: Buffer; uid: string | undefined }>> {
  const present = new Map<string, { value: Buffer; uid: string | undefined }>();
  for await (const page of etcd.keys(ROOT, { signal })) {
    for (const { key, value, expires } of page) {
      const uid = key === IDENTITY_KEY ? readStored(value)?.uid : undefined;
      if (isContent({ key, value, expires })) present.set(key, { value, uid });
    }
  }
  return present;
}
