// What a step is, and what it is given when it runs.

/** How a failed attempt is repeated: full jitter over an exponential backoff. */
export interface Retry {
  /** Attempts in all, the first one included; at least 1. */
  attempts: number;
  /** The longest wait before the second attempt, in ms; doubles with each further one. */
  backoffMs: number;
  /** The longest wait at all, in ms; 30,000 where not given. */
  maxBackoffMs?: number;
  /** Whether an error is worth another attempt; each one is where not given. */
  when?: (error: unknown) => boolean;
}

/** How far a step is, in units of its own. */
export interface Progress {
  done: number;
  /** Not given where it is not known yet. */
  total?: number | undefined;
  unit?: 'bytes' | 'items' | undefined;
}

/** What a running step may use. */
export interface StepContext {
  /** Aborted on cancellation and on the attempt's timeout; hand it to every child process and request. */
  readonly signal: AbortSignal;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Shows how far the step is. */
  readonly progress: (progress: Progress) => void;
  /** Hands on a line of output; the last ones go into the error of a failed step. */
  readonly output: (line: string) => void;
  /** A short remark for the step's record and line, like "unchanged" or "3 of 9 were there". */
  readonly note: (text: string) => void;
  /** A warning: shown, counted and recorded, while the step goes on. */
  readonly warn: (text: string) => void;
}

/** A unit of work: starts when all it needs ended well, and when its pool has a slot. */
export interface Step {
  /** Unique within a run. */
  name: string;
  /** Names of the steps that must have ended well before this one starts. */
  needs?: readonly string[];
  /** Needs that are known only when its other needs have ended well: asked for then, once, and waited for like those. */
  lateNeeds?: () => readonly string[];
  /** The pool whose slots it takes; without one it is not limited. */
  pool?: string;
  /** The longest time of one attempt, in ms. */
  timeoutMs?: number;
  retry?: Retry;
  /** Its failure is a warning; what needs it is not run, and fails the run unless it is optional too. */
  optional?: boolean;
  run(context: StepContext): Promise<void> | void;
}

/** How a step ended: exactly one of these. */
export type Outcome =
  /** It ran and ended well. */
  | 'done'
  /** It ran and failed. */
  | 'failed'
  /** It is optional, ran and failed. */
  | 'warned'
  /** It never started: something that it needs did not end well, or the run was stopped by a failure. */
  | 'skipped'
  /** The run was cancelled while it ran or waited. */
  | 'cancelled';

/** What is kept of a step: times in ms since the run's start. */
export interface StepRecord {
  name: string;
  needs: readonly string[];
  pool?: string | undefined;
  /** When the last of its needs had ended; not given where they never did. */
  queuedMs?: number | undefined;
  /** When it took its slot; not given where it never started. */
  startedMs?: number | undefined;
  endedMs: number;
  attempts: number;
  outcome: Outcome;
  notes?: readonly string[] | undefined;
  warnings?: readonly string[] | undefined;
  /** The message of its error, or why it was skipped. */
  reason?: string | undefined;
}
