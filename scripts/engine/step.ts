// What a step is, and what it is given when it runs.

/** How a failed attempt is repeated: full jitter over an exponential backoff. */
export interface Retry {
  /** Attempts in all, the first one included; at least 1. */
  attempts: number;
  /** The longest wait before the second attempt, in ms; doubles with each further one. */
  backoffMs: number;
  /** The longest wait at all, in ms; defaults to 30,000. */
  maxBackoffMs?: number;
  /** Whether an error is worth another attempt; defaults to always. */
  when?: (error: unknown) => boolean;
}

/** How far a step is, in units of its own. */
export interface Progress {
  done: number;
  /** Absent while it is unknown. */
  total?: number | undefined;
  unit?: 'bytes' | 'items' | 'packages' | 'modules' | undefined;
  /** What it waits for, where it does nothing itself: the other fields then say how far that is. */
  waitsFor?: string | undefined;
  /** ms that the rest will take, as far as is known by now. */
  leftMs?: number | undefined;
}

/** Slots of a pool; one that lies within another takes a slot of that one too. */
export type Pool = number | { limit: number; within: string };

/** What a running step may use. */
export interface StepContext {
  /** Aborted on cancellation and on the attempt's timeout; pass it to every child process and request. */
  readonly signal: AbortSignal;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Shows how far the step is. */
  readonly progress: (progress: Progress) => void;
  /** Hands on a line of output; the last ones go into the error of a failed step. */
  readonly output: (line: string) => void;
  /** A line for everybody at once, like what is about to take minutes, and why. */
  readonly announce: (text: string) => void;
  /** A short remark for the step's record and line, like "unchanged" or "3 of 9 existed". */
  readonly note: (text: string) => void;
  /** A warning: shown, counted and recorded, while the step goes on. */
  readonly warn: (text: string) => void;
  /**
   * Adds steps to the run. This step ends when its own work and all steps that it added have ended, so what needs this
   * step waits for those too; it holds its slot only while its own work runs.
   * @throws GraphError where they do not fit the run's graph; none of them is added then.
   */
  readonly spawn: (steps: readonly Step[], options?: { pools?: Readonly<Record<string, Pool>> }) => void;
}

/** A unit of work: starts when all it needs succeeded, and when its pool has a slot. */
export interface Step {
  /** Unique within a run. */
  name: string;
  /** Names of the steps that must have succeeded before this one starts. */
  needs?: readonly string[];
  /** Names of the steps that must have ended, whatever their outcome, before this one starts. */
  after?: readonly string[];
  /** Needs that become known only when its other needs have succeeded: asked for then, once, and waited for as well. */
  lateNeeds?: () => readonly string[];
  /** The parent under which bars, lines and JSON show this step, such as the cluster that it belongs to. */
  group?: string;
  /** The pool whose slots it takes; without one it is not limited. */
  pool?: string;
  /** The longest time of one attempt, in ms. */
  timeoutMs?: number;
  /** The longest time of all attempts and the waits between them together, in ms. */
  totalTimeoutMs?: number;
  retry?: Retry;
  /** Its failure is a warning; what needs it is not run, and fails the run unless it is optional too. */
  optional?: boolean;
  /**
   * Runs whatever becomes of the run, for clean-up: also when steps that it needs failed and when the run was cancelled.
   * It then takes no slot, and only its own timeouts abort it.
   */
  always?: boolean;
  /**
   * It brings what others need, by a download or a build, and takes as long as that takes: the time of the whole run
   * stands still meanwhile. It must notice by itself when nothing moves any more.
   */
  provision?: boolean;
  run(context: StepContext): Promise<void> | void;
}

/** How a step ended: exactly one of these. */
export type Outcome =
  /** It ran and succeeded. */
  | 'done'
  /** It ran and failed. */
  | 'failed'
  /** It ran and gave up because another step failed: an echo of that failure, not one of its own. */
  | 'given-up'
  /** It is optional, ran and failed. */
  | 'warned'
  /** It never started: something that it needs failed, or the run was stopped by a failure. */
  | 'skipped'
  /** The run was cancelled while it ran or waited. */
  | 'cancelled';

/** What is kept of a step: times in ms since the run's start. */
export interface StepRecord {
  name: string;
  needs: readonly string[];
  group?: string | undefined;
  pool?: string | undefined;
  /** When the last of its needs had ended; absent where they never did. */
  queuedMs?: number | undefined;
  /** When it took its slot; absent where it never started. */
  startedMs?: number | undefined;
  endedMs: number;
  /** How long its own work ran, where it ended later because of steps that it added. */
  ownMs?: number | undefined;
  attempts: number;
  outcome: Outcome;
  notes?: readonly string[] | undefined;
  warnings?: readonly string[] | undefined;
  /** The message of its error, or why it was skipped. */
  reason?: string | undefined;
}
