// What a transport is: the seam between the client and the ways to carry its requests.

import type { Readable } from 'node:stream';
import type { AbortScope } from './abort-scope.ts';

/** A request as it goes over the wire. */
export interface WireRequest {
  method: string;
  /** Path and query, the prefix of the server included. */
  path: string;
  headers: Readonly<Record<string, string | string[]>>;
  body?: string | undefined;
}

/** An answer whose head has come. */
export interface Exchange {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** To be read, not destroyed: `drop` does that at a moment that is safe. */
  body: Readable;
  /** Ends the exchange on the wire where it has not ended: its body closes, with the reason as its error. */
  drop(reason?: Error): void;
  /** Once the body has ended: whether the server ended it, rather than the connection. */
  whole(): boolean;
}

/** Sends requests; an aborted scope ends the exchange on the wire, also while its body is read. */
export interface Transport {
  /** @throws KubeConnectionError where no answer comes; the scope's reason where it was aborted. */
  send(request: WireRequest, held: AbortScope): Promise<Exchange>;
  close(): void;
}
