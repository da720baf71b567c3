// Runs work that takes many requests under one deadline.

import { AbortScope } from './abort-scope.ts';

/**
 * Hands `work` a signal that is aborted by the caller's, or when the time (ms) is over; without a time there is no limit.
 * @throws the caller's reason, or what `late` makes, where the work was cut short by them
 */
export async function withDeadline<T>(
  outer: AbortSignal | undefined,
  ms: number | undefined,
  late: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const held = new AbortScope(outer, ms, late);
  held.onBreak((reason) => {
    controller.abort(reason);
  });
  try {
    if (held.reason !== undefined) throw held.reason;
    return await work(controller.signal);
  } catch (error) {
    throw held.reason ?? error;
  } finally {
    held.release();
  }
}
