// Runs a command for the entries beside it: from the bundle where that is as new as the sources, else from the sources.

import { freshBundle } from '../bin/fresh.mjs';

/** @param name of the command; its arguments are those of the process. */
export async function enter(name: string): Promise<void> {
  process.argv.splice(2, 0, name);
  await import(freshBundle() ?? './cli/hoist.ts');
}
