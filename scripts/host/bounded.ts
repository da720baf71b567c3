// Reads what someone else wrote only up to a size: a device or a stream without an end must not fill the memory.

import type { Readable } from 'node:stream';
import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** Bytes of a file that people write: settings, manifests, values, kubeconfigs. */
const FILE_MAX = 64 * 2 ** 20;
const CHUNK = 64 * 2 ** 10;

/** @throws RangeError where it is larger than `most` bytes; what the file system throws. */
export async function readBounded(path: string, most = FILE_MAX): Promise<Buffer> {
  const file = await open(path);
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

/** The text of a file. @throws as `readBounded` */
export async function readTextBounded(path: string, most = FILE_MAX): Promise<string> {
  return (await readBounded(path, most)).toString('utf8');
}

/** The same at once, for what runs before anything can wait. @throws as `readBounded` */
export function readTextBoundedSync(path: string, most = FILE_MAX): string {
  const file = openSync(path, 'r');
  try {
    const chunks: Buffer[] = [];
    for (let total = 0; ;) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const bytesRead = readSync(file, chunk, 0, CHUNK, null);
      if (bytesRead === 0) return Buffer.concat(chunks).toString('utf8');
      total += bytesRead;
      if (total > most) throw tooLarge(most);
      chunks.push(chunk.subarray(0, bytesRead));
    }
  } finally {
    closeSync(file);
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
