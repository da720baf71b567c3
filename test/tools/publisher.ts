// A publisher's site on 127.0.0.1: serves files with ranges, and remembers what it was asked for.

import { createHash } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface Publisher {
  url: string;
  server: Server;
  /** By path; a file is a body, anything else a handler. Others are 404. */
  routes: Map<string, Buffer | string | Handler>;
  /** `PATH` or `PATH RANGE`, in order. */
  asked: string[];
  close: () => Promise<void>;
}

export async function startPublisher(): Promise<Publisher> {
  const routes: Publisher['routes'] = new Map();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push([path, ...(request.headers.range ? [request.headers.range] : [])].join(' '));
    const route = routes.get(path);
    if (route === undefined) response.writeHead(404).end();
    else if (typeof route === 'function') route(request, response);
    else serveFile(Buffer.from(route), request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, server, routes, asked, close };
}

/** Serves a body whole, or the part that the request asks for. */
export function serveFile(body: Buffer, request: IncomingMessage, response: ServerResponse): void {
  const [, start, end] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  if (start === undefined) {
    response.writeHead(200, { 'content-length': body.length }).end(body);
    return;
  }
  const from = Number(start);
  if (from >= body.length) {
    response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end();
    return;
  }
  const to = end === undefined || end === '' ? body.length - 1 : Number(end);
  const part = body.subarray(from, to + 1);
  const range = `bytes ${from}-${from + part.length - 1}/${body.length}`;
  response.writeHead(206, { 'content-length': part.length, 'content-range': range }).end(part);
}

/** Serves the first half of a body and then nothing, until it is told to cut the connection. */
export function halfOf(body: Buffer): { handler: Handler; cut: () => void } {
  let cut = (): void => undefined;
  const handler: Handler = (_, response) => {
    cut = () => response.destroy();
    response.writeHead(200, { 'content-length': body.length });
    response.write(body.subarray(0, body.length / 2));
  };
  return { handler, cut: () => cut() };
}

export function sha256(body: Buffer | string): string {
  return createHash('sha256').update(body).digest('hex');
}
