// The file of a snapshot's content: keys and values one after another, each with its length, under one checksum.

import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { CreationError } from '../../base/errors.ts';
import type { SnapshotManifest } from './manifest.ts';

export interface Entry {
  key: string;
  value: Buffer;
}

type Content = SnapshotManifest['content'];

/** An object has at most 1.5 MiB in etcd; a longer record is damage. */
const RECORD_MAX = 64 * 2 ** 20;
const CHUNK = 2 ** 20;

/** Writes a file that is not there yet, durably. @throws what the file system throws. */
export async function writeRecords(path: string, pages: AsyncIterable<readonly Entry[]>): Promise<Content> {
  const file = await open(path, 'wx', 0o600);
  const hash = createHash('sha256');
  let [keys, bytes] = [0, 0];
  try {
    for await (const page of pages) {
      const chunk = Buffer.concat(
        page.flatMap(({ key, value }) => [...sized(Buffer.from(key, 'utf8')), ...sized(value)]),
      );
      hash.update(chunk);
      await file.writeFile(chunk);
      keys += page.length;
      bytes += chunk.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { keys, bytes, sha256: hash.digest('hex') };
}

/**
 * Reads all records; what comes before the end is not known to be whole yet: see `verifyRecords`.
 * @throws CreationError where the file is not what was written.
 */
export async function* readRecords(path: string, { keys, bytes, sha256 }: Content): AsyncGenerator<Entry> {
  const file = await open(path);
  const hash = createHash('sha256');
  try {
    let [rest, seen, total] = [Buffer.alloc(0), 0, 0];
    for (;;) {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, null);
      total += bytesRead;
      if (total > bytes) throw damaged(path);
      if (bytesRead === 0) break;
      const chunk = buffer.subarray(0, bytesRead);
      hash.update(chunk);
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let at = 0;
      for (let next = recordAt(rest, at, path); next; next = recordAt(rest, at, path)) {
        yield next.entry;
        at = next.end;
        seen++;
      }
      rest = rest.subarray(at);
    }
    if (rest.length > 0 || seen !== keys || hash.digest('hex') !== sha256) throw damaged(path);
  } finally {
    await file.close();
  }
}

/** Reads the whole file, for its checksum. @throws CreationError where the file is not what was written. */
export async function verifyRecords(path: string, content: Content): Promise<void> {
  const entries = readRecords(path, content);
  while ((await entries.next()).done !== true);
}

function sized(bytes: Buffer): [Buffer, Buffer] {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
}

/** undefined where the record's end has not come yet. */
function recordAt(bytes: Buffer, start: number, path: string): { entry: Entry; end: number } | undefined {
  const key = partAt(bytes, start, path);
  const value = key && partAt(bytes, key.end, path);
  // Copied: a view would keep the whole chunk.
  return value && { entry: { key: key.part.toString('utf8'), value: Buffer.from(value.part) }, end: value.end };
}

function partAt(bytes: Buffer, start: number, path: string): { part: Buffer; end: number } | undefined {
  if (bytes.length < start + 4) return undefined;
  const length = bytes.readUInt32BE(start);
  if (length > RECORD_MAX) throw damaged(path);
  const end = start + 4 + length;
  return bytes.length < end ? undefined : { part: bytes.subarray(start + 4, end), end };
}

function damaged(path: string): CreationError {
  return new CreationError(`${path} is not as it was written: its checksum is another one`, {
    hint: 'Remove the snapshot, and save it again.',
  });
}
