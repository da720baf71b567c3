// Kills a command at a moment that its files show.

import { watch } from 'node:fs';
import type { World } from './hoist.ts';

/**
 * Runs hoist, and kills it as soon as the check says so when something below the folder changes.
 * @returns whether it was killed; else it has ended before
 */
export async function killedWhen(
  { child, ended }: ReturnType<World['start']>,
  folder: string,
  check: () => boolean,
): Promise<boolean> {
  const watcher = watch(folder, { recursive: true });
  let killed = false;
  watcher.on('change', () => {
    if (killed || !check()) return;
    killed = true;
    child.kill('SIGKILL');
  });
  await ended;
  watcher.close();
  return killed;
}
