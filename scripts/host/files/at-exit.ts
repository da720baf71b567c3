// What must not stay where this process ends at once, as a second Ctrl-C ends it: removed as the very last thing.

import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';

const paths = new Set<string>();

/**
 * Removes a file, or a folder with all in it, when this process ends without having done so itself.
 * @returns what takes that back: it is removed already, or has its own name now
 */
export function removeAtExit(path: string): () => void {
  if (paths.size === 0) process.on('exit', removeAll);
  paths.add(path);
  return () => {
    paths.delete(path);
    if (paths.size === 0) process.off('exit', removeAll);
  };
}

/** Runs `fn` with a private folder whose name begins with `prefix`, and which is gone afterwards, however this process ends. */
export async function withTemporaryFolder<T>(prefix: string, fn: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(prefix);
  const keep = removeAtExit(folder);
  try {
    return await fn(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
    keep();
  }
}

function removeAll(): void {
  for (const path of paths) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // The others still can be, and there is nobody left to tell.
    }
  }
}
