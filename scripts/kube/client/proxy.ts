// Reaches a server through the proxy of its kubeconfig: over HTTP, HTTPS or SOCKS5, the ones that kubectl takes.

import { Agent, request as httpRequest } from 'node:http';
import { Agent as TlsAgent, type RequestOptions, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { connect as connectTls, rootCertificates } from 'node:tls';
import type { KubeConnection } from './connection.ts';
import { codeOf, KubeConnectionError } from './errors.ts';

/** What of a connection matters for the way through its proxy. */
export type Proxied = Pick<KubeConnection, 'server' | 'ca' | 'insecureSkipTlsVerify'> & { proxyUrl: string };

const SCHEMES = ['http:', 'https:', 'socks5:', 'socks5h:'];

/** Whether it is the address of a proxy that can be used. */
export function isProxyUrl(text: string): boolean {
  return URL.canParse(text) && SCHEMES.includes(new URL(text).protocol) && new URL(text).hostname !== '';
}

/** As a message may show it: without a password. */
function shownProxy(text: string): string {
  const { protocol, host } = new URL(text);
  return `${protocol}//${host}`;
}

/** Whether requests to a server without TLS are sent to the proxy itself: many open no tunnels for those. */
export function takesPlainRequests(proxyUrl: string): boolean {
  return /^https?:/.test(proxyUrl);
}

/**
 * A connection to the server, opened by the proxy.
 * @param timeoutMs until it must be there
 * @throws KubeConnectionError that names the proxy
 */
export async function tunnel(proxied: Proxied, timeoutMs: number): Promise<Socket> {
  const server = new URL(proxied.server);
  const target = {
    host: bare(server.hostname),
    port: Number(server.port || (server.protocol === 'https:' ? 443 : 80)),
  };
  const proxy = new URL(proxied.proxyUrl);
  return proxy.protocol.startsWith('socks')
    ? throughSocks(proxied, proxy, target, timeoutMs)
    : throughHttp(proxied, proxy, target, timeoutMs);
}

interface Target {
  host: string;
  port: number;
}

type ProxyOptions = Omit<RequestOptions, 'headers'> & { headers: Readonly<Record<string, string>> };

/** How the proxy itself is reached, for `http.request`. */
export function proxyOptions({ proxyUrl, ca, insecureSkipTlsVerify }: Omit<Proxied, 'server'>): ProxyOptions {
  const proxy = new URL(proxyUrl);
  const { username, password } = proxy;
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    hostname: bare(proxy.hostname),
    port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
    headers: username === '' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(plain).toString('base64')}` },
    // kubectl checks a proxy's certificate by the authority of the cluster; one of a public authority is as good.
    ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
    ...(insecureSkipTlsVerify === true ? { rejectUnauthorized: false } : {}),
  };
}

function throughHttp(proxied: Proxied, proxy: URL, { host, port }: Target, timeoutMs: number): Promise<Socket> {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const { headers, ...options } = proxyOptions(proxied);
  const request = (proxy.protocol === 'https:' ? httpsRequest : httpRequest)({
    ...options,
    method: 'CONNECT',
    path: address,
    headers: { ...headers, host: address },
    agent: false,
  });
  return new Promise((resolve, reject) => {
    const failed = (error: unknown): void => {
      clearTimeout(timer);
      request.destroy();
      reject(failure(proxied, error));
    };
    const timer = setTimeout(() => {
      failed(Object.assign(new Error(`it has not answered within ${timeoutMs} ms`), { code: 'TIMEOUT' }));
    }, timeoutMs);
    request.on('error', failed);
    request.on('response', ({ statusCode }) => {
      failed(new Error(`it answers ${statusCode}`));
    });
    request.on('connect', ({ statusCode, statusMessage = '' }, socket: Socket, head) => {
      if (statusCode !== 200) {
        socket.destroy();
        failed(new Error(`it answers ${statusCode} ${statusMessage}`.trimEnd()));
        return;
      }
      clearTimeout(timer);
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    request.end();
  });
}

async function throughSocks(proxied: Proxied, proxy: URL, destination: Target, timeout: number): Promise<Socket> {
  const { SocksClient } = await import('socks');
  try {
    const { socket } = await SocksClient.createConnection({
      proxy: {
        host: bare(proxy.hostname),
        port: Number(proxy.port || 1080),
        type: 5,
        ...(proxy.username === ''
          ? {}
          : { userId: decodeURIComponent(proxy.username), password: decodeURIComponent(proxy.password) }),
      },
      command: 'connect',
      destination,
      timeout,
    });
    return socket;
  } catch (error) {
    throw failure(proxied, error);
  }
}

function failure({ server, proxyUrl }: Proxied, cause: unknown): KubeConnectionError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new KubeConnectionError(
    `cannot connect to ${server} through the proxy ${shownProxy(proxyUrl)}: ${reason}`,
    codeOf(cause),
    { unsent: true, cause, hint: 'The proxy is the `proxy-url` of the cluster in the kubeconfig.' },
  );
}

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '');

type Created = (error: Error | null, socket?: Socket) => void;

/** ms until a tunnel of an agent must be there. */
const AGENT_MS = 15_000;

/** An agent whose connections are tunnels: for HTTP/1.1 and WebSockets. */
export function tunnelAgent(proxied: Proxied, options: { maxSockets?: number; keepAlive?: boolean } = {}): Agent {
  const tls = proxied.server.startsWith('https:');
  const agent = tls ? new TlsAgent(options) : new Agent(options);
  const create = (given: RequestOptions & { servername?: string }, done: Created): void => {
    tunnel(proxied, AGENT_MS).then(
      (socket) => {
        done(null, tls ? connectTls({ ...(given as object), socket }) : socket);
      },
      (error: unknown) => {
        done(error as Error);
      },
    );
  };
  // Node takes a connection by the callback as well; its types do not say so in every release.
  return Object.assign(agent, { createConnection: create as unknown as Agent['createConnection'] });
}
