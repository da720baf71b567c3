// Collects the single attempts of steps that took more than one, which a step's record only counts.

import type { EngineEvent, Subscriber } from '../engine/event.ts';

/** One attempt of a step; times in ms since the run's start. */
export interface Attempt {
  attempt: number;
  startedMs: number;
  endedMs: number;
  /** Why it failed; left out of the last one, whose end is the step's. */
  failure?: string | undefined;
}

/** Step → its attempts, for steps with more than one. */
export type Retries = Readonly<Record<string, readonly Attempt[]>>;

/** A subscriber for the engine's events, and what it collected so far. */
export function watchRetries(): { subscriber: Subscriber; retries(): Retries } {
  const started = new Map<string, { attempt: number; atMs: number }>();
  const attempts = new Map<string, Attempt[]>();
  const end = (step: string, endedMs: number, failure?: string): void => {
    const begun = started.get(step);
    if (begun === undefined) return;
    started.delete(step);
    const own = attempts.get(step) ?? [];
    attempts.set(step, own);
    own.push({ attempt: begun.attempt, startedMs: begun.atMs, endedMs, ...(failure === undefined ? {} : { failure }) });
  };
  return {
    subscriber: (event: EngineEvent) => {
      if (event.type === 'step-started') started.set(event.step, { attempt: event.attempt, atMs: event.atMs });
      else if (event.type === 'step-retrying') end(event.step, event.atMs, event.message);
      else if (event.type === 'step-ended') end(event.step, event.atMs);
    },
    retries: () => Object.fromEntries([...attempts].filter(([, own]) => own.length > 1)),
  };
}
