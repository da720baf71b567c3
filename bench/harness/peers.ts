// Finds out whether a peer's program is on the PATH: where it is not, a bench names and skips it.

import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Why a program cannot be run; undefined where it can. */
export async function isThere(program: string): Promise<string | undefined> {
  for (const dir of (process.env['PATH'] ?? '').split(delimiter)) {
    try {
      await access(join(dir, program), constants.X_OK);
      return undefined;
    } catch {
      // The next folder may have it.
    }
  }
  return `${program} is not on the PATH`;
}
