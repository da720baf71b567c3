// The one object through which hoist talks to a Docker engine: its HTTP API, over whatever leads there.

import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { isErrno, messageOf } from '../base/errors.ts';
import { collectBounded } from '../host/files/bounded.ts';
import { toleratesLateErrors } from '../host/late-errors.ts';
import { Upload } from './body.ts';
import { routeTo, type Route } from './connect.ts';
import type { Endpoint } from './endpoint.ts';
import { DockerError, DockerUnreachableError } from './docker-errors.ts';

export interface DockerRequest {
  /** Defaults to `GET`. */
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  /** Without the version prefix: `/containers/json`. */
  path: string;
  /** Whatever is no text goes as JSON, which is how the API wants its filters. */
  query?: Readonly<Record<string, unknown>>;
  /** Goes as JSON, a Buffer or an Upload as a tar archive. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal | undefined;
  /** ms until the answer must have begun; defaults to 30,000, 0 means no limit. */
  timeoutMs?: number;
}

/** All methods throw DockerUnreachableError where no answer comes, DockerError for a status of 400 or more. */
export interface DockerClient {
  readonly endpoint: Endpoint;
  /** Resolves with the parsed body; undefined where it is empty. */
  json<T>(request: DockerRequest): Promise<T>;
  /** Resolves with the body as it comes. */
  stream(request: DockerRequest): Promise<IncomingMessage>;
  /** Closes kept connections. */
  close(): void;
}

/** Bytes of an answer; a list of a thousand containers has less. */
const ANSWER_MAX = 64 * 2 ** 20;

export function connectDocker(endpoint: Endpoint): DockerClient {
  let route: Route | undefined;
  const stream = async (request: DockerRequest): Promise<IncomingMessage> => {
    route ??= routeTo(endpoint);
    const answer = await send(endpoint, route, request);
    const status = answer.statusCode ?? 0;
    if (status < 400) return answer;
    throw new DockerError(errorText(await textOf(answer), status), status);
  };
  return {
    endpoint,
    stream,
    async json<T>(request: DockerRequest): Promise<T> {
      const text = await textOf(await stream(request));
      return (text === '' ? undefined : JSON.parse(text)) as T;
    },
    close: () => route?.agent.destroy(),
  };
}

function send(endpoint: Endpoint, route: Route, wire: DockerRequest): Promise<IncomingMessage> {
  const { method = 'GET', signal, timeoutMs = 30_000 } = wire;
  const body = bodyOf(wire.body);
  return new Promise((resolve, reject) => {
    const options = {
      ...route.options,
      agent: route.agent,
      method,
      path: wire.path + queryText(wire.query),
      headers: {
        // A certificate is checked for the name that stands here.
        ...(route.options.socketPath === undefined ? {} : { host: 'docker' }),
        ...(body === undefined
          ? {}
          : { 'content-type': typeof body === 'string' ? 'application/json' : 'application/x-tar' }),
        ...(method === 'GET' || method === 'HEAD' ? {} : { 'content-length': lengthOf(body ?? '') }),
        ...wire.headers,
      },
      ...(signal === undefined ? {} : { signal }),
    };
    const request = toleratesLateErrors(route.tls ? httpsRequest(options) : httpRequest(options));
    const timer =
      timeoutMs === 0
        ? undefined
        : setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    request.on('response', (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    request.on('error', (error) => {
      clearTimeout(timer);
      if (signal?.aborted === true) reject(signal.reason as Error);
      else if (request.reusedSocket && isHangUp(error) && (method === 'GET' || method === 'HEAD'))
        resolve(send(endpoint, route, wire));
      else reject(unreachable(endpoint, error));
    });
    if (body instanceof Upload) {
      // An engine that refuses answers before it has read all of it; what fails here fails the request too.
      pipeline(body.stream, request).catch((error: unknown) => request.destroy(error as Error));
    } else {
      request.end(body);
    }
  });
}

/** What a request meets that was sent while the engine, or a proxy before it, closed the idle connection that it was sent over. */
function isHangUp(error: Error): boolean {
  return isErrno(error, 'ECONNRESET') || isErrno(error, 'EPIPE');
}

function bodyOf(body: unknown): string | Buffer | Upload | undefined {
  return body === undefined || Buffer.isBuffer(body) || body instanceof Upload ? body : JSON.stringify(body);
}

function lengthOf(body: string | Buffer | Upload): number {
  return body instanceof Upload ? body.bytes : Buffer.byteLength(body);
}

function queryText(query: DockerRequest['query']): string {
  const entries = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
  if (entries.length === 0) return '';
  return `?${entries.map(([name, value]) => `${name}=${encodeURIComponent(typeof value === 'string' ? value : JSON.stringify(value))}`).join('&')}`;
}

async function textOf(answer: IncomingMessage): Promise<string> {
  return (await collectBounded(answer, ANSWER_MAX)).toString('utf8');
}

function errorText(body: string, status: number): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    if (typeof message === 'string') return message.trim();
  } catch {
    // Not JSON: a proxy in between, or an engine that breaks off.
  }
  return body.trim() === '' ? `the Docker engine answered with status ${status}` : body.trim();
}

function unreachable(endpoint: Endpoint, error: Error): DockerUnreachableError {
  const code = 'code' in error ? String(error.code) : '';
  const where = `${endpoint.host} (${endpoint.source})`;
  if (code === 'EACCES') {
    return new DockerUnreachableError(`this user may not use the Docker engine at ${where}`, {
      hint: 'Add the user to the group docker (`sudo usermod -aG docker $USER`, then log in again), or use a rootless engine.',
      cause: error,
    });
  }
  const why =
    code === 'ENOENT' ? 'there is no such socket' : code === 'ECONNREFUSED' ? 'nothing listens there' : undefined;
  return new DockerUnreachableError(`no Docker engine answers at ${where}: ${why ?? messageOf(error)}`, {
    hint: 'Start Docker, or set DOCKER_HOST or a docker context to an engine that runs.',
    cause: error,
  });
}
