// Reads an offline bundle: a tar archive of parts named by their digests, with the manifest at its end; nothing is held in memory.

import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { TAR_BLOCK, readTarHeader, tarPadding } from '../host/files/tar-header.ts';
import { reasonOf } from '../base/errors.ts';
import { BundleError } from './bundle-errors.ts';
import { type BundleManifest, PARTS_MAX, type Part, parseBundleManifest, partsOf } from './manifest.ts';

/** The manifest's name in the archive; it is written last, so that a bundle with one is whole. */
export const MANIFEST_NAME = 'hoist-bundle.json';
const MANIFEST_MAX = 32 * 2 ** 20;
const CHUNK = 2 ** 20;
/** Bytes of zeros that may follow: tar pads to records of 10 KiB. */
const END_MAX = 10_240 + 2 * TAR_BLOCK;

/** Where the content of a part lies. */
export interface Extent extends Part {
  offset: number;
}

export function partName(sha256: string): string {
  return `parts/sha256/${sha256}`;
}

/** The digest in the name of a member; undefined for any other name. */
export function digestOf(name: string): string | undefined {
  return /^parts\/sha256\/([0-9a-f]{64})$/.exec(name)?.[1];
}

/** The member whose header stands at an offset, with its size; undefined where none does, or it would end after `size`. */
export async function memberAt(
  handle: FileHandle,
  offset: number,
  size: number,
): Promise<{ name: string; extent: { offset: number; bytes: number }; next: number } | undefined> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(TAR_BLOCK), 0, TAR_BLOCK, offset);
  const header = bytesRead === TAR_BLOCK ? readTarHeader(buffer) : undefined;
  if (header === undefined) return undefined;
  const extent = { offset: offset + TAR_BLOCK, bytes: header.size };
  const next = extent.offset + header.size + tarPadding(header.size);
  return next > size ? undefined : { name: header.name, extent, next };
}

/** The bytes of an extent, as they come. @throws RangeError where the file ends before. */
export async function* readExtent(
  handle: FileHandle,
  { offset, bytes }: { offset: number; bytes: number },
): AsyncGenerator<Buffer, void, undefined> {
  for (let done = 0; done < bytes;) {
    const wanted = Math.min(CHUNK, bytes - done);
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, offset + done);
    if (bytesRead === 0) throw new RangeError('it has become shorter');
    done += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

interface OpenBundle {
  /** As the user gave it. */
  file: string;
  manifest: BundleManifest;
  /** SHA-256 of the manifest, in hex: as every part is named in it, it stands for the whole bundle. */
  digest: string;
}

export class BundleReader implements OpenBundle {
  readonly file: string;
  readonly manifest: BundleManifest;
  readonly digest: string;

  private constructor(
    { file, manifest, digest }: OpenBundle,
    private readonly handle: FileHandle,
    private readonly extents: ReadonlyMap<string, Extent>,
  ) {
    this.file = file;
    this.manifest = manifest;
    this.digest = digest;
  }

  /**
   * Opens a bundle and compares its members with its manifest; the parts themselves are not read yet.
   * @throws BundleError for whatever is no whole bundle.
   */
  static async open(file: string): Promise<BundleReader> {
    const handle = await open(file).catch((cause: unknown) => {
      throw new BundleError(file, reasonOf(cause), { cause, hint: '`hoist bundle save FILE` writes one.' });
    });
    try {
      const status = await handle.stat();
      if (!status.isFile()) throw new BundleError(file, 'it is no regular file');
      const { extents, manifest } = await readMembers(handle, status.size, file);
      const text = await textOf(handle, manifest);
      const parsed = parseBundleManifest(text.toString('utf8'), file);
      compare(extents, partsOf(parsed, file), file);
      const digest = createHash('sha256').update(text).digest('hex');
      return new BundleReader({ file, manifest: parsed, digest }, handle, extents);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  has(sha256: string): boolean {
    return this.extents.has(sha256);
  }

  /** Bytes of all parts. */
  get bytes(): number {
    return [...this.extents.values()].reduce((sum, one) => sum + one.bytes, 0);
  }

  /**
   * The content of a part as it comes; what was read counts only when the last chunk has come.
   * @throws BundleError at its end where the content is not that of the digest.
   */
  async *read(sha256: string): AsyncGenerator<Buffer, void, undefined> {
    const extent = this.extentOf(sha256);
    const hash = createHash('sha256');
    try {
      for await (const chunk of readExtent(this.handle, extent)) {
        hash.update(chunk);
        yield chunk;
      }
    } catch (error) {
      throw error instanceof RangeError ? new BundleError(this.file, error.message) : error;
    }
    const got = hash.digest('hex');
    if (got !== sha256) throw wrongDigest(this.file, sha256, got);
  }

  /** Reads parts for their digests alone; all where none are named. @throws BundleError for the first that is wrong. */
  async verify(
    wanted: Iterable<string> = this.extents.keys(),
    { signal, onProgress }: { signal?: AbortSignal; onProgress?: (done: number, total: number) => void } = {},
  ): Promise<void> {
    const digests = [...new Set(wanted)];
    const total = digests.reduce((sum, one) => sum + this.extentOf(one).bytes, 0);
    let done = 0;
    for (const sha256 of digests) {
      for await (const { length } of this.read(sha256)) {
        signal?.throwIfAborted();
        done += length;
        onProgress?.(done, total);
      }
    }
  }

  private extentOf(sha256: string): Extent {
    const extent = this.extents.get(sha256);
    if (extent === undefined) throw new BundleError(this.file, `it has no part ${sha256}`);
    return extent;
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

interface Members {
  extents: Map<string, Extent>;
  manifest: { offset: number; bytes: number };
}

/** All members: parts first, the manifest last, and nothing but zeros after it. */
async function readMembers(handle: FileHandle, size: number, file: string): Promise<Members> {
  const extents = new Map<string, Extent>();
  for (let at = 0; ;) {
    const member = await memberAt(handle, at, size);
    if (member === undefined)
      throw new BundleError(file, at === 0 ? 'it is no archive of one' : 'it is cut short, or damaged');
    const { name, extent, next } = member;
    if (name === MANIFEST_NAME) {
      if (extent.bytes > MANIFEST_MAX) throw new BundleError(file, 'its manifest is larger than any');
      await requireEnd(handle, { from: next, to: size }, file);
      return { extents, manifest: extent };
    }
    const sha256 = digestOf(name);
    if (sha256 === undefined) throw new BundleError(file, `it has ${JSON.stringify(name)} in it, which no bundle has`);
    if (extents.has(sha256)) throw new BundleError(file, `it has the part ${sha256} twice`);
    if (extents.size >= PARTS_MAX) throw new BundleError(file, `it has more than ${PARTS_MAX} parts`);
    extents.set(sha256, { sha256, ...extent });
    at = next;
  }
}

async function requireEnd(handle: FileHandle, { from, to }: { from: number; to: number }, file: string): Promise<void> {
  const length = to - from;
  const wrong = new BundleError(file, 'something follows its manifest');
  if (length < 2 * TAR_BLOCK) throw new BundleError(file, 'it is cut short');
  if (length > END_MAX) throw wrong;
  const { buffer } = await handle.read(Buffer.alloc(length), 0, length, from);
  if (buffer.some((byte) => byte !== 0)) throw wrong;
}

async function textOf(handle: FileHandle, extent: { offset: number; bytes: number }): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readExtent(handle, extent)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The manifest names every part, and the archive has every part that it names. */
function compare(extents: ReadonlyMap<string, Extent>, parts: ReadonlyMap<string, Part>, file: string): void {
  for (const { sha256, bytes } of parts.values()) {
    const found = extents.get(sha256);
    if (found === undefined) throw new BundleError(file, `the part ${sha256} that its manifest names is not in it`);
    if (found.bytes !== bytes)
      throw new BundleError(file, `the part ${sha256} has ${found.bytes} bytes, and its manifest says ${bytes}`);
  }
  const unnamed = [...extents.keys()].find((sha256) => !parts.has(sha256));
  if (unnamed !== undefined) throw new BundleError(file, `it has a part ${unnamed} that its manifest does not name`);
}

function wrongDigest(file: string, expected: string, got: string): BundleError {
  return new BundleError(
    file,
    `a part is not what its manifest says:\nexpected sha256 ${expected}\n     got sha256 ${got}`,
  );
}
