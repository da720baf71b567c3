// The one object through which hoist talks to a Kubernetes API server.

import { setMaxListeners } from 'node:events';
import { Readable } from 'node:stream';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { fixedHeaders, type KubeConnection } from './connection.ts';
import { apiErrorOf, KubeConnectionError } from './errors.ts';
import { AbortScope } from './abort-scope.ts';
import { bytesOf, linesOf, textOf } from './body.ts';
import { afterAnswerMs, afterBreakMs } from './retry.ts';
import { createTransport } from './transport.ts';
import type { Exchange, Transport, WireRequest } from './wire.ts';

export type { KubeConnection } from './connection.ts';

export interface KubeRequest {
  /** Defaults to `GET`. */
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute, without a query: `/api/v1/namespaces`. */
  path: string;
  query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** A string goes as it is, anything else as JSON. */
  body?: unknown;
  /** Of the body; defaults to `application/json`. */
  contentType?: string | undefined;
  /** Defaults to `application/json`. */
  accept?: string | undefined;
  signal?: AbortSignal | undefined;
  /**
   * ms until the whole answer must have come, for each attempt. Where not given, an answer must begin within 30 s and may
   * take up to 5 min, as long as no 30 s pass without a byte: a slow line is no fault.
   */
  timeoutMs?: number | undefined;
  /** Attempts in all where the connection fails; defaults to 1. A request that may have been acted on is repeated only if that is harmless. */
  attempts?: number | undefined;
  /** Characters of the answer at most; defaults to 256 Mi. */
  maxChars?: number | undefined;
  /** Whether an answer with `Retry-After` is waited out here, the default; callers with a pacer of their own say false. */
  patient?: boolean | undefined;
}

export interface StreamRequest extends KubeRequest {
  /** ms without a byte after which the stream counts as broken; no limit by default. */
  silenceMs?: number | undefined;
}

export interface KubeResponse {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
}

/**
 * All methods throw KubeConnectionError where no whole answer comes, and the signal's reason where it was aborted.
 * An answer that asks to come back later (`Retry-After`) is followed a few times before it is handed on.
 */
export interface KubeClient {
  /** Where it is connected to, for messages. */
  readonly server: string;
  /** Resolves whatever the status is. */
  request(request: KubeRequest): Promise<KubeResponse>;
  /** Resolves with the parsed body. @throws KubeApiError for a status of 400 or more. */
  json<T>(request: KubeRequest): Promise<T>;
  /**
   * The body's lines, in batches as they come, until the server ends it.
   * @throws KubeApiError for a status of 400 or more.
   */
  stream(request: StreamRequest): AsyncGenerator<string[], void, undefined>;
  /**
   * The body's bytes as they come; the stream fails with KubeConnectionError where the connection breaks.
   * @throws KubeApiError for a status of 400 or more.
   */
  download(request: StreamRequest): Promise<Readable>;
  /** Ends all that is under way. */
  close(): void;
}

/**
 * The bearer token to send, of a source that renews it while the client lives.
 * @param refused the one that the server has just refused: it is then looked whether there is another one
 */
export type TokenSource = (refused?: string) => Promise<string>;

export interface ClientOptions {
  /** In place of the connection's own token. */
  token?: TokenSource | undefined;
  /** ms until a TLS handshake must have ended; defaults to 10,000. */
  connectMs?: number;
  /** ms that an answer without a time limit of its own may be silent, and may take in all; defaults to 30,000 and 300,000. */
  patience?: { silenceMs: number; totalMs: number };
  /** ms of silence until an HTTP/2 session is probed, and again until it counts as dead; defaults to 15,000. */
  silenceMs?: number;
  sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  random?: () => number;
}

/** A client for the connection; nothing is sent before the first request. */
export function connect(connection: KubeConnection, options: ClientOptions = {}): KubeClient {
  return new Client(connection, options);
}

/** Characters of an answer that says no: its message is a sentence, with a cause for each field. */
const ERROR_MAX = 4 * 2 ** 20;

/** ms without a byte after which an answer is not waited for. */
const SILENCE_MS = 30_000;

const NOT_KUBERNETES = 'something else than a Kubernetes API may listen there, for example a proxy with a log-in page';

/** The parsed body of an answer. @throws KubeApiError for a status of 400 or more. */
export function parseAnswer(request: KubeRequest, response: Pick<KubeResponse, 'status' | 'body'>): unknown {
  const what = `${request.method ?? 'GET'} ${request.path}`;
  let parsed: unknown;
  try {
    parsed = JSON.parse(response.body);
  } catch (cause) {
    if (response.status >= 400) throw apiErrorOf(what, response.status, response.body);
    throw new KubeConnectionError(`${what}: the answer is not JSON`, 'NOT_KUBERNETES', { cause, hint: NOT_KUBERNETES });
  }
  if (response.status >= 400) throw apiErrorOf(what, response.status, parsed);
  if (response.status >= 300) {
    throw new KubeConnectionError(`${what}: the server sends elsewhere (status ${response.status})`, 'NOT_KUBERNETES', {
      hint: 'an API server does not redirect; a proxy with a log-in page does',
    });
  }
  return withSoundItems(what, parsed);
}

/** A list is taken only whole: each reader goes by the metadata of its items. Go's servers write an empty one as null. */
function withSoundItems(what: string, parsed: unknown): unknown {
  if (typeof parsed !== 'object' || parsed === null) {
    throw new KubeConnectionError(`${what}: the answer is no object`, 'NOT_KUBERNETES', { hint: NOT_KUBERNETES });
  }
  if (!('items' in parsed)) return parsed;
  const { items } = parsed;
  if (items === null) return { ...parsed, items: [] };
  if (Array.isArray(items) && items.every(isObjectWithMetadata)) return parsed;
  throw new KubeConnectionError(`${what}: the items of the answer are no Kubernetes objects`, 'NOT_KUBERNETES', {
    hint: NOT_KUBERNETES,
  });
}

function isObjectWithMetadata(item: unknown): boolean {
  const metadata: unknown = typeof item === 'object' && item !== null && 'metadata' in item ? item.metadata : undefined;
  return typeof metadata === 'object' && metadata !== null;
}

class Client implements KubeClient {
  readonly server: string;
  readonly #transport: Transport;
  readonly #headers: Readonly<Record<string, string | string[]>>;
  readonly #prefix: string;
  readonly #patience: { silenceMs: number; totalMs: number };
  readonly #sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  readonly #random: () => number;
  readonly #token: TokenSource | undefined;

  constructor(connection: KubeConnection, options: ClientOptions) {
    this.#token = options.token;
    this.server = connection.server;
    this.#transport = createTransport(connection, {
      connectMs: options.connectMs ?? 10_000,
      silenceMs: options.silenceMs ?? 15_000,
    });
    this.#headers = fixedHeaders(connection);
    this.#patience = options.patience ?? { silenceMs: SILENCE_MS, totalMs: 300_000 };
    this.#prefix = new URL(connection.server).pathname.replace(/\/$/, '');
    this.#sleep = options.sleep ?? ((ms, signal) => sleepFor(ms, undefined, signal === undefined ? {} : { signal }));
    this.#random = options.random ?? Math.random;
  }

  async request(request: KubeRequest): Promise<KubeResponse> {
    if (this.#token === undefined) return this.#whole(request, undefined);
    const token = await this.#token();
    const response = await this.#whole(request, token);
    if (response.status !== 401) return response;
    const renewed = await this.#token(token);
    return renewed === token ? response : this.#whole(request, renewed);
  }

  #whole(request: KubeRequest, token: string | undefined): Promise<KubeResponse> {
    const wire = this.#wire(request, token);
    return this.#persist(request, async () => {
      const limit = new AnswerLimit(this.server, request, this.#patience);
      const held = new AbortScope(request.signal, limit.firstMs, limit.late);
      try {
        const exchange = await this.#transport.send(wire, held);
        const body = await textOf(exchange, held, this.server, {
          onBytes: () => limit.onBytes(held),
          max: exchange.status < 400 ? request.maxChars : ERROR_MAX,
        });
        return { status: exchange.status, headers: exchange.headers, body };
      } finally {
        held.release();
      }
    });
  }

  async json<T>(request: KubeRequest): Promise<T> {
    return parseAnswer(request, await this.request(request)) as T;
  }

  async download(request: StreamRequest): Promise<Readable> {
    const token = await this.#token?.();
    const { exchange, held } = await this.#persist(request, () => this.#open(request, this.#wire(request, token)));
    if (exchange.status === 401) await this.#token?.(token);
    if (exchange.status >= 400) {
      try {
        parseAnswer(request, {
          status: exchange.status,
          body: await textOf(exchange, held, this.server, { max: ERROR_MAX }),
        });
      } finally {
        held.release();
      }
    }
    const { server } = this;
    const bytes = async function* (): AsyncGenerator<Buffer, void, undefined> {
      try {
        held.renew(request.silenceMs);
        for await (const chunk of bytesOf(exchange, held, server)) {
          held.renew(undefined);
          yield chunk;
          held.renew(request.silenceMs);
        }
      } finally {
        held.release();
        exchange.drop();
      }
    };
    return Readable.from(bytes(), { objectMode: false });
  }

  async *stream(request: StreamRequest): AsyncGenerator<string[], void, undefined> {
    const token = await this.#token?.();
    const wire = this.#wire(request, token);
    const { exchange, held } = await this.#persist(request, () => this.#open(request, wire));
    try {
      // The next stream has the new one.
      if (exchange.status === 401) await this.#token?.(token);
      if (exchange.status >= 400) {
        parseAnswer(request, {
          status: exchange.status,
          body: await textOf(exchange, held, this.server, { max: ERROR_MAX }),
        });
      }
      held.renew(request.silenceMs);
      for await (const lines of linesOf(exchange, held, this.server)) {
        // The consumer's own time must not count as silence of the server.
        held.renew(undefined);
        if (lines.length > 0) yield lines;
        held.renew(request.silenceMs);
      }
    } finally {
      held.release();
      exchange.drop();
    }
  }

  close(): void {
    this.#transport.close();
  }

  async #open(request: StreamRequest, wire: WireRequest): Promise<Opened> {
    const timeoutMs = request.timeoutMs ?? SILENCE_MS;
    const held = new AbortScope(request.signal, timeoutMs, () => timedOut(this.server, request, timeoutMs));
    try {
      const exchange = await this.#transport.send(wire, held);
      return { exchange, held, status: exchange.status, headers: exchange.headers };
    } catch (error) {
      held.release();
      throw error;
    }
  }

  /** Repeats what is worth repeating, within bounds. */
  async #persist<T extends Pick<KubeResponse, 'status' | 'headers'> & { exchange?: Exchange; held?: Opened['held'] }>(
    request: KubeRequest,
    attempt: () => Promise<T>,
  ): Promise<T> {
    if (request.signal !== undefined) setMaxListeners(0, request.signal);
    for (let tried = 1; ; tried++) {
      let delayMs: number;
      try {
        const answer = await attempt();
        const wait = request.patient === false ? undefined : afterAnswerMs(answer, tried, this.#random);
        if (wait === undefined) return answer;
        answer.held?.release();
        answer.exchange?.drop();
        delayMs = wait;
      } catch (error) {
        const wait = afterBreakMs(error, request, tried, this.#random);
        if (wait === undefined) throw error;
        delayMs = wait;
      }
      await this.#sleep(delayMs, request.signal);
    }
  }

  #wire(request: KubeRequest, token: string | undefined): WireRequest {
    const { body } = request;
    return {
      method: request.method ?? 'GET',
      path: this.#prefix + request.path + queryOf(request.query),
      headers: {
        ...this.#headers,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        accept: request.accept ?? 'application/json',
        ...(body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
      },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    };
  }
}

/** When an answer is late: at a time of the request's own, or by how it comes. */
class AnswerLimit {
  readonly firstMs: number;
  readonly #began = performance.now();
  #sent = false;
  /** Whether the time for the whole answer ends before the one for silence does. */
  #isWhole = false;

  constructor(
    readonly server: string,
    readonly request: KubeRequest,
    readonly patience: { silenceMs: number; totalMs: number },
  ) {
    this.firstMs = request.timeoutMs ?? patience.silenceMs;
  }

  onBytes(held: AbortScope): void {
    if (this.request.timeoutMs !== undefined) return;
    this.#sent = true;
    const { silenceMs, totalMs } = this.patience;
    const leftMs = totalMs - (performance.now() - this.#began);
    this.#isWhole = leftMs < silenceMs;
    held.renew(Math.max(0, Math.min(silenceMs, leftMs)));
  }

  readonly late = (): KubeConnectionError => {
    if (!this.#sent) return timedOut(this.server, this.request, this.firstMs);
    const { silenceMs, totalMs } = this.patience;
    const what = this.#isWhole
      ? `is still answering after ${totalMs} ms`
      : `has sent nothing for ${silenceMs} ms in the middle of an answer`;
    const { method = 'GET', path } = this.request;
    return new KubeConnectionError(`${method} ${path}: ${this.server} ${what}`, 'TIMEOUT');
  };
}

interface Opened {
  status: number;
  headers: KubeResponse['headers'];
  exchange: Exchange;
  held: AbortScope;
}

function timedOut(server: string, request: KubeRequest, timeoutMs: number): KubeConnectionError {
  return new KubeConnectionError(
    `${request.method ?? 'GET'} ${request.path}: ${server} has not answered within ${timeoutMs} ms`,
    'TIMEOUT',
  );
}

/** By hand: URLSearchParams costs as much as the rest of a small request. */
function queryOf(query: KubeRequest['query']): string {
  let text = '';
  for (const name in query) {
    const value = query[name];
    if (value !== undefined)
      text += `${text === '' ? '?' : '&'}${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
  }
  return text;
}
