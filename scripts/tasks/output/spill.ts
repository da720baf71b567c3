// Holds output that may not be shown yet: little of it in memory, more in a temporary file that other users cannot read.

import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const IN_MEMORY = 1024 * 1024;
const READ_BYTES = 64 * 1024;

type Stream = 'stdout' | 'stderr';

export class Spill {
  #parts: { stream: Stream; chunk: Buffer }[] = [];
  #bytes = 0;
  #file: number | undefined;
  #written: { stream: Stream; bytes: number }[] = [];

  add(stream: Stream, chunk: Buffer): void {
    this.#parts.push({ stream, chunk });
    this.#bytes += chunk.length;
    if (this.#bytes > IN_MEMORY) this.#spill();
  }

  /** Hands on all that is held, in order, and holds nothing any more. */
  drain(show: (stream: Stream, chunk: Buffer) => void): void {
    if (this.#file !== undefined) {
      let position = 0;
      for (const { stream, bytes } of this.#written) {
        for (let left = bytes; left > 0;) {
          const chunk = Buffer.allocUnsafe(Math.min(left, READ_BYTES));
          const read = readSync(this.#file, chunk, 0, chunk.length, position);
          if (read === 0) break;
          show(stream, chunk.subarray(0, read));
          position += read;
          left -= read;
        }
      }
      closeSync(this.#file);
      this.#file = undefined;
      this.#written = [];
    }
    for (const { stream, chunk } of this.#parts) show(stream, chunk);
    this.#parts = [];
    this.#bytes = 0;
  }

  #spill(): void {
    if (this.#file === undefined) {
      const folder = mkdtempSync(join(tmpdir(), 'hoist-run-'));
      this.#file = openSync(join(folder, 'output'), 'wx+', 0o600);
      // Without a name it goes away with this process, however that ends.
      rmSync(folder, { recursive: true });
    }
    for (const { stream, chunk } of this.#parts) {
      for (let at = 0; at < chunk.length;) at += writeSync(this.#file, chunk, at);
      const last = this.#written.at(-1);
      if (last?.stream === stream) last.bytes += chunk.length;
      else this.#written.push({ stream, bytes: chunk.length });
    }
    this.#parts = [];
    this.#bytes = 0;
  }
}
