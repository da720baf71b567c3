// Carries requests over HTTP/1.1 with kept connections: for proxies, and servers without HTTP/2.

import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as TlsAgent, request as httpsRequest } from 'node:https';
import { type KubeConnection, tlsOptions } from './connection.ts';
import { codeOf, dialErrorOf, KubeConnectionError } from './errors.ts';
import type { Leash } from './abort-scope.ts';
import type { Exchange, Transport, WireRequest } from './wire.ts';

// Watches hold a connection each; beside them there is room for concurrent requests.
const maxSockets = 64;

export class Http1Transport implements Transport {
  readonly #agent: Agent;
  readonly #tls: boolean;

  constructor(
    readonly url: URL,
    readonly connection: KubeConnection,
  ) {
    this.#tls = url.protocol === 'https:';
    this.#agent = this.#tls
      ? new TlsAgent({ keepAlive: true, maxSockets })
      : new Agent({ keepAlive: true, maxSockets });
  }

  send(wire: WireRequest, held: Leash): Promise<Exchange> {
    return new Promise((resolve, reject) => {
      if (held.reason !== undefined) {
        reject(held.reason);
        return;
      }
      const options = {
        agent: this.#agent,
        hostname: this.url.hostname.replace(/^\[|\]$/g, ''),
        port: this.url.port,
        method: wire.method,
        path: wire.path,
        headers: {
          ...wire.headers,
          ...(wire.body === undefined ? {} : { 'content-length': Buffer.byteLength(wire.body) }),
        },
      };
      const request = this.#tls ? httpsRequest({ ...options, ...tlsOptions(this.connection) }) : httpRequest(options);
      held.onBreak((reason) => {
        reject(reason);
        request.destroy(reason);
      });
      request.on('response', (response: IncomingMessage) => {
        // Whoever reads the body learns of a break by `whole`; an unheard error event would end the process.
        response.on('error', () => undefined);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: response,
          whole: () => response.complete,
        });
      });
      request.on('error', (error) => {
        reject(this.#errorOf(request, error));
      });
      request.end(wire.body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  #errorOf(request: ClientRequest, error: Error): KubeConnectionError {
    const code = codeOf(error);
    const connected = request.socket?.remoteAddress !== undefined || code === 'ECONNRESET' || code === 'EPIPE';
    if (!connected) return dialErrorOf(this.url.origin, error);
    // The server may close a kept connection at the very moment when it is used again.
    const stale = request.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
    return new KubeConnectionError(
      `the connection to ${this.url.origin} broke before the answer came`,
      stale ? 'STALE' : code,
      false,
      { cause: error },
    );
  }
}
