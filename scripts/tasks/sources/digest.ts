// One number for the names and the content of files, whatever their times say.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import pLimit from 'p-limit';
import { isErrno } from '../../base/errors.ts';

const AT_ONCE = 16;

/** SHA-256 over all of them; a file that has gone counts as one that is not there. */
export async function digestOf(files: readonly string[], cwd: string): Promise<string> {
  const limit = pLimit(AT_ONCE);
  const sums = await Promise.all(files.map((file) => limit(() => sumOf(resolve(cwd, file)))));
  const all = createHash('sha256');
  files.forEach((file, at) => all.update(`${file}\0${sums[at] ?? ''}\0`));
  return all.digest('hex');
}

async function sumOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return '';
    throw error;
  }
  return hash.digest('hex');
}
