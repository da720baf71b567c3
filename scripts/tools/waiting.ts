// How a step waits for another process that is at the same tool.

import type { StepContext } from '../engine/step.ts';
import { type LockOptions, describeHolder } from '../host/lock.ts';

/** Options for a lock: the wait ends with the step, and its output and progress name who is waited for. */
export function waiting(context: StepContext): LockOptions {
  return {
    signal: context.signal,
    onWait(holder) {
      const waitsFor = describeHolder(holder);
      context.output(`waiting for ${waitsFor}`);
      context.progress({ done: 0, waitsFor });
    },
  };
}
