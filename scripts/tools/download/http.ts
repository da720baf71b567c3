// HTTP for downloads: finds out within seconds that a site is unreachable, goes through proxies, never hangs.

import { connect as connectTcp } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { buildConnector, Dispatcher } from 'undici';
import { ConfigError, CreationError, messageOf } from '../../base/errors.ts';
import type { Environment } from '../../host/paths.ts';
import { proxyFor } from './proxy.ts';

/** ms until a site, or its proxy, has taken the connection: a network without a way there drops packets. */
const CONNECT_MS = 3_000;
/** ms until the first byte of an answer, with all before it: at 1 kB/s a handshake takes some seconds. */
const ANSWER_MS = 10_000;
/** ms without a byte until a transfer counts as cut. */
const SILENT_MS = 10_000;
/** Waits in ms before a server that is busy is asked again. */
const BUSY_WAITS_MS = [300, 1_200];
const REDIRECTS = 5;

/** A file that could not be got, as opposed to one that was got and is wrong. */
export class DownloadError extends CreationError {
  /** Of the answer, where there was one. */
  readonly status: number | undefined;

  constructor(
    message: string,
    /** `cut`: it began and may go on; `absent`: the site answers and has it not; `unreachable`: no answer. */
    readonly kind: 'unreachable' | 'absent' | 'cut',
    options: { cause?: unknown; hint?: string; status?: number } = {},
  ) {
    super(message, options);
    this.status = options.status;
  }
}

export interface HttpOptions {
  env: Environment;
  signal: AbortSignal;
  headers?: Readonly<Record<string, string>>;
  /** ms; defaults to 10,000. */
  answerMs?: number | undefined;
}

export interface Download {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Readable;
}

/**
 * Starts a GET and resolves with an answer of 2xx, 304 or 416, its body unread.
 * @throws DownloadError where no connection comes within 3 s and no answer within 10 s, or the site answers something else.
 */
export async function get(url: string, options: HttpOptions): Promise<Download> {
  for (const waitMs of [...BUSY_WAITS_MS, undefined]) {
    const answer = await getOnce(url, options);
    const { status } = answer;
    if (status < 300 || status === 304 || status === 416) return answer;
    discard(answer);
    const busy = status === 429 || status >= 500;
    if (!busy || waitMs === undefined)
      throw new DownloadError(`${shown(url)} answered ${status}`, 'absent', { status });
    await sleep(waitMs, undefined, { signal: options.signal });
  }
  throw new DownloadError(`no answer from ${shown(url)}`, 'unreachable');
}

/** Drops an answer whose body is not read. */
export function discard({ body }: Download): void {
  // undici reports the abort as an error, which has no other listener.
  body.once('error', () => undefined).destroy();
}

/** Reads a small text file, at most 1 MiB of it. */
export async function getText(url: string, options: HttpOptions): Promise<string> {
  const { body } = await get(url, options);
  let text = '';
  try {
    for await (const chunk of body) {
      text += String(chunk);
      if (text.length > 1_048_576) break;
    }
  } catch (error) {
    options.signal.throwIfAborted();
    throw new DownloadError(`${shown(url)} was cut short: ${messageOf(error)}`, 'cut');
  }
  return text;
}

/** A URL as a message may show it: without a mirror's password. */
export function shown(url: string): string {
  const parsed = new URL(url);
  parsed.username = '';
  parsed.password = '';
  return parsed.href;
}

async function getOnce(url: string, { env, signal, headers, answerMs = ANSWER_MS }: HttpOptions): Promise<Download> {
  const { request, interceptors } = await import('undici');
  const unanswered = new AbortController();
  const timer = setTimeout(() => unanswered.abort(new Error(`no answer within ${answerMs / 1_000} s`)), answerMs);
  const { dispatcher, all } = await agentFor(env, url.startsWith('https:'));
  try {
    const {
      statusCode,
      headers: received,
      body,
    } = await request(shown(url), {
      dispatcher: dispatcher.compose(interceptors.redirect({ maxRedirections: REDIRECTS })),
      headers: { 'accept-encoding': 'identity', ...authorization(url), ...headers },
      signal: AbortSignal.any([signal, unanswered.signal]),
    });
    body.once('close', () => {
      for (const agent of all) void agent.close();
    });
    return { status: statusCode, headers: received, body };
  } catch (error) {
    for (const agent of all) void agent.destroy();
    signal.throwIfAborted();
    if (error instanceof ConfigError || error instanceof DownloadError) throw error;
    throw new DownloadError(
      `${new URL(url).origin} cannot be reached${through(url, env)}: ${reasonOf(error)}`,
      'unreachable',
    );
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Each request, those of redirects too, goes through the proxy of its own address.
 * @param secure whether it begins with TLS: a redirect may not lead it to one without.
 */
async function agentFor(env: Environment, secure: boolean): Promise<{ dispatcher: Dispatcher; all: Dispatcher[] }> {
  const { Agent, ProxyAgent, buildConnector } = await import('undici');
  // The whole request has a limit of its own: these only end what that has left behind.
  const limits = { headersTimeout: 2 * ANSWER_MS, bodyTimeout: SILENT_MS };
  const connect = connectorOf(buildConnector({ timeout: 2 * ANSWER_MS }));
  const direct = new Agent({ ...limits, connect });
  const all: Dispatcher[] = [direct];
  const proxies = new Map<string, Dispatcher>();
  const dispatcher = direct.compose((dispatch) => (options, handler) => {
    const address = String(options.origin);
    if (secure && !address.startsWith('https:')) {
      throw new DownloadError(
        `a redirect leads from https to ${shown(address)}, without TLS; it is not followed`,
        'unreachable',
      );
    }
    const proxy = proxyFor(address, env);
    if (proxy === undefined) return dispatch(options, handler);
    // Plain requests are handed to a proxy as they are; many refuse to open tunnels to other ports than 443.
    const proxyTunnel = address.startsWith('https:');
    const key = `${proxyTunnel} ${proxy.url}`;
    let agent = proxies.get(key);
    if (agent === undefined) {
      agent = new ProxyAgent({
        ...limits,
        uri: proxy.url,
        proxyTunnel,
        connect: { timeout: ANSWER_MS },
      });
      proxies.set(key, agent);
      all.push(agent);
    }
    return agent.dispatch(options, handler);
  });
  return { dispatcher, all };
}

/** TCP has less time than what follows: nothing that is on the way makes it slow. */
function connectorOf(secured: buildConnector.connector): buildConnector.connector {
  return (options, done) => {
    const secure = options.protocol === 'https:';
    const socket = connectTcp({ host: options.hostname, port: Number(options.port || (secure ? 443 : 80)) });
    const failed = (error: Error): void => {
      clearTimeout(timer);
      done(error, null);
    };
    const timer = setTimeout(
      () => socket.destroy(new Error(`no connection within ${CONNECT_MS / 1_000} s`)),
      CONNECT_MS,
    );
    socket.once('error', failed);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', failed);
      socket.setNoDelay(true);
      if (secure) secured({ ...options, httpSocket: socket }, done);
      else done(null, socket);
    });
  };
}

function authorization(url: string): Record<string, string> {
  const { username, password } = new URL(url);
  if (username === '') return {};
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(plain).toString('base64')}` };
}

/** Names the variable where a request went through a proxy, which may be what is unreachable. */
function through(url: string, env: Environment): string {
  const proxy = proxyFor(url, env);
  return proxy === undefined ? '' : ` through the proxy of ${proxy.variable} (${shown(proxy.url)})`;
}

/** A connection refused on both IPv4 and IPv6 comes as an AggregateError with an empty message. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  return messageOf(error);
}
