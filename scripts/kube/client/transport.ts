// Connects to the server and chooses between HTTP/2 and HTTP/1.1 by the TLS handshake.

import { connect as tlsConnect, type TLSSocket } from 'node:tls';
import { type KubeConnection, tlsOptions } from './connection.ts';
import { dialErrorOf, KubeConnectionError } from './errors.ts';
import { Http1Transport } from './http1.ts';
import { Http2Transport } from './http2.ts';
import { type AbortScope, whileHeld } from './abort-scope.ts';
import { tunnel } from './proxy.ts';
import type { Exchange, Transport, WireRequest } from './wire.ts';

/** Times in ms. */
export interface TransportLimits {
  /** Until a TLS handshake must have ended. */
  connectMs: number;
  /** Silence on an HTTP/2 session after which it is probed, and again until the probe must be answered. */
  silenceMs: number;
}

/** A transport for the connection; connects when the first request is sent. */
export function createTransport(connection: KubeConnection, limits: TransportLimits): Transport {
  const url = new URL(connection.server);
  if (url.protocol !== 'https:') return new Http1Transport(url, connection);
  return new NegotiatedTransport(url, connection, limits);
}

class NegotiatedTransport implements Transport {
  #chosen: Promise<Transport> | undefined;
  /** The result of `#chosen`, to spare each request the wait for a promise. */
  #ready: Transport | undefined;
  #closed = false;

  constructor(
    readonly url: URL,
    readonly connection: KubeConnection,
    readonly limits: TransportLimits,
  ) {}

  send(request: WireRequest, held: AbortScope): Promise<Exchange> {
    return this.#ready?.send(request, held) ?? this.#sendFirst(request, held);
  }

  close(): void {
    this.#closed = true;
    this.#chosen?.then(
      (transport) => {
        transport.close();
      },
      () => undefined,
    );
  }

  async #sendFirst(request: WireRequest, held: AbortScope): Promise<Exchange> {
    this.#chosen ??= this.#choose();
    const transport = await whileHeld(this.#chosen, held);
    this.#ready = transport;
    return transport.send(request, held);
  }

  async #choose(): Promise<Transport> {
    const dial = (): Promise<TLSSocket> => dialTls(this.url, this.connection, this.limits.connectMs);
    try {
      const socket = await dial();
      if (socket.alpnProtocol === 'h2') {
        const transport = new Http2Transport(this.url, dial, this.limits.silenceMs);
        transport.adopt(socket);
        if (this.#closed) transport.close();
        return transport;
      }
      socket.destroy();
      return new Http1Transport(this.url, this.connection);
    } catch (error) {
      this.#chosen = undefined;
      throw error;
    }
  }
}

async function dialTls(url: URL, connection: KubeConnection, timeoutMs: number): Promise<TLSSocket> {
  const { proxyUrl } = connection;
  const through = proxyUrl === undefined ? {} : { socket: await tunnel({ ...connection, proxyUrl }, timeoutMs) };
  return new Promise((resolve, reject) => {
    const socket = tlsConnect({
      ...tlsOptions(connection),
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port === '' ? 443 : url.port),
      ...through,
      ALPNProtocols: ['h2', 'http/1.1'],
    });
    const failed = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error instanceof KubeConnectionError ? error : dialErrorOf(url.origin, error));
    };
    const timer = setTimeout(() => {
      failed(
        new KubeConnectionError(`cannot connect to ${url.origin}: no TLS handshake within ${timeoutMs} ms`, 'TIMEOUT', {
          unsent: true,
          hint: 'the server may be overloaded, or a firewall drops the packets',
        }),
      );
    }, timeoutMs);
    socket.setNoDelay(true);
    socket.once('error', failed);
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      socket.off('error', failed);
      resolve(socket);
    });
  });
}
