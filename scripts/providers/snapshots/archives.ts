// Archives of a snapshot: files with a checksum each, written as they come and read for it again.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { CreationError } from '../../base/errors.ts';
import type { SnapshotArchive, SnapshotManifest } from './manifest.ts';

/** An archive to be kept. */
export interface NewArchive extends Omit<SnapshotArchive, 'file' | 'bytes' | 'sha256'> {
  content: AsyncIterable<Buffer>;
}

type Written = Pick<SnapshotManifest, 'content'> & { archives: SnapshotArchive[] };

/** Writes them durably into a folder. @throws what reading them and the file system throw */
export async function writeArchives(folder: string, all: AsyncIterable<NewArchive>): Promise<Written> {
  const archives: SnapshotArchive[] = [];
  for await (const { content, ...about } of all) {
    const name = `archive-${archives.length}.tar`;
    const file = await open(join(folder, name), 'wx', 0o600);
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      for await (const chunk of content) {
        hash.update(chunk);
        await file.writeFile(chunk);
        bytes += chunk.length;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    archives.push({ ...about, file: name, bytes, sha256: hash.digest('hex') });
  }
  return { archives, content: contentOf(archives) };
}

/**
 * @param wanted which of them will be used; their list is checked anyway
 * @throws CreationError where one of them, or their list, is not as it was written
 */
export async function verifyArchives(
  folder: string,
  { content, archives }: Written,
  wanted: (archive: SnapshotArchive) => boolean = () => true,
): Promise<void> {
  if (contentOf(archives).sha256 !== content.sha256) throw damaged(folder);
  for (const { file, sha256, bytes } of archives.filter(wanted)) {
    const path = join(folder, file);
    const hash = createHash('sha256');
    let read = 0;
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
      read += (chunk as Buffer).length;
      if (read > bytes) throw damaged(path);
      hash.update(chunk as Buffer);
    }
    if (read !== bytes || hash.digest('hex') !== sha256) throw damaged(path);
  }
}

function contentOf(archives: readonly SnapshotArchive[]): SnapshotManifest['content'] {
  const list = archives.map(({ file, node, of, bytes, sha256 }) => [file, node, of, bytes, sha256]);
  return {
    keys: archives.length,
    bytes: archives.reduce((sum, { bytes }) => sum + bytes, 0),
    sha256: createHash('sha256').update(JSON.stringify(list)).digest('hex'),
  };
}

function damaged(path: string): CreationError {
  return new CreationError(`${path} is not as it was written: its checksum is another one`, {
    hint: 'Remove the snapshot, and save it again.',
  });
}
