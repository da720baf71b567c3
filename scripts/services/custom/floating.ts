// Errors that a step leaves floating: rejected promises that are never awaited, and what is thrown in timers and listeners.
// They would end hoist itself in mid-run; here they fail the step that they come from.

import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';
import { messageOf } from '../../base/errors.ts';

type Fail = (error: unknown) => void;

const origins = new AsyncLocalStorage<Fail>();
let watching = false;

/** Like `run()`, but rejects as well with the first error that it leaves floating while it runs. */
export function catchFloating<T>(run: () => Promise<T>): Promise<T> {
  if (!watching) {
    watching = true;
    process.on('unhandledRejection', onError);
    process.on('uncaughtException', onError);
  }
  return new Promise<T>((resolve, reject) => {
    let over = false;
    const fail: Fail = (error) => {
      if (over) process.emitWarning(`a step that is over left an error behind: ${messageOf(error)}`);
      else reject(error instanceof Error ? error : new Error(`threw ${inspect(error)}`));
    };
    origins.run(fail, () => {
      run()
        .then(resolve, reject)
        .finally(() => (over = true));
    });
  });
}

function onError(error: unknown): void {
  const fail = origins.getStore();
  if (fail) return fail(error);
  // Not of a step: ends the process, as without these listeners.
  process.off('unhandledRejection', onError);
  process.off('uncaughtException', onError);
  setImmediate(() => {
    throw error;
  });
}
