// The body of a request to the engine that is no text: a stream of known length.

import type { Readable } from 'node:stream';

/** A request's body as a stream of known length. */
export class Upload {
  constructor(
    readonly stream: Readable,
    readonly bytes: number,
  ) {}
}
