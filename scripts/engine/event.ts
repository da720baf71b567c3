// The one union of all that the engine reports; renderers, records and tests subscribe to it.

import type { Pool, Progress, StepRecord } from './step.ts';

/** What a subscriber learns of a step before the run starts. */
export interface StepOutline {
  name: string;
  needs: readonly string[];
  group?: string | undefined;
  pool?: string | undefined;
  optional: boolean;
}

/** How a whole run ended. */
export type RunOutcome = 'done' | 'failed' | 'cancelled' | 'timeout';

/** What is kept of a run. */
export interface RunRecord {
  outcome: RunOutcome;
  /** Wall time in ms. */
  wallMs: number;
  steps: readonly StepRecord[];
  /** Names of the chain of steps that decided the wall time, first to last. */
  criticalPath: readonly string[];
  /** Sum of the steps' times over the wall time; 1 means nothing overlapped. */
  parallelGain: number;
}

/** `atMs` is in ms since the run's start. */
export type EngineEvent =
  /** Emitted once, before anything runs, with the steps that are known then. */
  | { type: 'run-started'; atMs: number; steps: readonly StepOutline[]; pools: Readonly<Record<string, Pool>> }
  /** A running step has added steps to the run. */
  | { type: 'steps-added'; atMs: number; by: string; steps: readonly StepOutline[] }
  /** All that a step waits for has ended; it waits for a slot of its pool. */
  | { type: 'step-queued'; atMs: number; step: string }
  /** Emitted for each attempt. */
  | { type: 'step-started'; atMs: number; step: string; attempt: number }
  | { type: 'step-progress'; atMs: number; step: string; progress: Progress }
  | { type: 'step-output'; atMs: number; step: string; line: string }
  | { type: 'step-announced'; atMs: number; step: string; message: string }
  | { type: 'step-warning'; atMs: number; step: string; message: string }
  /** An attempt failed, and another one follows after `delayMs`. */
  | { type: 'step-retrying'; atMs: number; step: string; attempt: number; delayMs: number; message: string }
  /** Emitted once for each step, also for those that never started. */
  | { type: 'step-ended'; atMs: number; step: string; record: StepRecord }
  /** Emitted once, last. */
  | { type: 'run-ended'; atMs: number; run: RunRecord };

/** Receives every event, in order; must not throw and must not block. */
export type Subscriber = (event: EngineEvent) => void;
