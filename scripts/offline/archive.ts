// Archives of images as parts of a bundle: each of their files is one, so that images share their layers.

import { posix } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { TAR_BLOCK, TAR_NAME_MAX, tarHeader, tarPadding } from '../host/files/tar-header.ts';
import { type PackedArchive, type Part, PARTS_MAX, isPartPath } from './manifest.ts';
import type { BundleReader } from './reader.ts';

type Files = PackedArchive['files'];

/**
 * Adds each file of a tar archive as a part.
 * @throws RangeError for a file whose name cannot be kept; what reading the archive throws
 */
export async function splitArchive(
  content: AsyncIterable<Buffer>,
  add: (content: AsyncIterable<Buffer>) => Promise<Part>,
  signal: AbortSignal,
): Promise<Files> {
  const files = new Map<string, Part>();
  // Engines before 25 link layers that two images share.
  const links: { path: string; target: string }[] = [];
  const archive = extract();
  const read = async (): Promise<void> => {
    for await (const entry of archive) {
      const { name, type, linkname } = entry.header;
      const path = name.replace(/^(\.?\/)+/, '').replace(/\/+$/, '');
      if (type === 'file') {
        if (!isPartPath(path) || Buffer.byteLength(path) > TAR_NAME_MAX || files.size >= PARTS_MAX)
          throw new RangeError(`${JSON.stringify(name)} in an archive of images cannot be kept`);
        files.set(path, await add(entry as AsyncIterable<Buffer>));
      } else {
        const target = linkname;
        if (type === 'symlink') links.push({ path, target: posix.join(posix.dirname(path), target) });
        if (type === 'link') links.push({ path, target });
        entry.resume();
      }
    }
  };
  await Promise.all([pipeline(Readable.from(content), archive as unknown as Writable, { signal }), read()]);
  for (const { path, target } of links) {
    const part = files.get(target);
    if (part === undefined || !isPartPath(path)) throw new RangeError(`${JSON.stringify(path)} links to nothing`);
    files.set(path, part);
  }
  return [...files].map(([path, part]) => ({ path, ...part }));
}

/** Bytes of the archive that `joinArchive` gives. */
export function archiveBytes(files: Files): number {
  return files.reduce((sum, { bytes }) => sum + TAR_BLOCK + bytes + tarPadding(bytes), 2 * TAR_BLOCK);
}

/** The archive again, as it comes. @throws BundleError where a part is not what its digest says */
export async function* joinArchive(bundle: BundleReader, files: Files): AsyncGenerator<Buffer, void, undefined> {
  for (const { path, sha256, bytes } of files) {
    yield tarHeader(path, bytes, 0);
    yield* bundle.read(sha256);
    yield Buffer.alloc(tarPadding(bytes));
  }
  yield Buffer.alloc(2 * TAR_BLOCK);
}
