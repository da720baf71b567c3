// Keeps the book of a run: one record for each step, handed on as the engine's events.

import type { Clock } from '../../engine/clock.ts';
import { criticalPath, parallelGain } from '../../engine/critical-path.ts';
import type { EngineEvent, RunOutcome, RunRecord, Subscriber } from '../../engine/event.ts';
import type { Outcome, StepRecord } from '../../engine/step.ts';

/** A step that has been started. */
export interface Entry {
  readonly name: string;
  /** Another attempt begins. */
  attempt(): void;
  retrying(delayMs: number, message: string): void;
  warn(message: string): void;
  note(text: string): void;
  end(outcome: Outcome, reason?: string): void;
  readonly attempts: number;
}

export class Ledger {
  readonly #records: StepRecord[] = [];
  readonly #names = new Map<string, number>();
  readonly #startMs: number;

  constructor(
    readonly clock: Clock,
    readonly subscribers: readonly Subscriber[],
    /** Takes secrets out of names and messages. */
    readonly mask: (text: string) => string,
  ) {
    this.#startMs = clock.now();
  }

  open(): void {
    this.#emit({ type: 'run-started', atMs: 0, steps: [], pools: {} });
  }

  /** A step begins; a name that was used before gets a number. */
  begin(label: string, after: string | undefined): Entry {
    const name = this.#unique(this.mask(label));
    const needs = after === undefined ? [] : [after];
    const startedMs = this.#now();
    const notes: string[] = [];
    const warnings: string[] = [];
    let attempts = 0;
    let ended = false;
    this.#emit({ type: 'step-queued', atMs: startedMs, step: name });
    return {
      name,
      get attempts() {
        return attempts;
      },
      attempt: () => {
        attempts++;
        this.#emit({ type: 'step-started', atMs: this.#now(), step: name, attempt: attempts });
      },
      retrying: (delayMs, message) =>
        this.#emit({
          type: 'step-retrying',
          atMs: this.#now(),
          step: name,
          attempt: attempts,
          delayMs,
          message: this.mask(message),
        }),
      warn: (message) => {
        warnings.push(message);
        this.#emit({ type: 'step-warning', atMs: this.#now(), step: name, message });
      },
      note: (text) => notes.push(text),
      end: (outcome, reason) => {
        if (ended) return;
        ended = true;
        this.#record({
          name,
          needs,
          queuedMs: startedMs,
          startedMs: attempts > 0 ? startedMs : undefined,
          endedMs: this.#now(),
          attempts,
          outcome,
          notes: notes.length > 0 ? notes : undefined,
          warnings: warnings.length > 0 ? warnings : undefined,
          reason: reason === undefined ? undefined : this.mask(reason),
        });
      },
    };
  }

  /** A step that never ran. */
  pass(label: string, outcome: 'skipped' | 'cancelled', reason: string): void {
    this.begin(label, undefined).end(outcome, reason);
  }

  /** A line that a step wrote. */
  line(step: string, line: string): void {
    this.#emit({ type: 'step-output', atMs: this.#now(), step, line });
  }

  close(outcome: RunOutcome): RunRecord {
    const wallMs = this.#now();
    const steps = this.#records;
    const run: RunRecord = {
      outcome,
      wallMs,
      steps,
      criticalPath: criticalPath(steps),
      parallelGain: parallelGain(steps, wallMs),
    };
    this.#emit({ type: 'run-ended', atMs: wallMs, run });
    return run;
  }

  #record(record: StepRecord): void {
    this.#records.push(record);
    this.#emit({ type: 'step-ended', atMs: record.endedMs, step: record.name, record });
  }

  #unique(label: string): string {
    const used = (this.#names.get(label) ?? 0) + 1;
    this.#names.set(label, used);
    return used === 1 ? label : `${label} (${used})`;
  }

  #now(): number {
    return Math.round((this.clock.now() - this.#startMs) * 1000) / 1000;
  }

  #emit(event: EngineEvent): void {
    for (const subscriber of this.subscribers) subscriber(event);
  }
}
