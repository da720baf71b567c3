// Lists a folder with all below it up to a number of entries: `/`, named by mistake, must not be walked to its end.

import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** Entries below a folder that people name: of manifests, sync sets, files to be collected. */
const ENTRIES_MAX = 20_000;
/** Entries that one call of the system brings. */
const AT_ONCE = 256;

/** Every entry below the folder, folders too; links are not followed. @throws RangeError past `most` entries */
export async function entriesBelow(path: string, most = ENTRIES_MAX): Promise<Dirent[]> {
  const found: Dirent[] = [];
  const open = [path];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const folder = await opendir(next, { bufferSize: AT_ONCE });
    try {
      // At once: most entries are in the buffer already, and a promise for each of them costs five times as much.
      for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) {
        if (found.length === most)
          throw new RangeError(`it holds more than ${most.toLocaleString('en')} files and folders`);
        found.push(entry);
        if (entry.isDirectory()) open.push(join(next, entry.name));
      }
    } finally {
      await folder.close();
    }
  }
  return found;
}
