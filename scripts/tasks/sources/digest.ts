// One number for the names and the content of files, whatever their times say.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import pLimit from 'p-limit';
import { isErrno } from '../../base/errors.ts';

const AT_ONCE = 16;

/** SHA-256 over all of them; a file that has gone counts as one that does not exist. */
export async function digestOf(files: readonly string[], cwd: string): Promise<string> {
  const all = createHash('sha256');
  for (const [file, sum] of await sumsOf(files, cwd)) all.update(`${file}\0${sum}\0`);
  return all.digest('hex');
}

/** The SHA-256 of each, in their order; empty for a file that does not exist. */
export async function sumsOf(files: readonly string[], cwd: string): Promise<Map<string, string>> {
  const limit = pLimit(AT_ONCE);
  return new Map(
    await Promise.all(files.map((file) => limit(async () => [file, await sumOf(resolve(cwd, file))] as const))),
  );
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
