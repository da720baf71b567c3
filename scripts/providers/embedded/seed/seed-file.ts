// The file of a seed: whole, of the right kind and unchanged, or not used.

import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../../host/files/make-folder.ts';
import { isErrno, messageOf } from '../../../base/errors.ts';
import { readBounded } from '../../../host/files/bounded.ts';
import { writeAtomic } from '../../../host/files/files.ts';
import { type Environment, cacheHome } from '../../../host/paths.ts';
import type { KeyValue } from '../etcd/etcd-client.ts';

const FORMAT = 1;
/** Some hundred kilobytes were seen. */
const SEED_MAX = 16 * 2 ** 20;
/** Seeds of other versions and arguments that are kept beside. */
const MOST_SEEDS = 8;

interface SeedFile {
  format: typeof FORMAT;
  /** What it was made by: see `seedIdentity`. */
  identity: string;
  /** SHA-256 of the entries' JSON. */
  sum: string;
  /** Key and value, that in base64. */
  entries: readonly (readonly [string, string])[];
}

export type FoundSeed = { entries: KeyValue[] } | { why: string };

/** @param identity a short text that may be a file's name. */
export function seedPath(env: Environment, identity: string): string {
  return join(cacheHome(env), 'seeds', `${identity}.json`);
}

/** The entries; or why there are none that can be used. Never throws for what the file holds. */
export async function readSeed(path: string, identity: string): Promise<FoundSeed> {
  try {
    const seed = JSON.parse((await readBounded(path, SEED_MAX)).toString('utf8')) as Partial<SeedFile>;
    if (seed.format !== FORMAT || seed.identity !== identity || !Array.isArray(seed.entries))
      return { why: 'it is of another version' };
    if (sumOf(seed.entries) !== seed.sum) return { why: 'it is damaged' };
    const entries = seed.entries as SeedFile['entries'];
    return { entries: entries.map(([key, value]) => ({ key, value: Buffer.from(value, 'base64') })) };
  } catch (error) {
    return { why: isErrno(error, 'ENOENT') ? 'there is none yet' : `it cannot be read: ${messageOf(error)}` };
  }
}

/** @throws what the file system throws; no half a file is ever seen. */
export async function writeSeed(path: string, identity: string, pairs: readonly KeyValue[]): Promise<void> {
  const entries = pairs.map(({ key, value }) => [key, value.toString('base64')] as const);
  const seed: SeedFile = { format: FORMAT, identity, sum: sumOf(entries), entries };
  await makeFolder(dirname(path));
  await writeAtomic(path, JSON.stringify(seed), { mode: 0o600 });
  await prune(dirname(path));
}

function sumOf(entries: SeedFile['entries']): string {
  return createHash('sha256').update(JSON.stringify(entries)).digest('hex');
}

/** The newest ones stay. */
async function prune(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const aged = await Promise.all(
    names.map(async (name) => ({ path: join(folder, name), at: (await stat(join(folder, name))).mtimeMs })),
  );
  aged.sort((a, b) => b.at - a.at);
  await Promise.all(aged.slice(MOST_SEEDS).map(({ path }) => rm(path, { force: true })));
}
