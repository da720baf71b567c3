// Runs a command in a container over a WebSocket, as kubectl exec does since 1.30.

import type { IncomingMessage } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import { WebSocket } from 'ws';
import { HoistError } from '../../base/errors.ts';
import { type KubeConnection, fixedHeaders, tlsOptions } from '../client/connection.ts';
import { KubeConnectionError, apiErrorOf, codeOf, dialErrorOf } from '../client/errors.ts';
import { tunnelAgent } from '../client/proxy.ts';

export interface ExecRequest {
  namespace: string;
  pod: string;
  container: string;
  command: readonly string[];
  signal: AbortSignal;
}

export interface ExecSession {
  stdout: Readable;
  stderr: Readable;
  /** Resolves with the exit code; rejects where the command could not be run, or the connection broke. */
  ended: Promise<number>;
}

/** The fifth version can close a single stream; the fourth is what servers before 1.30 speak. */
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const STDOUT = 1;
const STDERR = 2;
const STATUS = 3;
const HANDSHAKE_MS = 15_000;
/** Bytes of one message; the kubelet sends at most 32 KiB. */
const MESSAGE_BYTES = 4 << 20;
const KEEP_ALIVE_MS = 20_000;

interface Status {
  status?: string;
  message?: string;
  details?: { causes?: { reason?: string; message?: string }[] };
}

/** Its streams must be read, or the command is held up. */
export function execInPod(connection: KubeConnection, request: ExecRequest): ExecSession {
  const socket = openSocket(connection, request);
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const keepAlive = setInterval(() => {
    if (socket.readyState === WebSocket.OPEN) socket.ping();
  }, KEEP_ALIVE_MS);
  const ended = new Promise<number>((resolve, reject) => {
    let status: Status | undefined;
    let failure: Error | undefined;
    const abort = (): void => {
      failure ??= request.signal.reason as Error;
      socket.terminate();
    };
    if (request.signal.aborted) setImmediate(abort);
    else request.signal.addEventListener('abort', abort, { once: true });
    socket.on('unexpected-response', (_request, response) => {
      refusalOf(response, (body) => {
        failure ??= apiErrorOf(what(request), response.statusCode ?? 0, body);
        socket.terminate();
      });
    });
    socket.on('error', (error) => {
      if (error instanceof KubeConnectionError) failure ??= error;
      const isOurs = codeOf(error) === 'UNKNOWN';
      failure ??= isOurs ? new HoistError(`${what(request)}: ${error.message}`) : dialErrorOf(connection.server, error);
    });
    socket.on('message', (data: Buffer) => {
      const [channel] = data;
      const content = data.subarray(1);
      if (channel === STATUS) status = parsed(content.toString('utf8')) as Status;
      const stream = channel === STDOUT ? stdout : channel === STDERR ? stderr : undefined;
      if (stream && content.length > 0 && !stream.write(content)) {
        socket.pause();
        stream.once('drain', () => socket.resume());
      }
    });
    socket.on('close', () => {
      clearInterval(keepAlive);
      request.signal.removeEventListener('abort', abort);
      const result = failure ?? resultOf(status, connection.server, request);
      const broken = result instanceof Error ? result : undefined;
      for (const stream of [stdout, stderr]) {
        if (broken) stream.destroy(broken);
        else stream.end();
      }
      if (result instanceof Error) reject(result);
      else resolve(result);
    });
  });
  // A caller that does not read a stream learns of a failure by `ended`.
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
  ended.catch(() => undefined);
  return { stdout, stderr, ended };
}

function openSocket(connection: KubeConnection, request: ExecRequest): WebSocket {
  const { proxyUrl } = connection;
  return new WebSocket(urlOf(connection, request), PROTOCOLS, {
    headers: fixedHeaders(connection),
    handshakeTimeout: HANDSHAKE_MS,
    maxPayload: MESSAGE_BYTES,
    perMessageDeflate: false,
    ...tlsOptions(connection),
    ...(proxyUrl === undefined ? {} : { agent: tunnelAgent({ ...connection, proxyUrl }) }),
  });
}

/** The beginning of what an API server answers where it does not open the session. */
function refusalOf(response: IncomingMessage, done: (body: unknown) => void): void {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => {
    if (chunks.length < 64) chunks.push(chunk);
  });
  response.on('close', () => done(parsed(Buffer.concat(chunks).toString('utf8'))));
  response.resume();
}

function urlOf({ server }: KubeConnection, { namespace, pod, container, command }: ExecRequest): URL {
  const url = new URL(server);
  url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
  url.pathname = `${url.pathname.replace(/\/$/, '')}/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/exec`;
  for (const part of command) url.searchParams.append('command', part);
  url.searchParams.set('container', container);
  url.searchParams.set('stdout', 'true');
  url.searchParams.set('stderr', 'true');
  return url;
}

function what({ namespace, pod, container }: ExecRequest): string {
  return `exec in ${namespace}/${pod}/${container}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function resultOf(status: Status | undefined, server: string, request: ExecRequest): number | Error {
  if (status === undefined)
    return new KubeConnectionError(
      `${what(request)}: the connection to ${server} broke before the command ended`,
      'CUT',
    );
  if (status.status === 'Success') return 0;
  const code = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  return code === undefined ? new HoistError(`${what(request)}: ${status.message ?? 'it failed'}`) : Number(code);
}
