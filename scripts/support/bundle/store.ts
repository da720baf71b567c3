// The files of a bundle while it is worked on: small ones in memory, the others in a private folder.

import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HoistError } from '../../base/errors.ts';
import { removeAtExit } from '../../host/files/at-exit.ts';
import { keepHeapSmall } from '../../host/heap.ts';
import type { BundleFiles } from '../types.ts';

/** Longer files are spooled, in bytes. */
const SMALL = 128 << 10;
/** Bytes of a file that is still read at once: as one text it takes twice that and more. */
const MOST_READ = 256 << 20;
/** Bytes of small files that are kept in memory; the others are spooled too. */
const IN_MEMORY = 8 << 20;
/** Bytes of long files after which memory counts more than time. */
const MUCH = 16 << 20;

/** A file that is not in the bundle, and why. */
export interface LeftOut {
  path: string;
  reason: string;
}

export type Stored = (
  | { kind: 'buffer'; content: Buffer }
  /** The last `size` bytes of the file from `start` on. */
  | { kind: 'file'; file: string; start: number; size: number }
) & {
  /** Older bytes that are not part of it. */
  cutBytes?: number;
};

/** Holds only what has been redacted, or what was in a bundle already. */
export class FileStore implements BundleFiles {
  /** What a bundle that was read had, and this has not. */
  readonly leftOut: LeftOut[] = [];
  readonly #files = new Map<string, Stored | { kind: 'link'; target: string }>();
  readonly #parent: string;
  #folder: Promise<string> | undefined;
  #isRemoved: () => void = () => undefined;
  #inMemory = 0;
  #spooled = 0;
  #streamed = 0;
  #onMuch: (() => void) | undefined;

  /**
   * @param parent where the private folder is made, if one is needed
   * @param onMuch called once when more than 16 MiB of long files have come
   */
  constructor(parent: string = tmpdir(), onMuch: () => void = keepHeapSmall) {
    this.#parent = parent;
    this.#onMuch = onMuch;
  }

  list(): string[] {
    return [...this.#files.keys()].sort();
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  /** Follows links. */
  get(path: string): Stored | undefined {
    let found = this.#files.get(path);
    for (let hops = 0; found?.kind === 'link' && hops < 8; hops++) found = this.#files.get(found.target);
    return found?.kind === 'link' ? undefined : found;
  }

  /** Where a link leads to; undefined for what is none. */
  targetOf(path: string): string | undefined {
    const found = this.#files.get(path);
    return found?.kind === 'link' ? found.target : undefined;
  }

  /** @throws HoistError where it is longer than 256 MiB: anyone may have made the bundle */
  async read(path: string): Promise<Buffer | undefined> {
    const found = this.get(path);
    if (!found) return undefined;
    if (this.sizeOf(path) > MOST_READ) throw new HoistError(`${path} is longer than ${MOST_READ >> 20} MiB`);
    return found.kind === 'buffer' ? found.content : (await readFile(found.file)).subarray(found.start);
  }

  /** For files of any length. */
  stream(path: string): Readable | undefined {
    const found = this.get(path);
    if (!found) return undefined;
    return streamOf(found);
  }

  sizeOf(path: string): number {
    const found = this.get(path);
    return found === undefined ? 0 : found.kind === 'buffer' ? found.content.length : found.size;
  }

  link(path: string, target: string): void {
    this.#files.set(path, { kind: 'link', target });
  }

  /** Links that lead to no file become `leftOut`: to nothing, to a folder, in a circle. */
  dropBrokenLinks(): void {
    const links = [...this.#files].flatMap(([path, found]) => (found.kind === 'link' ? [[path, found.target]] : []));
    for (const [path = '', target = ''] of links.filter(([path = '']) => this.get(path) === undefined)) {
      this.#files.delete(path);
      this.leftOut.push({ path, reason: `a link to ${target}, which is not in the bundle` });
    }
  }

  /**
   * Keeps the content; rejects with the stream's error, and keeps nothing then.
   * @param newest bytes that are kept of longer contents: the last ones
   */
  async put(path: string, content: Buffer | Readable, newest = Infinity): Promise<Stored> {
    const whole = Buffer.isBuffer(content) ? await this.#keep(content) : await this.#drain(content);
    const stored = await newestOf(whole, newest);
    this.#files.set(path, stored);
    return stored;
  }

  /** Removes the private folder. */
  async close(): Promise<void> {
    this.#files.clear();
    const folder = await this.#folder;
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    this.#isRemoved();
  }

  async #keep(content: Buffer): Promise<Stored> {
    if (content.length <= SMALL && this.#inMemory + content.length <= IN_MEMORY) {
      this.#inMemory += content.length;
      return { kind: 'buffer', content };
    }
    return this.#spool(Readable.from([content]), content.length);
  }

  async #drain(stream: Readable): Promise<Stored> {
    const chunks: Buffer[] = [];
    let size = 0;
    const iterator = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    for (;;) {
      const next = await iterator.next();
      if (next.done === true) return this.#keep(Buffer.concat(chunks));
      chunks.push(next.value);
      size += next.value.length;
      if (size > SMALL) break;
    }
    const rest = async function* (this: FileStore): AsyncGenerator<Buffer> {
      yield* chunks;
      for (;;) {
        const next = await iterator.next();
        if (next.done === true) return;
        size += next.value.length;
        this.#count(next.value.length);
        yield next.value;
      }
    }.bind(this);
    const stored = await this.#spool(Readable.from(rest(), { objectMode: false }), 0);
    return stored.kind === 'file' ? { ...stored, size } : stored;
  }

  #count(bytes: number): void {
    this.#streamed += bytes;
    if (this.#streamed <= MUCH) return;
    this.#onMuch?.();
    this.#onMuch = undefined;
  }

  async #makeFolder(): Promise<string> {
    const folder = await mkdtemp(join(this.#parent, 'hoist-bundle-'));
    this.#isRemoved = removeAtExit(folder);
    return folder;
  }

  async #spool(stream: Readable, size: number): Promise<Stored> {
    this.#folder ??= this.#makeFolder();
    const file = join(await this.#folder, String(this.#spooled++));
    try {
      await pipeline(stream, createWriteStream(file, { mode: 0o600, flags: 'wx' }));
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
    return { kind: 'file', file, start: 0, size };
  }
}

/** The bytes of a file that is kept. */
export function streamOf(stored: Stored): Readable {
  return stored.kind === 'buffer'
    ? Readable.from([stored.content])
    : createReadStream(stored.file, { start: stored.start });
}

async function newestOf(stored: Stored, newest: number): Promise<Stored> {
  const size = stored.kind === 'buffer' ? stored.content.length : stored.size;
  if (size <= newest) return stored;
  const from = size - newest;
  if (stored.kind === 'buffer') {
    const start = stored.content.indexOf(10, from - 1) + 1 || from;
    return { kind: 'buffer', content: stored.content.subarray(start), cutBytes: start };
  }
  const start = (await lineStart(stored.file, from)) ?? from;
  return { ...stored, start, size: size - start, cutBytes: start };
}

/** The first start of a line at or behind an offset; undefined where none is near. */
async function lineStart(file: string, offset: number): Promise<number | undefined> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64 << 10), 0, 64 << 10, offset - 1);
    const at = buffer.subarray(0, bytesRead).indexOf(10);
    return at < 0 ? undefined : offset + at;
  } finally {
    await handle.close();
  }
}
