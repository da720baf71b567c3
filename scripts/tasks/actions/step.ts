// How steps that are no commands end badly.

import { HoistError, exitCodeOf, messageOf } from '../../base/errors.ts';
import type { Action } from '../file/model.ts';
import { ActionError, CancelledError, isInterruption } from './action-errors.ts';
import type { Entry } from './ledger.ts';
import type { Flow, Frame, Runtime } from './runtime.ts';

export interface BadStep {
  action: Action;
  frame: Frame;
  flow: Flow;
  entry: Entry;
  runtime: Runtime;
}

/** Notes the end of the step, and gives the error to throw for it. */
export function endBadly(error: unknown, { action, frame, flow, entry, runtime }: BadStep): Error {
  if (flow.signal.aborted) {
    const { reason } = flow.signal as { reason: unknown };
    entry.end(isInterruption(reason) ? 'cancelled' : 'given-up', messageOf(reason));
    return new CancelledError(messageOf(reason), reason);
  }
  const message = messageOf(error);
  entry.end('failed', message);
  const details = { step: entry.name, at: action.at, calls: frame.calls, attempts: entry.attempts, lastLines: [] };
  const hint = error instanceof HoistError ? error.hint : undefined;
  const failure = new ActionError(message, details, { exitCode: exitCodeOf(error), hint, cause: error });
  runtime.failures.push(failure);
  return failure;
}
