// What can go wrong with an action, with its place and reason.

import { HoistError, InterruptedError } from '../../base/errors.ts';
import { type Mark, lineOf, whereOf } from '../file/source.ts';

/** A call of a task on the way to an action. */
export interface Call {
  task: string;
  at: Mark;
}

export interface FailureDetails {
  /** The step's name in the record. */
  step: string;
  at: Mark;
  calls: readonly Call[];
  /** What was run, where it was a command. */
  command?: string | undefined;
  exitCode?: number | undefined;
  signal?: string | undefined;
  attempts: number;
  lastLines: readonly string[];
}

/** An action that failed by itself: a root cause. */
export class ActionError extends HoistError {
  override readonly name = 'ActionError';
  override readonly exitCode: number;

  constructor(
    message: string,
    readonly details: FailureDetails,
    options: { exitCode?: number; hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, options);
    this.exitCode = options.exitCode ?? 1;
  }

  /** `tasks.yaml:9:5 ← build (tasks.yaml:4) ← default (tasks.yaml:1)` */
  get path(): string {
    const { at, calls } = this.details;
    return [whereOf(at), ...[...calls].reverse().map((call) => `${call.task} (${lineOf(call.at)})`)].join(' ← ');
  }
}

/** An action that did not fail, but was ended or never started because something else did. */
export class CancelledError extends HoistError {
  override readonly name = 'CancelledError';

  constructor(
    message: string,
    /** What it was cancelled for. */
    readonly because: unknown,
  ) {
    super(message, { cause: because });
  }
}

/** Whether a run or a part of it is ended by its user, not by a failure. */
export function isInterruption(reason: unknown): boolean {
  return reason instanceof InterruptedError;
}
