// The digest of a chart on the local disk: of its archive, or of all files of its folder.

import { createHash } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Hex sha256. @throws what the file system throws */
export async function chartDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  if (!(await stat(path)).isDirectory()) return hash.update(await readFile(path)).digest('hex');
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(files.sort().map(async (file) => [file, await readFile(file)] as const));
  for (const [file, content] of contents) {
    // The length keeps two files apart from one that holds both.
    hash.update(`${relative(path, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}
