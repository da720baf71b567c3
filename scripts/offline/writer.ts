// Writes an offline bundle beside its place and moves it there when it is whole; what an interrupted save has written is taken up again.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { TAR_BLOCK, tarHeader, tarPadding } from '../host/files/tar-header.ts';
import { putInPlace } from '../host/files/files.ts';
import { BundleError } from './bundle-errors.ts';
import { PART_MAX, type Part } from './manifest.ts';
import { type BundleReader, type Extent, MANIFEST_NAME, digestOf, memberAt, partName, readExtent } from './reader.ts';

/** Private, as values and manifests of the user may be. */
const MODE = 0o600;

/** Where a bundle is written until it is whole. */
export function partialOf(file: string): string {
  return join(dirname(file), `.${basename(file)}.partial`);
}

/** Whole parts, and where the next one goes. */
interface Written {
  extents: Map<string, Extent>;
  end: number;
}

/** One at a time for one file: the caller holds a lock. */
export class BundleWriter {
  /** How many parts an interrupted save has left. */
  readonly resumed: number;
  /** Called with the number of bytes written. */
  onBytes: (done: number) => void = () => undefined;
  private written = 0;
  private readonly extents: Map<string, Extent>;
  private end: number;

  private constructor(
    /** Where the bundle goes, and where it is until then. */
    private readonly file: string,
    private readonly partial: string,
    private readonly handle: FileHandle,
    { extents, end }: Written = { extents: new Map(), end: 0 },
  ) {
    this.extents = extents;
    this.end = end;
    this.resumed = extents.size;
  }

  /** Goes on with what an interrupted save of the same file has written, as far as it is whole. */
  static async open(file: string): Promise<BundleWriter> {
    const partial = partialOf(file);
    // Not through a link at this path.
    const { O_CREAT, O_RDWR, O_NOFOLLOW } = (await import('node:fs')).constants;
    const handle = await open(partial, O_CREAT | O_RDWR | O_NOFOLLOW, MODE);
    try {
      const { uid } = await handle.stat();
      if (process.getuid !== undefined && uid !== process.getuid())
        throw new BundleError(file, `${partial} is another user's`, { hint: 'Write to a folder of your own.' });
      const written = await wholeParts(handle);
      await handle.truncate(written.end);
      return new BundleWriter(file, partial, handle, written);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  has(sha256: string): boolean {
    return this.extents.has(sha256);
  }

  /** Adds a file of the disk. */
  addFile(path: string, signal?: AbortSignal): Promise<Part> {
    return this.add(createReadStream(path, { highWaterMark: 2 ** 20, ...(signal ? { signal } : {}) }));
  }

  /** Copies a part of another bundle, unless it is there. @throws BundleError where it is damaged there. */
  async reuse(other: BundleReader, { sha256, bytes }: Part): Promise<Part> {
    if (!this.has(sha256)) await this.add(other.read(sha256));
    return { sha256, bytes };
  }

  /** Adds what comes; content that is there already is not kept twice. @throws what reading throws. */
  async add(content: AsyncIterable<Buffer>): Promise<Part> {
    const start = this.end;
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      for await (const chunk of content) {
        if (bytes + chunk.length > PART_MAX)
          throw new BundleError(this.file, `a part would have more than ${PART_MAX} bytes`, {
            hint: 'Make it smaller.',
          });
        hash.update(chunk);
        await this.handle.write(chunk, 0, chunk.length, start + TAR_BLOCK + bytes);
        bytes += chunk.length;
        this.onBytes((this.written += chunk.length));
      }
    } catch (error) {
      await this.handle.truncate(start);
      throw error;
    }
    const sha256 = hash.digest('hex');
    if (this.has(sha256)) {
      await this.handle.truncate(start);
      return { sha256, bytes };
    }
    const offset = start + TAR_BLOCK;
    const next = offset + bytes + tarPadding(bytes);
    // The header comes last: a part without one was cut off.
    await this.handle.truncate(next);
    await this.handle.write(tarHeader(partName(sha256), bytes, 0), 0, TAR_BLOCK, start);
    this.extents.set(sha256, { sha256, bytes, offset });
    this.end = next;
    return { sha256, bytes };
  }

  /**
   * Writes the manifest and puts the bundle in its place.
   * @param manifest its text @param named the digests that it names: other parts, of an interrupted save, are left out
   * @returns the manifest's SHA-256 and the bytes of the file
   */
  async finish(manifest: string, named: ReadonlySet<string>): Promise<{ digest: string; bytes: number }> {
    if ([...this.extents.keys()].some((sha256) => !named.has(sha256))) return this.finishCopy(manifest, named);
    const text = Buffer.from(manifest);
    const size = this.end + TAR_BLOCK + text.length + tarPadding(text.length) + 2 * TAR_BLOCK;
    await this.handle.truncate(this.end);
    await this.handle.truncate(size);
    await this.handle.write(tarHeader(MANIFEST_NAME, text.length, 0), 0, TAR_BLOCK, this.end);
    await this.handle.write(text, 0, text.length, this.end + TAR_BLOCK);
    await this.handle.close();
    await putInPlace(this.partial, this.file, MODE);
    return { digest: createHash('sha256').update(text).digest('hex'), bytes: size };
  }

  /** Leaves what was written for the next save. */
  async interrupt(): Promise<void> {
    await this.handle.close().catch(() => undefined);
  }

  /** Without the parts that nothing names any more. */
  private async finishCopy(manifest: string, named: ReadonlySet<string>): Promise<{ digest: string; bytes: number }> {
    const path = `${this.partial}.copy`;
    const handle = await open(path, 'w+', MODE);
    try {
      const copy = new BundleWriter(this.file, path, handle);
      for (const extent of this.extents.values())
        if (named.has(extent.sha256)) await copy.add(readExtent(this.handle, extent));
      const finished = await copy.finish(manifest, named);
      await this.handle.close();
      await rm(this.partial, { force: true });
      return finished;
    } catch (error) {
      await handle.close().catch(() => undefined);
      await rm(path, { force: true });
      throw error;
    }
  }
}

/** The parts from the start of a file on whose content is that of their digest, and where they end. */
async function wholeParts(handle: FileHandle): Promise<Written> {
  const { size } = await handle.stat();
  const extents = new Map<string, Extent>();
  for (let at = 0; ;) {
    const member = await memberAt(handle, at, size);
    const sha256 = member && digestOf(member.name);
    if (member === undefined || sha256 === undefined || extents.has(sha256)) return { extents, end: at };
    const hash = createHash('sha256');
    for await (const chunk of readExtent(handle, member.extent)) hash.update(chunk);
    if (hash.digest('hex') !== sha256) return { extents, end: at };
    extents.set(sha256, { sha256, ...member.extent });
    at = member.next;
  }
}
