// What a transport is: the seam between the client and the ways to carry its requests.

import type { Readable } from 'node:stream';

/** A request as it goes over the wire. */
export interface WireRequest {
  method: string;
  /** Path and query, the prefix of the server included. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: string | undefined;
}

/** An answer whose head has come. */
export interface Exchange {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Readable;
  /** Once the body has ended: whether the server ended it, rather than the connection. */
  whole(): boolean;
}

/** Sends requests; an aborted signal ends the exchange on the wire, also while its body is read. */
export interface Transport {
  /** @throws KubeConnectionError where no answer comes; the signal's reason where that was aborted. */
  send(request: WireRequest, signal: AbortSignal): Promise<Exchange>;
  close(): void;
}

/** The promise's result, unless the signal is aborted before; the promise itself goes on. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => {
      reject(signal.reason as Error);
    };
    // Also where it is aborted already: a rejection that nobody handles would end the process.
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', aborted);
    });
    if (signal.aborted) aborted();
    else signal.addEventListener('abort', aborted, { once: true });
  });
}
