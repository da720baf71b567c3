// A log that ends early: what came of it is kept up to its last whole line, since a part of a line may be a part of a secret.

import { Readable } from 'node:stream';

/** Bytes of a line without an end of which no more than the last ones are held back. */
const HELD = 64 << 10;
const MOST_HELD = 256 << 10;

/**
 * The same bytes; where they break off after some of them have been handed on, the stream ends instead of failing.
 * @param onCut called with the reason
 */
export function keepPartial(body: Readable, onCut: (reason: unknown) => void): Readable {
  // Nothing is read ahead: hundreds of logs are fetched at once.
  return Readable.from(wholeLines(body, onCut), { objectMode: false, highWaterMark: 1 });
}

async function* wholeLines(body: Readable, onCut: (reason: unknown) => void): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  let handedOn = false;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      const end = chunk.lastIndexOf(10) + 1;
      if (end > 0) {
        if (held.length > 0) yield held;
        yield chunk.subarray(0, end);
        held = chunk.subarray(end);
        handedOn = true;
        continue;
      }
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      if (held.length <= MOST_HELD) continue;
      yield held.subarray(0, -HELD);
      held = held.subarray(-HELD);
      handedOn = true;
    }
  } catch (error) {
    if (!handedOn) throw error;
    onCut(error);
    return;
  }
  if (held.length > 0) yield held;
}
