// Reads what someone else wrote only up to a size: a device or a stream without an end must not fill the memory.

import type { Readable } from 'node:stream';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { HoistError } from '../../base/errors.ts';

/** Bytes of a file that people write: settings, manifests, values, kubeconfigs. */
const FILE_MAX = 64 * 2 ** 20;
const CHUNK = 64 * 2 ** 10;

/** Opening a pipe that has no writer must not hang: not even Ctrl-C would end that. */
const WITHOUT_WAITING = constants.O_RDONLY | constants.O_NONBLOCK;
/** ms that a pipe's writer may take until its first byte, where nothing else can happen meanwhile. */
const FIRST_BYTE_MS = 10_000;
const LOOK_MS = 10;

/** @throws RangeError where it is larger than `most` bytes; what the file system throws. */
export async function readBounded(path: string, most = FILE_MAX): Promise<Buffer> {
  if ((await stat(path)).isFIFO()) return readPipe(path, most);
  const file = await open(path, WITHOUT_WAITING);
  try {
    const chunks: Buffer[] = [];
    for (let total = 0; ;) {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, null);
      if (bytesRead === 0) return Buffer.concat(chunks);
      total += bytesRead;
      if (total > most) throw tooLarge(most);
      chunks.push(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/** Of `<(…)` and of named pipes; empty where there is no writer. */
async function readPipe(path: string, most: number): Promise<Buffer> {
  const { Socket } = await import('node:net');
  const fd = openSync(path, WITHOUT_WAITING);
  const head = Buffer.alloc(CHUNK);
  let length = 0;
  try {
    length = readSync(fd, head);
    if (length === 0) {
      closeSync(fd);
      return Buffer.of();
    }
  } catch (error) {
    // It has a writer, which has written nothing so far.
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
  const rest = await collectBounded(new Socket({ fd, readable: true, writable: false }), most - length);
  return Buffer.concat([head.subarray(0, length), rest]);
}

/** A file that people write is no text. */
export class NoTextError extends HoistError {
  override readonly name = 'NoTextError';

  /** @param line where it begins to be none, and @param column there; both from 1 */
  constructor(
    what: string,
    readonly line: number,
    readonly column: number,
  ) {
    super(`${what} at line ${line}, column ${column}`);
  }
}

/** The text of a file that people write. @throws as `readBounded` and `decodeText` */
export async function readTextBounded(path: string, most = FILE_MAX): Promise<string> {
  return decodeText(await readBounded(path, most));
}

/**
 * UTF-8, or UTF-16 with a byte order mark, as PowerShell writes it; without the mark.
 * @throws NoTextError where it is neither, or binary: half of it would be taken for something else
 */
function decodeText(bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString('hex');
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8';
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    const replaced = new TextDecoder(encoding).decode(bytes);
    throw noText(`it is not ${encoding.toUpperCase()}`, replaced, replaced.indexOf('\ufffd'));
  }
  const at = text.indexOf('\0');
  if (at >= 0) throw noText('it is no text: there is a NUL', text, at);
  return text;
}

function noText(what: string, text: string, at: number): NoTextError {
  const lines = text.slice(0, at).split('\n');
  return new NoTextError(what, lines.length, (lines.at(-1)?.length ?? 0) + 1);
}

/** The same at once, for what runs before anything can wait. @throws as `readTextBounded`, and where a pipe stays empty */
export function readTextBoundedSync(path: string, most = FILE_MAX): string {
  const file = openSync(path, WITHOUT_WAITING);
  try {
    const chunks: Buffer[] = [];
    for (let total = 0; ;) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const bytesRead = readWaiting(file, chunk);
      if (bytesRead === 0) return decodeText(Buffer.concat(chunks));
      total += bytesRead;
      if (total > most) throw tooLarge(most);
      chunks.push(chunk.subarray(0, bytesRead));
    }
  } finally {
    closeSync(file);
  }
}

/** Bytes that were read; 0 at the end. */
function readWaiting(file: number, chunk: Buffer): number {
  const deadline = performance.now() + FIRST_BYTE_MS;
  for (;;) {
    try {
      return readSync(file, chunk);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      if (performance.now() > deadline) throw new Error(`nothing was written to it within ${FIRST_BYTE_MS / 1000} s`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_MS);
    }
  }
}

/** @param onBytes called with the number of bytes so far. @throws RangeError where more than `most` bytes come. */
export async function collectBounded(body: Readable, most: number, onBytes?: (done: number) => void): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    total += chunk.length;
    // Leaving the loop destroys the stream.
    if (total > most) throw tooLarge(most);
    chunks.push(chunk);
    onBytes?.(total);
  }
  return Buffer.concat(chunks);
}

export function tooLarge(most: number): RangeError {
  return new RangeError(`it is larger than ${Math.round(most / 2 ** 20)} MiB, the most that is read`);
}
