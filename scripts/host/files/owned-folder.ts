// Folders that hoist made and may remove: only a direct child of its own folder that holds a record of hoist's.

import { lstat, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isClusterName } from '../../base/names.ts';
import { HoistError, isErrno } from '../../base/errors.ts';

export interface OwnedFolder {
  /** hoist's own folder, whose direct child is meant. */
  parent: string;
  name: string;
  /** Names of files and folders inside, any of which shows that hoist made the folder. */
  records: readonly string[];
}

/**
 * Resolves with the folder's path where it is hoist's to remove; undefined where there is none.
 * @throws HoistError where it is anything else: not a direct child, a link, a file, a folder without a record.
 */
export async function findOwned({ parent, name, records }: OwnedFolder): Promise<string | undefined> {
  const path = join(parent, name);
  if (!isClusterName(name) || dirname(path) !== join(parent) || basename(path) !== name) {
    throw new HoistError(`${JSON.stringify(name)} is no folder of ${parent}, so hoist leaves it alone`);
  }
  let found;
  try {
    found = await lstat(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return undefined;
    throw error;
  }
  if (!found.isDirectory()) throw notOurs(path, 'is no folder');
  const entries = await readdir(path);
  // One that was made a moment before a crash is empty: nothing is lost with it.
  if (entries.length === 0) return path;
  const kept = await Promise.all(
    records.map((record) =>
      lstat(join(path, record)).then(
        (entry) => !entry.isSymbolicLink(),
        () => false,
      ),
    ),
  );
  if (!kept.includes(true)) throw notOurs(path, `holds nothing by which hoist knows it (${records.join(', ')})`);
  return path;
}

/**
 * Removes the folder with all that it holds, at one moment for those who look.
 * @returns whether there was one.
 * @throws HoistError where it is not hoist's to remove.
 */
export async function removeOwned(owned: OwnedFolder): Promise<boolean> {
  const path = await findOwned(owned);
  if (path === undefined) return false;
  // An empty folder that something has been put into meanwhile stays.
  if ((await readdir(path)).length === 0) {
    await rmdir(path);
    return true;
  }
  const setAside = join(owned.parent, `.removed-${owned.name}-${process.pid}`);
  await rename(path, setAside);
  await rm(setAside, { recursive: true, force: true });
  return true;
}

function notOurs(path: string, why: string): HoistError {
  return new HoistError(`${path} ${why}, so hoist leaves it alone`, {
    hint: 'Look at what it is, and remove it yourself where it is of no use.',
  });
}
