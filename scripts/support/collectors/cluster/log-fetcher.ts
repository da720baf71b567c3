// Fetches logs of containers: each once, however many collectors ask for it, within the widest of their limits.

import pLimit from 'p-limit';
import { messageOf } from '../../../base/errors.ts';
import { keepHeapSmall } from '../../../host/heap.ts';
import type { KubeClient } from '../../../kube/client/client.ts';
import type { Sink } from '../../types.ts';
import type { PodObject } from './lists.ts';
import { keepPartial } from './partial-log.ts';

/** Logs that are fetched at once: each is a stream of its own at the API server. */
const AT_ONCE = 32;

export interface LogLimits {
  /** Newest lines. */
  lines?: number | undefined;
  /** RFC 3339. */
  since?: string | undefined;
  /** Newest bytes. */
  bytes?: number | undefined;
}

export interface LogRequest {
  pod: PodObject;
  container: string;
  previous: boolean;
  timestamps: boolean;
  limits: LogLimits;
}

/** Where a log is, and why it ends early; or why there is none. */
export type Fetched = { path: string; cut?: string } | { error: string };

interface Wanted extends LogRequest {
  fetched?: Promise<Fetched>;
}

/** What one collector wants; rejected where its pods could not be listed. */
export type LogPlan = ReadonlyMap<object, Promise<readonly LogRequest[]>>;

export class LogFetcher {
  readonly #wanted = new Map<string, Wanted>();
  readonly #slots = pLimit(AT_ONCE);
  #plan: Promise<LogPlan> | undefined;

  constructor(
    readonly client: KubeClient,
    readonly sink: Sink,
  ) {}

  /** What each collector wants, found out once for all of them, so that each log is fetched once, with the widest limits. */
  plan(make: () => LogPlan): Promise<LogPlan> {
    this.#plan ??= (async () => {
      const plan = make();
      for (const result of await Promise.allSettled(plan.values()))
        if (result.status === 'fulfilled') for (const request of result.value) this.#announce(request);
      if (this.#wanted.size > AT_ONCE) keepHeapSmall();
      return plan;
    })();
    return this.#plan;
  }

  #announce(request: LogRequest): void {
    const key = keyOf(request);
    const known = this.#wanted.get(key);
    if (known) known.limits = widest(known.limits, request.limits);
    else this.#wanted.set(key, { ...request });
  }

  fetch(request: LogRequest, signal: AbortSignal): Promise<Fetched> {
    const key = keyOf(request);
    const known = this.#wanted.get(key) ?? { ...request };
    this.#wanted.set(key, known);
    known.fetched ??= this.#slots(() => this.#fetch(known, signal)).catch((error: unknown) => {
      // Another collector may have more time.
      delete known.fetched;
      return { error: messageOf(error) };
    });
    return known.fetched;
  }

  async #fetch({ pod, container, previous, timestamps, limits }: LogRequest, signal: AbortSignal): Promise<Fetched> {
    signal.throwIfAborted();
    const { namespace = '', name } = pod.metadata;
    const body = await this.client.download({
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/log`,
      query: {
        container,
        ...(previous ? { previous } : {}),
        ...(timestamps ? { timestamps } : {}),
        tailLines: limits.lines,
        sinceTime: limits.since,
      },
      accept: '*/*',
      signal,
      silenceMs: 30_000,
    });
    const file = `cluster-resources/pods/logs/${namespace}/${name}/${container}${previous ? '-previous' : ''}.log`;
    let cut: string | undefined;
    const content = keepPartial(body, (reason) => (cut = messageOf(reason)));
    const path = await this.sink.add({ path: file, content, newestBytes: limits.bytes });
    if (path === undefined) return { error: `${file} was left out` };
    return cut === undefined ? { path } : { path, cut };
  }
}

function keyOf({ pod, container, previous, timestamps }: LogRequest): string {
  const { namespace, name, uid } = pod.metadata;
  return JSON.stringify([namespace, name, uid, container, previous, timestamps]);
}

/** Holds whatever either of them would: lines and a time do not hold each other. */
function widest(a: LogLimits, b: LogLimits): LogLimits {
  const bytes = a.bytes === undefined || b.bytes === undefined ? undefined : Math.max(a.bytes, b.bytes);
  if (a.since !== undefined && b.since !== undefined) return { since: a.since < b.since ? a.since : b.since, bytes };
  if (a.lines !== undefined && b.lines !== undefined) return { lines: Math.max(a.lines, b.lines), bytes };
  return { bytes };
}
