// One attempt of a step: its signal, its deadline, and an end also where the step ignores both.

import { HoistError, TimeoutError } from '../base/errors.ts';
import type { Clock } from './clock.ts';

/** What came of an attempt: undefined where it succeeded. */
export type Failure = { error: unknown } | undefined;

export interface AttemptOptions {
  work: (signal: AbortSignal) => Promise<void> | void;
  /** The run's signal; one of its own where the run's end does not concern the step. */
  signal: AbortSignal;
  /** The longest time of this attempt. */
  limit: { ms: number; message: string } | undefined;
  /** How long it may take to return when it is aborted, in ms. */
  graceMs: number;
  clock: Clock;
  /** Receives the function that ends an attempt which does not return. */
  abandonBy: (abandon: (() => void) | undefined) => void;
}

/** Resolves with the failure of the attempt, also when the step ignores the abort of its signal. */
export function runAttempt({ work, signal, limit, graceMs, clock, abandonBy }: AttemptOptions): Promise<Failure> {
  const own = limit === undefined ? undefined : new AbortController();
  const forward = (): void => own?.abort(signal.reason);
  if (own && signal.aborted) forward();
  else if (own) signal.addEventListener('abort', forward, { once: true });
  return new Promise<Failure>((resolve) => {
    let clearTimer: (() => void) | undefined;
    const finish = (failure?: { error: unknown }): void => {
      clearTimer?.();
      if (own) signal.removeEventListener('abort', forward);
      abandonBy(undefined);
      resolve(failure);
    };
    abandonBy(() => finish({ error: new HoistError('it ignored the cancellation, and was abandoned') }));
    if (own && limit) {
      clearTimer = clock.after(limit.ms, () => {
        const error = new TimeoutError(limit.message);
        own.abort(error);
        clearTimer = clock.after(graceMs, () => finish({ error }));
      });
    }
    const timedOut = (): boolean => own?.signal.reason instanceof TimeoutError && !signal.aborted;
    Promise.resolve()
      .then(() => work(own?.signal ?? signal))
      .then(
        () => finish(timedOut() ? { error: own?.signal.reason } : undefined),
        (error: unknown) => finish({ error: timedOut() ? own?.signal.reason : error }),
      );
  });
}
