// Follows a collection for as long as the caller wants: list in pages, then watch with bookmarks, resumed whenever it breaks.

import type { Clock } from '../../engine/clock.ts';
import type { KubeClient } from '../client/client.ts';
import { apiErrorOf, KubeApiError, KubeConnectionError } from '../client/errors.ts';
import { listAll } from '../list.ts';
import { keyOf, type KubeObject } from '../object.ts';
import { parseEvent, type WatchEvent } from './event.ts';

/** Receives the collection's state: the whole of it after each list, then one change after another. */
export interface Follower<T extends KubeObject> {
  /** The complete collection, by `namespace/name`, and its version; again after a gap in the watch. */
  replaced(objects: ReadonlyMap<string, T>, version: string | undefined): void;
  changed(key: string, object: T): void;
  deleted(key: string, object: T): void;
  /** The list or the watch failed; it is tried again. The state is as old as the last call. */
  failed?(error: unknown): void;
  /** The watch goes on where it broke off: nothing was missed. */
  recovered?(): void;
}

export interface FollowOptions {
  path: string;
  query?: { fieldSelector?: string | undefined; labelSelector?: string | undefined };
  accept?: string | undefined;
  signal: AbortSignal;
  clock: Clock;
  random: () => number;
  /** s after which the server ends a stream and it is resumed; 300 by default. */
  serverSeconds?: number;
}

/** ms that a watch lasts at least where server and network are well: one that ends sooner is not resumed at once. */
const SHORT_MS = 1_000;

const BACKOFF_START_MS = 100;
const BACKOFF_END_MS = 30_000;

/** Ends only with the signal, whose reason it rejects with. */
export async function follow<T extends KubeObject>(
  client: KubeClient,
  options: FollowOptions,
  follower: Follower<T>,
): Promise<never> {
  let version: string | undefined;
  let failures = 0;
  const pause = async (): Promise<void> => {
    failures += 1;
    const bound = Math.min(BACKOFF_END_MS, BACKOFF_START_MS * 2 ** (failures - 1));
    await options.clock.sleep(bound * (0.5 + options.random() / 2), options.signal);
  };
  for (;;) {
    options.signal.throwIfAborted();
    const isWatching = version !== undefined;
    try {
      version ??= await replace(client, options, follower);
      const started = options.clock.now();
      for await (const event of events<T>(client, options, version)) {
        // First, since an error that comes as an event is no progress, and its object has no version.
        hand(event, follower);
        if (failures > 0) follower.recovered?.();
        failures = 0;
        version = event.object.metadata.resourceVersion ?? version;
      }
      if (options.clock.now() - started < SHORT_MS) await pause();
      else failures = 0;
    } catch (error) {
      options.signal.throwIfAborted();
      // 410: the server no longer has the changes since then. Other refusals may pass: a right that is being granted.
      if (!(error instanceof KubeConnectionError)) version = undefined;
      const expired = isWatching && error instanceof KubeApiError && error.status === 410;
      if (!expired) follower.failed?.(error);
      await pause();
    }
  }
}

async function replace<T extends KubeObject>(
  client: KubeClient,
  { path, query, accept, signal }: FollowOptions,
  follower: Follower<T>,
): Promise<string | undefined> {
  const { items, resourceVersion } = await listAll<T>(client, { path, query, accept, signal });
  follower.replaced(new Map(items.map((item) => [keyOf(item), item])), resourceVersion);
  return resourceVersion;
}

async function* events<T extends KubeObject>(
  client: KubeClient,
  { path, query, accept, signal, serverSeconds = 300 }: FollowOptions,
  version: string | undefined,
): AsyncGenerator<WatchEvent<T>, void, undefined> {
  const batches = client.stream({
    path,
    query: { ...query, watch: 1, allowWatchBookmarks: true, resourceVersion: version, timeoutSeconds: serverSeconds },
    accept,
    signal,
    silenceMs: serverSeconds * 1000 + 15_000,
  });
  for await (const lines of batches) {
    for (const line of lines) if (line !== '') yield parseEvent<T>(line, path);
  }
}

function hand<T extends KubeObject>({ type, object }: WatchEvent<T>, follower: Follower<T>): void {
  if (type === 'ERROR') throw apiErrorOf('watching', 500, object);
  if (type === 'BOOKMARK') return;
  if (type === 'DELETED') follower.deleted(keyOf(object), object);
  else follower.changed(keyOf(object), object);
}
