// Runs a command for the entries beside it: from the bundle where that is as new as the sources, else from the sources.

import { freshBundle, loadBundle } from '../bin/bundle.mjs';

/** @param name of the command; its arguments are those of the process. */
export async function enter(name: string): Promise<void> {
  process.argv.splice(2, 0, name);
  const bundle = freshBundle();
  const { main } = bundle === undefined ? await import('./cli/hoist.ts') : loadBundle(bundle).exports;
  await main();
}
