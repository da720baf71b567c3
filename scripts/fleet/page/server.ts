// Serves metrics, health and the page with live progress; to this machine alone, or to who has the token.

import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { HoistError } from '../../base/errors.ts';
import type { Runner } from '../runner.ts';
import { pageDocument } from './html.ts';
import { pageCluster, pageNames, pageState } from './model.ts';

export interface PageOptions {
  host: string;
  /** 0 for any that is free. */
  port: number;
  title: string;
  /** Needed where `host` is not of the loopback interface: `Authorization: Bearer TOKEN`, or `?token=` once in a browser. */
  token?: string | undefined;
  runner: () => Runner;
  /** Whether sets and clusters were read. */
  ready: () => boolean;
  metrics: () => Promise<string>;
  now: () => Date;
}

export interface PageServer {
  url: string;
  close(): Promise<void>;
}

/** ms between two states that are sent. */
const TICK_MS = 500;

/** Browsers that may look at a time. */
const MAX_VIEWERS = 64;

const COOKIE = 'hoist-sync';

/** @throws HoistError where it would be open to others without a token, or the port is taken */
export async function servePage(options: PageOptions): Promise<PageServer> {
  const isLocal = options.host === 'localhost' || options.host === '::1' || options.host.startsWith('127.');
  if (!isLocal && options.token === undefined) {
    throw new HoistError(`${options.host} is open to others: the page needs a token there`, {
      hint: 'Put one into a file and name it, or listen on 127.0.0.1.',
    });
  }
  await pageDocument();
  const viewers = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    handle(request, response, { options, viewers, isLocal }).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(error instanceof Error ? error.message : '');
    });
  });
  // One that sends its header by the byte holds nothing up.
  server.headersTimeout = 10_000;
  await listening(server, options);
  let names = '';
  const timer = setInterval(() => {
    if (viewers.size === 0) return;
    const now = JSON.stringify(pageNames(options.runner()));
    const state = event('state', pageState(options.runner(), options.title, options.now()));
    for (const viewer of viewers) {
      // A viewer that does not read is not waited for: it gets a later state.
      if (viewer.writableNeedDrain) continue;
      if (now !== names) viewer.write(`event: names\ndata: ${now}\n\n`);
      viewer.write(state);
    }
    names = now;
  }, TICK_MS);
  timer.unref();
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}/`,
    close: () =>
      new Promise((resolve) => {
        clearInterval(timer);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Scope {
  options: PageOptions;
  viewers: Set<ServerResponse>;
  isLocal: boolean;
}

async function handle(request: IncomingMessage, response: ServerResponse, scope: Scope): Promise<void> {
  const { options, isLocal } = scope;
  const url = new URL(request.url ?? '/', 'http://page');
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('cache-control', 'no-store');
  if (request.method !== 'GET') {
    send(response, 405, 'only GET');
    return;
  }
  if (url.pathname === '/healthz') {
    send(response, 200, 'ok');
    return;
  }
  if (url.pathname === '/readyz') {
    if (options.ready()) send(response, 200, 'ok');
    else send(response, 503, 'the sets are still being read');
    return;
  }
  // A page elsewhere could have its name resolve to this machine, and read what is local.
  if (isLocal && !/^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/.test(request.headers.host ?? '')) {
    send(response, 421, 'not a name of this server');
    return;
  }
  if (options.token !== undefined && !admitted(request, url, options.token)) {
    response.setHeader('www-authenticate', 'Bearer');
    send(response, 401, 'a token is needed');
    return;
  }
  if (url.searchParams.has('token')) {
    response.setHeader(
      'set-cookie',
      `${COOKIE}=${encodeURIComponent(url.searchParams.get('token') ?? '')}; HttpOnly; SameSite=Strict; Path=/`,
    );
    // A path that begins with two slashes would be the name of another server.
    response.writeHead(303, { location: url.pathname.replace(/^[/\\]+/, '/') }).end();
    return;
  }
  await content(url, response, scope);
}

async function content(url: URL, response: ServerResponse, scope: Scope): Promise<void> {
  const { options } = scope;
  switch (url.pathname) {
    case '/metrics':
      send(response, 200, await options.metrics(), 'text/plain; version=0.0.4; charset=utf-8');
      return;
    case '/': {
      const { html, policy } = await pageDocument();
      response.setHeader('content-security-policy', policy);
      send(response, 200, html, 'text/html; charset=utf-8');
      return;
    }
    case '/cluster': {
      const record = options.runner().records.get(url.searchParams.get('id') ?? '');
      if (record === undefined) {
        send(response, 404, 'there is no such cluster');
        return;
      }
      send(response, 200, JSON.stringify(pageCluster(record)), 'application/json');
      return;
    }
    case '/state':
      send(
        response,
        200,
        JSON.stringify(pageState(options.runner(), options.title, options.now())),
        'application/json',
      );
      return;
    case '/events':
      follow(response, scope);
      return;
    default:
      send(response, 404, 'there is no such page');
      return;
  }
}

function follow(response: ServerResponse, { options, viewers }: Scope): void {
  if (viewers.size >= MAX_VIEWERS) {
    send(response, 503, 'too many viewers');
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(event('names', pageNames(options.runner())));
  response.write(event('state', pageState(options.runner(), options.title, options.now())));
  viewers.add(response);
  response.on('close', () => viewers.delete(response));
}

function event(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function send(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type });
  response.end(body);
}

function admitted(request: IncomingMessage, url: URL, token: string): boolean {
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  const cookie = new RegExp(`(?:^|; )${COOKIE}=([^;]*)`).exec(request.headers.cookie ?? '')?.[1];
  const given =
    bearer ?? url.searchParams.get('token') ?? (cookie === undefined ? undefined : decodeURIComponent(cookie));
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function listening(server: Server, { host, port }: PageOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new HoistError(`the page cannot listen on ${host}:${port}: ${cause.message}`, { cause }));
    });
    server.listen(port, host, resolve);
  });
}
