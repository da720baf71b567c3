// Finds processes of a cluster that its state does not list, as after a crash in mid-start.

import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { processNames } from '../state.ts';

/**
 * Ids of this user's processes that run one of the control plane's binaries with a file below the folder in an argument.
 * Others that merely name the folder, as a backup of it does, are none of them.
 * Linux only: elsewhere there is no /proc, and none are found.
 */
export async function processesBelow(folder: string): Promise<number[]> {
  const entries = await readdir('/proc').catch(() => []);
  const found = await Promise.all(
    entries
      .filter((entry) => /^\d+$/.test(entry))
      .map(async (pid) => ((await isStray(pid, folder)) ? [Number(pid)] : [])),
  );
  return found.flat();
}

async function isStray(pid: string, folder: string): Promise<boolean> {
  const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  if (!args.some((arg) => arg.startsWith('--') && arg.includes(`=${folder}/`))) return false;
  const [owner, exe, cwd] = await Promise.all([
    stat(`/proc/${pid}`).catch(() => undefined),
    readlink(`/proc/${pid}/exe`).catch(() => ''),
    readlink(`/proc/${pid}/cwd`).catch(() => ''),
  ]);
  if (owner?.uid !== process.getuid?.()) return false;
  if (isComponent(existing(exe))) return true;
  // A wrapper around a binary is a script: its interpreter runs in the cluster's folder, and names the script first.
  return existing(cwd) === folder && args.slice(0, 2).some(isComponent);
}

function isComponent(path: string): boolean {
  const name = basename(path);
  return processNames.some((known) => known === name);
}

/** The kernel marks what was removed since. */
function existing(link: string): string {
  return link.replace(/ \(deleted\)$/, '');
}
