// Asks V8 for a small heap where much data passes through the process.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * From now on the heap grows in small steps and is collected more often: a quarter less memory, for some more CPU time. It
 * stays so until the process ends.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--optimize-for-size');
  // How far the heap may grow is decided after each full collection: without one it would be by what was true before.
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  setFlagsFromString('--no-expose-gc');
}
