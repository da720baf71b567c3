// The last lines that a process wrote, kept at little cost however much it writes.

import { StringDecoder } from 'node:string_decoder';

const KEPT_BYTES = 8 * 1024;

export class Tail {
  #chunks: Buffer[] = [];
  #bytes = 0;

  add(chunk: Buffer): void {
    // A copy: a slice would keep the whole chunk.
    const kept = chunk.length > KEPT_BYTES ? Buffer.from(chunk.subarray(-KEPT_BYTES)) : chunk;
    this.#chunks.push(kept);
    this.#bytes += kept.length;
    while (this.#bytes - (this.#chunks[0]?.length ?? 0) >= KEPT_BYTES) this.#bytes -= this.#chunks.shift()?.length ?? 0;
    if (this.#chunks.length <= 256) return;
    // Of many small ones all would be kept, since each alone is not worth dropping.
    const whole = Buffer.concat(this.#chunks).subarray(-KEPT_BYTES);
    this.#chunks = [whole];
    this.#bytes = whole.length;
  }

  /** At most `count`, the last one last; empty ones at the end are left out. */
  lines(count: number): string[] {
    const text = new StringDecoder('utf8').write(Buffer.concat(this.#chunks)).replace(/^\uFFFD+/, '');
    return text
      .trimEnd()
      .split(/\r?\n/)
      .slice(-count)
      .filter((line, _at, all) => line !== '' || all.length > 1);
  }
}
