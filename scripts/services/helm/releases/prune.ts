// Removes charts, and what was found out about them and releases, that no run has used for a month.

import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { HelmHome } from '../home.ts';

const UNUSED_DAYS = 30;

/** Notes that a file of the cache was used today. Never fails: someone else may have removed it, or own it. */
export async function used(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}

/**
 * Resolves with how many entries were removed.
 * @param now ms since 1970
 */
export async function pruneUnused(home: HelmHome, now: number): Promise<number> {
  const origins = (await readdir(home.charts).catch(() => [])).map((name) => join(home.charts, name));
  const removed = await Promise.all([...origins, home.facts, home.awaited].map((folder) => pruneFolder(folder, now)));
  return removed.reduce((sum, count) => sum + count, 0);
}

async function pruneFolder(folder: string, now: number): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const oldest = now - UNUSED_DAYS * 86_400_000;
  const removed = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const { mtimeMs } = (await stat(path).catch(() => undefined)) ?? { mtimeMs: now };
      if (mtimeMs >= oldest) return 0;
      await rm(path, { recursive: true, force: true });
      return 1;
    }),
  );
  return removed.reduce<number>((sum, count) => sum + count, 0);
}
