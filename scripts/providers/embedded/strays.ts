// Finds processes of a cluster that its state does not tell of, as after a crash in mid-start.

import { readdir, readFile } from 'node:fs/promises';

/** Ids of processes whose command line names a file below the folder. Linux only: elsewhere there is no /proc, and none are found. */
export async function processesBelow(folder: string): Promise<number[]> {
  const entries = await readdir('/proc').catch(() => []);
  const found = await Promise.all(
    entries
      .filter((entry) => /^\d+$/.test(entry))
      .map(async (pid) => {
        const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
        return line.split('\0').some((arg) => arg.includes(`=${folder}/`)) ? [Number(pid)] : [];
      }),
  );
  return found.flat();
}
