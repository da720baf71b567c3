// A stand-in for an API server that does what a test tells it to, over real sockets.

import { createServer as createHttpServer } from 'node:http';
import {
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { KubeConnection } from '../../scripts/kube/client/connection.ts';
import { certificate } from './certificates.ts';

/** What arrived, with its whole body. */
export interface Arrived {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
  httpVersion: string;
  request: Http2ServerRequest;
}

export type Handler = (arrived: Arrived, response: Http2ServerResponse) => void | Promise<void>;

export interface KubeServer {
  connection: KubeConnection;
  /** All requests so far, in order. */
  arrived: Arrived[];
  /** HTTP/2 sessions so far. */
  sessions: ServerHttp2Session[];
  /** Raw sockets so far, to be cut. */
  sockets: Socket[];
  close(): Promise<void>;
}

export interface ServerOptions {
  protocol?: 'h2' | 'https' | 'http';
  maxStreams?: number;
  /** Asks for a client certificate and refuses connections without one. */
  mutual?: boolean;
}

export async function startKubeServer(handle: Handler, options: ServerOptions = {}): Promise<KubeServer> {
  const { cert, key } = certificate();
  const arrived: Arrived[] = [];
  const sessions: ServerHttp2Session[] = [];
  const sockets: Socket[] = [];
  const listener = (request: Http2ServerRequest, response: Http2ServerResponse): void => {
    void receive(request).then(
      (one) => {
        arrived.push(one);
        return handle(one, response);
      },
      // The client has gone away in the middle of its request.
      () => undefined,
    );
  };
  const { protocol = 'h2' } = options;
  const tls = { cert, key, ...(options.mutual === true ? { requestCert: true, ca: cert } : {}) };
  const server = ((): Server => {
    // The compatibility API of HTTP/2 has the shape of HTTP/1.1's.
    if (protocol === 'http') return createHttpServer(listener as never);
    if (protocol === 'https') return createHttpsServer(tls, listener as never);
    const settings = options.maxStreams === undefined ? {} : { maxConcurrentStreams: options.maxStreams };
    const secure = createSecureServer({ ...tls, settings }, listener);
    secure.on('session', (session) => {
      session.on('error', () => undefined);
      sessions.push(session);
    });
    return secure;
  })();
  server.on('connection', (socket: Socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    connection: { server: `${protocol === 'http' ? 'http' : 'https'}://127.0.0.1:${port}`, ca: cert },
    arrived,
    sessions,
    sockets,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // A session that is destroyed while it reads corrupts the memory of the process.
        setImmediate(() => {
          for (const session of sessions) session.destroy();
          for (const socket of sockets) socket.destroy();
        });
      }),
  };
}

async function receive(request: Http2ServerRequest): Promise<Arrived> {
  const url = new URL(request.url, 'https://double');
  let body = '';
  request.setEncoding('utf8');
  for await (const chunk of request as AsyncIterable<string>) body += chunk;
  return {
    method: request.method,
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body,
    httpVersion: request.httpVersion,
    request,
  };
}

/** Answers with JSON. */
export function answer(
  response: Http2ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** A Status object as the API server sends it. */
export function statusObject(code: number, reason: string, message: string, details: object = {}): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message, details };
}

/** Runs with a server, and closes it whatever happens. */
export async function withKubeServer(
  handle: Handler,
  use: (server: KubeServer) => Promise<void>,
  options?: ServerOptions,
): Promise<void> {
  const server = await startKubeServer(handle, options);
  try {
    await use(server);
  } finally {
    await server.close();
  }
}
