// Follows a collection by list and watch until it is as wanted; never asks again while the server keeps talking.

import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode, HoistError } from '../../base/errors.ts';
import type { KubeClient } from '../client/client.ts';
import { withDeadline } from '../client/deadline.ts';
import { apiErrorOf, KubeApiError, KubeConnectionError } from '../client/errors.ts';
import { keyOf, type KubeList, type KubeObject } from '../object.ts';
import { parseEvent, type WatchEvent } from './event.ts';

/** The objects of the collection, by `namespace/name`. */
export type Snapshot<T extends KubeObject> = ReadonlyMap<string, T>;

export interface WatchOptions<T extends KubeObject, R> {
  /** Of the collection: `/api/v1/nodes`. */
  path: string;
  query?: { fieldSelector?: string | undefined; labelSelector?: string | undefined };
  /** Called with the state after the list and after each batch of events; ends the watch by returning something. */
  until: (objects: Snapshot<T>) => R | undefined;
  signal?: AbortSignal | undefined;
  /** ms until the watch is given up; no limit by default. */
  timeoutMs?: number | undefined;
  /** s after which the server ends a stream and it is resumed; defaults to 120. */
  serverSeconds?: number;
  /** ms beyond `serverSeconds` after which a silent stream counts as broken; defaults to 15,000. */
  graceMs?: number;
}

/** The time was over before the collection was as wanted. */
export class WatchTimeoutError extends HoistError {
  override readonly name = 'WatchTimeoutError';
  override readonly exitCode = ExitCode.timeout;

  constructor(
    message: string,
    /** What was last seen; undefined where not even the list came. */
    readonly objects: Snapshot<KubeObject> | undefined,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

const backoffStartMs = 20;
const backoffEndMs = 2_000;

/**
 * Resolves with what `until` returns. Broken connections, ended streams and outdated versions are resumed.
 * @throws WatchTimeoutError; KubeApiError where the server refuses; the signal's reason; whatever `until` throws.
 */
export async function watchUntil<T extends KubeObject, R>(client: KubeClient, options: WatchOptions<T, R>): Promise<R> {
  const follower = new Follower(client, options);
  const late = (): Error => follower.timedOut();
  return withDeadline(options.signal, options.timeoutMs, late, (signal) => follower.run(signal));
}

class Follower<T extends KubeObject, R> {
  #objects: Map<string, T> | undefined;
  #version: string | undefined;
  #lastError: unknown;
  /** Failures and fruitless streams in a row. */
  #setbacks = 0;

  constructor(
    readonly client: KubeClient,
    readonly options: WatchOptions<T, R>,
  ) {}

  timedOut(): WatchTimeoutError {
    const { path, timeoutMs } = this.options;
    return new WatchTimeoutError(`${path} is not as wanted after ${timeoutMs} ms`, this.#objects, this.#lastError);
  }

  async run(signal: AbortSignal): Promise<R> {
    for (;;) {
      try {
        const result =
          (this.#version === undefined ? await this.#list(signal) : undefined) ?? (await this.#follow(signal));
        if (result !== undefined) return result;
      } catch (error) {
        if (signal.aborted || !isPassing(error)) throw error;
        this.#lastError = error;
        if (error instanceof KubeApiError && error.status === 410) this.#version = undefined;
      }
      // The first resumption is immediate; a server that keeps failing is asked ever more slowly.
      if (this.#setbacks > 0) {
        const bound = Math.min(backoffEndMs, backoffStartMs * 2 ** this.#setbacks);
        await sleep(bound * (0.5 + Math.random() / 2), undefined, { signal });
      }
      this.#setbacks += 1;
    }
  }

  async #list(signal: AbortSignal): Promise<R | undefined> {
    const { path, query } = this.options;
    const list = await this.client.json<KubeList<T>>({ path, query, signal });
    this.#objects = new Map(list.items.map((item) => [keyOf(item), item]));
    this.#version = list.metadata.resourceVersion;
    return this.options.until(this.#objects);
  }

  async #follow(signal: AbortSignal): Promise<R | undefined> {
    const { path, query, serverSeconds = 120, graceMs = 15_000 } = this.options;
    const batches = this.client.stream({
      path,
      query: {
        ...query,
        watch: 1,
        allowWatchBookmarks: true,
        resourceVersion: this.#version,
        timeoutSeconds: serverSeconds,
      },
      signal,
      silenceMs: serverSeconds * 1000 + graceMs,
    });
    for await (const lines of batches) {
      this.#setbacks = 0;
      let changed = false;
      for (const line of lines) if (line !== '') changed = this.#take(parseEvent<T>(line, path)) || changed;
      const result = changed ? this.options.until(this.#objects ?? new Map()) : undefined;
      if (result !== undefined) return result;
    }
    return undefined;
  }

  /** Takes an event into the state; whether objects have changed. */
  #take({ type, object }: WatchEvent<T>): boolean {
    if (type === 'ERROR') throw apiErrorOf(`watching ${this.options.path}`, 500, object);
    this.#version = object.metadata.resourceVersion ?? this.#version;
    if (type === 'BOOKMARK') return false;
    if (type === 'DELETED') this.#objects?.delete(keyOf(object));
    else this.#objects?.set(keyOf(object), object);
    return true;
  }
}

/** Whether an error may be gone at the next attempt. */
function isPassing(error: unknown): boolean {
  if (error instanceof KubeConnectionError) return error.code !== 'CLOSED' && error.code !== 'NOT_KUBERNETES';
  return error instanceof KubeApiError && (error.status === 410 || error.status === 429 || error.status >= 500);
}
