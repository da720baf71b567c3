// A cluster as syncing talks to it: paced requests, and what is remembered of it between passes.

import { ExitCode, HoistError } from '../../base/errors.ts';
import type { Clock } from '../../engine/clock.ts';
import { parseAnswer, type KubeClient, type KubeRequest, type KubeResponse } from '../../kube/client/client.ts';
import { KubeConnectionError } from '../../kube/client/errors.ts';
import { discoveryOf } from '../../kube/discovery.ts';
import type { Resource } from '../../kube/resources.ts';
import type { Item } from '../desired/item.ts';
import { Limiter } from './limiter.ts';
import type { Typical } from './typical.ts';

/** What happens on the wire, for metrics. */
export interface WireObserver {
  request(request: { method: string; path: string; status: number; ms: number; remote: boolean }): void;
}

export interface SpokeOptions {
  clock: Clock;
  random: () => number;
  lanes: Lanes;
  /** Requests under way to one cluster at most. */
  maxInFlight: number;
  /** ms for one request. */
  requestMs: number;
  /** What is to be hidden where an answer repeats it. */
  secrets: readonly string[];
  observer?: WireObserver | undefined;
  /** ms that a write which begins now may be under way; 0 while another process may own this cluster. */
  mayWriteMs?: (() => number) | undefined;
}

/** How many requests may be under way to all clusters together: slow ones have a lane of their own, so that they delay no other cluster. */
export interface Lanes {
  fast: Limiter;
  slow: Limiter;
  /** First requests: nothing is known of the cluster, which may be dead. */
  first: Limiter;
  /** Over all clusters. */
  typical: Typical;
}

/** ms of mean latency above which a cluster counts as slow, if it is also so many times what others take. */
const SLOW_MS = 300;
const SLOWER = 4;

/** ms from which on a cluster that has not answered its first request counts as silent. */
const SILENT_MS = 250;

/** Where this machine is busy, all answers are late. */
export function silentAfterMs({ typical }: Lanes): number {
  return Math.max(SILENT_MS, SLOWER * typical.ms);
}

/** A cluster that keeps asking for fewer requests: it is left until later, so that it slows no other cluster. */
class ThrottledError extends HoistError {
  override readonly name = 'ThrottledError';
  override readonly exitCode = ExitCode.unhealthy;
}

/** How often a request is repeated because the server asks for patience, and how long one wait may be, in ms. */
const PATIENCE = 4;
const LONGEST_WAIT_MS = 5_000;

/** Characters of an answer: one object of at most 1.5 MiB with all that is said of its fields, or what discovery says. */
const ANSWER_CHARS = 16 * 2 ** 20;

export class Spoke {
  readonly limiter: Limiter;
  /** A number for the version at which an object was last found as wanted; by the item that it was compared with. */
  readonly seen = new Map<Item, number>();
  /** What this cluster takes in place of an item, because it does not know all its fields. */
  readonly variants = new Map<Item, Item>();
  /** Patches and the version of their target after which they changed nothing. */
  readonly patched = new Map<string, number>();
  requests = 0;
  /** Mean latency in ms, recent requests weighing more; undefined before the first answer and after a broken connection. */
  latencyMs: number | undefined;

  constructor(
    readonly client: KubeClient,
    readonly options: SpokeOptions,
  ) {
    this.limiter = new Limiter({ start: Math.min(4, options.maxInFlight), min: 1, max: options.maxInFlight });
  }

  #answered(lane: Limiter, ms: number): void {
    this.latencyMs = this.latencyMs === undefined ? ms : this.latencyMs * 0.8 + ms * 0.2;
    this.limiter.answered(ms);
    lane.answered(ms);
    this.options.lanes.typical.answered(ms);
  }

  find(apiVersion: string, kind: string, signal: AbortSignal): Promise<Resource | undefined> {
    return discoveryOf(this.client).find(apiVersion, kind, signal);
  }

  /** @throws KubeApiError for a status of 400 or more, KubeConnectionError, ThrottledError, or the signal's reason */
  async json<T>(request: KubeRequest): Promise<T> {
    return parseAnswer(request, await this.request(request)) as T;
  }

  /** Resolves whatever the status is. A slot is held only while the request is under way, never while it waits. */
  async request(request: KubeRequest): Promise<KubeResponse> {
    const { clock, random } = this.options;
    for (let tried = 1; ; tried++) {
      const response = await this.#paced(request);
      const after = retryAfterMs(response);
      if (after === undefined) return response;
      this.limiter.throttled();
      if (tried >= PATIENCE || after > LONGEST_WAIT_MS) {
        throw new ThrottledError(`${this.client.server} asks to come back later (status ${response.status})`);
      }
      const signal = request.signal ?? new AbortController().signal;
      await clock.sleep(after * tried + random() * 250, signal);
    }
  }

  get isSlow(): boolean {
    const { typical } = this.options.lanes;
    return this.latencyMs !== undefined && this.latencyMs > Math.max(SLOW_MS, SLOWER * typical.ms);
  }

  #lane(): Limiter {
    const { first, slow, fast } = this.options.lanes;
    return this.latencyMs === undefined ? first : this.isSlow ? slow : fast;
  }

  /** @throws ThrottledError where a write may not begin */
  #writeMs({ method }: KubeRequest): number {
    if (method === undefined || method === 'GET') return Infinity;
    const ms = this.options.mayWriteMs?.() ?? Infinity;
    if (ms <= 0) throw new ThrottledError('this shard does not hold its Lease any more');
    return ms;
  }

  async #paced(request: KubeRequest): Promise<KubeResponse> {
    const { clock, requestMs, observer } = this.options;
    const own = this.limiter.acquire();
    if (own !== undefined) await own;
    try {
      const lane = this.#lane();
      const shared = lane.acquire();
      if (shared !== undefined) await shared;
      const started = clock.now();
      this.requests += 1;
      let status = 0;
      try {
        request.signal?.throwIfAborted();
        const timeoutMs = Math.min(request.timeoutMs ?? requestMs, this.#writeMs(request));
        const response = await this.client.request({
          maxChars: ANSWER_CHARS,
          ...request,
          timeoutMs,
          patient: false,
          attempts: 1,
        });
        status = response.status;
        this.#answered(lane, clock.now() - started);
        return response;
      } catch (error) {
        if (error instanceof KubeConnectionError) this.latencyMs = undefined;
        throw error;
      } finally {
        lane.release();
        observer?.request({
          method: request.method ?? 'GET',
          path: request.path,
          status,
          ms: clock.now() - started,
          remote: true,
        });
      }
    } finally {
      this.limiter.release();
    }
  }
}

/** ms that the server asks to wait; undefined where it asks for nothing. */
function retryAfterMs({ status, headers }: KubeResponse): number | undefined {
  if (status !== 429 && status !== 503) return undefined;
  const after = Number(headers['retry-after'] ?? (status === 429 ? 1 : NaN));
  return Number.isFinite(after) ? Math.max(0, after * 1000) : undefined;
}

/** Whether the whole cluster is at fault rather than one object of it. */
export function isClusterFault(error: unknown): boolean {
  return error instanceof KubeConnectionError || error instanceof ThrottledError;
}
