// Carries requests over HTTP/1.1 with kept connections: for proxies, and servers without HTTP/2.

import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as TlsAgent, request as httpsRequest } from 'node:https';
import { toleratesLateErrors } from '../../host/late-errors.ts';
import { type KubeConnection, tlsOptions } from './connection.ts';
import { codeOf, dialErrorOf, KubeConnectionError } from './errors.ts';
import type { AbortScope } from './abort-scope.ts';
import { proxyOptions, takesPlainRequests, tunnelAgent } from './proxy.ts';
import type { Exchange, Transport, WireRequest } from './wire.ts';

// Watches hold a connection each; beside them there is room for concurrent requests.
const maxSockets = 64;

export class Http1Transport implements Transport {
  readonly #agent: Agent;
  /** Of the connection that requests go over. */
  readonly #tls: boolean;
  /** Requests for a server without TLS are sent to the proxy, with the whole address. */
  readonly #toProxy: boolean;

  constructor(
    readonly url: URL,
    readonly connection: KubeConnection,
  ) {
    const { proxyUrl } = connection;
    this.#toProxy = proxyUrl !== undefined && url.protocol === 'http:' && takesPlainRequests(proxyUrl);
    const options = { keepAlive: true, maxSockets };
    this.#tls = (this.#toProxy ? (proxyUrl ?? '') : url.protocol).startsWith('https:');
    if (proxyUrl !== undefined && !this.#toProxy) this.#agent = tunnelAgent({ ...connection, proxyUrl }, options);
    else this.#agent = this.#tls ? new TlsAgent(options) : new Agent(options);
  }

  send(wire: WireRequest, held: AbortScope): Promise<Exchange> {
    return new Promise((resolve, reject) => {
      if (held.reason !== undefined) {
        reject(held.reason);
        return;
      }
      const request = toleratesLateErrors(this.#request(wire));
      held.onBreak((reason) => {
        reject(reason);
        request.destroy(reason);
      });
      request.on('response', (response: IncomingMessage) => {
        // The reader of the body learns of a break by `whole`; an error event without a listener would end the process.
        response.on('error', () => undefined);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: response,
          drop: (reason) => {
            response.destroy(reason);
          },
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

  #request(wire: WireRequest): ClientRequest {
    const headers = {
      ...wire.headers,
      ...(wire.body === undefined ? {} : { 'content-length': Buffer.byteLength(wire.body) }),
    };
    const { method, path } = wire;
    const { proxyUrl } = this.connection;
    if (this.#toProxy && proxyUrl !== undefined) {
      const { headers: forProxy, ...way } = proxyOptions({ ...this.connection, proxyUrl });
      const options = { ...way, agent: this.#agent, method, path: this.url.origin + path };
      const all = { host: this.url.host, ...headers, ...(forProxy as Record<string, string>) };
      return (this.#tls ? httpsRequest : httpRequest)({ ...options, headers: all });
    }
    const hostname = this.url.hostname.replace(/^\[|\]$/g, '');
    const options = { agent: this.#agent, hostname, port: this.url.port, method, path, headers };
    return this.#tls ? httpsRequest({ ...options, ...tlsOptions(this.connection) }) : httpRequest(options);
  }

  #errorOf(request: ClientRequest, error: Error): KubeConnectionError {
    if (error instanceof KubeConnectionError) return error;
    const code = codeOf(error);
    const connected = request.socket?.remoteAddress !== undefined || code === 'ECONNRESET' || code === 'EPIPE';
    if (!connected) return dialErrorOf(this.url.origin, error);
    // The server may close a kept connection at the very moment when it is used again.
    const stale = request.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
    return new KubeConnectionError(
      `the connection to ${this.url.origin} broke before the answer came`,
      stale ? 'STALE' : code,
      { cause: error },
    );
  }
}
