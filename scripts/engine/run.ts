// Runs steps: each when what it needs has ended well and its pool has a slot, all else side by side.

import { setMaxListeners } from 'node:events';
import pLimit, { type LimitFunction } from 'p-limit';
import { HoistError, InterruptedError, TimeoutError, messageOf } from '../base/errors.ts';
import { backoffMs } from './backoff.ts';
import { type Clock, type Random, systemClock } from './clock.ts';
import { criticalPath, parallelGain } from './critical-path.ts';
import { StepError, StepsFailedError } from './errors.ts';
import type { EngineEvent, RunOutcome, RunRecord, Subscriber } from './event.ts';
import { checkGraph, checkLateNeeds } from './graph.ts';
import type { Outcome, Step, StepContext, StepRecord } from './step.ts';

export interface RunOptions {
  /** Slots of each pool, by name. */
  pools?: Readonly<Record<string, number>>;
  /** Cancels the run; its reason is what `runSteps` throws. */
  signal?: AbortSignal;
  /** The longest time of the whole run, in ms. */
  timeoutMs?: number;
  /** What becomes of running steps when one fails: they may end (`finish`, the default) or are cancelled. */
  onFailure?: 'finish' | 'cancel';
  /** How long an aborted step may take to return before it is given up, in ms; 10,000 where not given. */
  graceMs?: number;
  subscribers?: readonly Subscriber[];
  clock?: Clock;
  random?: Random;
}

/**
 * Runs all steps and resolves with what is kept of the run.
 * The record of a run that failed reaches the subscribers with `run-ended`.
 * @throws GraphError before anything has run, where the steps form no runnable graph.
 * @throws StepsFailedError with all failures, where steps failed.
 * @throws TimeoutError where the whole run took too long; the signal's reason where it was cancelled.
 */
export function runSteps(steps: readonly Step[], options: RunOptions = {}): Promise<RunRecord> {
  const dependents = checkGraph(steps, options.pools ?? {});
  return new Run(steps, dependents, options).go();
}

const LAST_LINES = 20;

interface State {
  readonly step: Step;
  readonly dependents: string[];
  /** All needs that are known so far. */
  needs: readonly string[];
  /** Needs that have not ended well yet. */
  pending: number;
  phase: 'waiting' | 'queued' | 'running' | 'ended';
  outcome?: Outcome;
  /** Whether its late needs are known. */
  asked?: boolean;
  queuedMs?: number;
  startedMs?: number;
  attempts: number;
  notes: string[];
  warnings: string[];
  lastOutput: string[];
  /** Gives up on a running attempt that does not return. */
  abandon?: () => void;
}

class Run {
  private readonly states = new Map<string, State>();
  private readonly limits = new Map<string, LimitFunction>();
  private readonly records: StepRecord[] = [];
  private readonly failures: StepError[] = [];
  private readonly controller = new AbortController();
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly graceMs: number;
  private readonly startMs: number;
  private readonly finished: Promise<void>;
  private finish!: () => void;
  private stopped = false;
  private open: number;
  private outcome: RunOutcome = 'done';
  private stopReason: unknown;

  constructor(
    steps: readonly Step[],
    dependents: ReadonlyMap<string, string[]>,
    private readonly options: RunOptions,
  ) {
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? Math.random;
    this.graceMs = options.graceMs ?? 10_000;
    this.startMs = this.clock.now();
    this.open = steps.length;
    // One listener for each step that runs, which is no leak.
    setMaxListeners(0, this.controller.signal);
    this.finished = new Promise((resolve) => (this.finish = resolve));
    for (const step of steps) {
      this.states.set(step.name, {
        step,
        dependents: dependents.get(step.name) ?? [],
        needs: step.needs ?? [],
        pending: new Set(step.needs).size,
        phase: 'waiting',
        attempts: 0,
        notes: [],
        warnings: [],
        lastOutput: [],
      });
    }
    for (const [name, limit] of Object.entries(options.pools ?? {})) this.limits.set(name, pLimit(limit));
  }

  async go(): Promise<RunRecord> {
    const { signal, timeoutMs } = this.options;
    this.emit({ type: 'run-started', atMs: 0, steps: this.outline(), pools: this.options.pools ?? {} });
    const onAbort = (): void => this.cancel('cancelled', signal?.reason ?? new InterruptedError('SIGINT'));
    signal?.addEventListener('abort', onAbort, { once: true });
    const clearDeadline =
      timeoutMs === undefined ? undefined : this.clock.after(timeoutMs, () => this.cancel('timeout', undefined));
    if (signal?.aborted) onAbort();
    for (const state of this.states.values()) if (state.pending === 0) this.complete(state);
    if (this.open > 0) await this.finished;
    clearDeadline?.();
    signal?.removeEventListener('abort', onAbort);
    return this.end();
  }

  private outline(): { name: string; needs: readonly string[]; pool: string | undefined; optional: boolean }[] {
    return [...this.states.values()].map(({ step }) => ({
      name: step.name,
      needs: step.needs ?? [],
      pool: step.pool,
      optional: step.optional ?? false,
    }));
  }

  private end(): RunRecord {
    const wallMs = this.elapsed();
    const run: RunRecord = {
      outcome: this.outcome,
      wallMs,
      steps: this.records,
      criticalPath: criticalPath(this.records),
      parallelGain: parallelGain(this.records, wallMs),
    };
    this.emit({ type: 'run-ended', atMs: wallMs, run });
    if (this.failures.length > 0) throw new StepsFailedError(this.failures);
    if (this.outcome !== 'done') throw this.stopReason;
    return run;
  }

  /** All needs that are known have ended well: asks for late ones, and queues the step where there are none to wait for. */
  private complete(state: State): void {
    if (state.phase !== 'waiting') return;
    const { lateNeeds } = state.step;
    if (lateNeeds && !state.asked) {
      state.asked = true;
      try {
        if (!this.addNeeds(state, lateNeeds())) return;
      } catch (error) {
        this.fail(state, error);
        return;
      }
    }
    if (state.pending === 0) this.queue(state);
  }

  /** False where one of them has ended, and not well. @throws GraphError for an unknown need and for a cycle */
  private addNeeds(state: State, names: readonly string[]): boolean {
    const { name } = state.step;
    const late = [...new Set(names)].filter((need) => !state.needs.includes(need));
    checkLateNeeds(name, late, new Map([...this.states].map(([step, { needs }]) => [step, needs])));
    state.needs = [...state.needs, ...late];
    for (const need of late) {
      const needed = this.states.get(need);
      if (!needed || needed.outcome === 'done') continue;
      needed.dependents.push(name);
      state.pending++;
      if (needed.phase !== 'ended') continue;
      this.skipDependents(needed);
      return false;
    }
    return true;
  }

  /** Takes a slot as soon as one is free; only called when all needs have ended well, since the other order deadlocks. */
  private queue(state: State): void {
    if (state.phase !== 'waiting') return;
    state.phase = 'queued';
    state.queuedMs = this.elapsed();
    this.emit({ type: 'step-queued', atMs: state.queuedMs, step: state.step.name });
    const limit = state.step.pool === undefined ? undefined : this.limits.get(state.step.pool);
    if (limit) void limit(() => this.execute(state));
    else void this.execute(state);
  }

  private async execute(state: State): Promise<void> {
    if (state.phase !== 'queued') return;
    state.phase = 'running';
    state.startedMs = this.elapsed();
    const { retry } = state.step;
    for (;;) {
      state.attempts++;
      this.emit({ type: 'step-started', atMs: this.elapsed(), step: state.step.name, attempt: state.attempts });
      const failure = await this.attempt(state);
      if (!failure) {
        this.settle(state, 'done');
        return;
      }
      const again = retry && state.attempts < retry.attempts && (retry.when?.(failure.error) ?? true);
      if (this.controller.signal.aborted) {
        this.settle(state, 'cancelled', failure.error);
        return;
      }
      if (!again) {
        this.fail(state, failure.error);
        return;
      }
      const delayMs = backoffMs(retry, state.attempts, this.random);
      const message = messageOf(failure.error);
      const { name } = state.step;
      this.emit({ type: 'step-retrying', atMs: this.elapsed(), step: name, attempt: state.attempts, delayMs, message });
      try {
        await this.clock.sleep(delayMs, this.controller.signal);
      } catch {
        this.settle(state, 'cancelled', failure.error);
        return;
      }
    }
  }

  /** One attempt; resolves with its failure, also when the step ignores the abort of its signal. */
  private attempt(state: State): Promise<{ error: unknown } | undefined> {
    const { step } = state;
    const own = step.timeoutMs === undefined ? undefined : new AbortController();
    const forward = (): void => own?.abort(this.controller.signal.reason);
    if (own && this.controller.signal.aborted) forward();
    else if (own) this.controller.signal.addEventListener('abort', forward, { once: true });
    return new Promise<{ error: unknown } | undefined>((resolve) => {
      let clearTimer: (() => void) | undefined;
      const finish = (failure?: { error: unknown }): void => {
        clearTimer?.();
        if (own) this.controller.signal.removeEventListener('abort', forward);
        delete state.abandon;
        resolve(failure);
      };
      state.abandon = () =>
        finish({ error: new HoistError('it did not stop when it was cancelled, and was given up') });
      if (own && step.timeoutMs !== undefined) {
        clearTimer = this.clock.after(step.timeoutMs, () => {
          const error = new TimeoutError(`took longer than ${seconds(step.timeoutMs ?? 0)}`);
          own.abort(error);
          clearTimer = this.clock.after(this.graceMs, () => finish({ error }));
        });
      }
      const context = this.context(state, own?.signal ?? this.controller.signal);
      Promise.resolve()
        .then(() => step.run(context))
        .then(
          () =>
            finish(own?.signal.aborted && !this.controller.signal.aborted ? { error: own.signal.reason } : undefined),
          (error: unknown) => finish({ error: own?.signal.reason instanceof TimeoutError ? own.signal.reason : error }),
        );
    });
  }

  private context(state: State, signal: AbortSignal): StepContext {
    const step = state.step.name;
    return {
      signal,
      attempt: state.attempts,
      progress: (progress) => this.emit({ type: 'step-progress', atMs: this.elapsed(), step, progress }),
      output: (line) => {
        state.lastOutput.push(line);
        if (state.lastOutput.length > LAST_LINES) state.lastOutput.shift();
        this.emit({ type: 'step-output', atMs: this.elapsed(), step, line });
      },
      note: (text) => state.notes.push(text),
      warn: (message) => {
        state.warnings.push(message);
        this.emit({ type: 'step-warning', atMs: this.elapsed(), step, message });
      },
    };
  }

  private fail(state: State, error: unknown): void {
    if (state.step.optional) return this.settle(state, 'warned', error);
    this.failures.push(new StepError(state.step.name, state.attempts, state.lastOutput, error));
    this.settle(state, 'failed', error);
    this.stop(state.step.name);
  }

  private settle(state: State, outcome: Outcome, error?: unknown): void {
    this.record(state, outcome, error === undefined ? undefined : messageOf(error));
    if (outcome === 'done') {
      for (const name of state.dependents) {
        const dependent = this.states.get(name);
        if (dependent && --dependent.pending === 0) this.complete(dependent);
      }
    } else if (outcome === 'warned') {
      this.skipDependents(state);
    }
  }

  /** Skips all that needs a failed optional step; one of them that is not optional fails the run. */
  private skipDependents(failed: State): void {
    const work = [failed];
    for (let cause = work.pop(); cause; cause = work.pop()) {
      for (const name of cause.dependents) {
        const state = this.states.get(name);
        if (state?.phase !== 'waiting') continue;
        const reason = `it needs "${cause.step.name}", which did not end well`;
        this.record(state, 'skipped', reason);
        if (!state.step.optional) {
          this.failures.push(new StepError(name, 0, [], new HoistError(reason)));
          this.stop(name);
        }
        work.push(state);
      }
    }
  }

  private record(state: State, outcome: Outcome, reason: string | undefined): void {
    const { step } = state;
    const record: StepRecord = {
      name: step.name,
      needs: state.needs,
      pool: step.pool,
      queuedMs: state.queuedMs,
      startedMs: state.startedMs,
      endedMs: this.elapsed(),
      attempts: state.attempts,
      outcome,
      notes: state.notes.length > 0 ? state.notes : undefined,
      warnings: state.warnings.length > 0 ? state.warnings : undefined,
      reason,
    };
    state.phase = 'ended';
    state.outcome = outcome;
    this.open--;
    this.records.push(record);
    this.emit({ type: 'step-ended', atMs: record.endedMs, step: step.name, record });
    if (this.open === 0) this.finish();
  }

  /** After a failure: nothing new starts; what runs may end, or is cancelled. */
  private stop(failedStep: string): void {
    if (this.outcome === 'done') this.outcome = 'failed';
    if (this.options.onFailure === 'cancel') this.abortRunning(new HoistError(`cancelled since ${failedStep} failed`));
    this.endUnstarted('skipped', `not started since "${failedStep}" failed`);
  }

  private cancel(outcome: 'cancelled' | 'timeout', reason: unknown): void {
    if (this.outcome === 'cancelled' || this.outcome === 'timeout') return;
    if (outcome === 'timeout') {
      const running = [...this.states.values()].filter((s) => s.phase === 'running').map((s) => s.step.name);
      const limit = seconds(this.options.timeoutMs ?? 0);
      this.stopReason = new TimeoutError(
        `the whole run took longer than ${limit}; still running: ${running.join(', ')}`,
      );
    } else {
      this.stopReason = reason;
    }
    if (this.outcome === 'done') this.outcome = outcome;
    this.abortRunning(this.stopReason);
    this.endUnstarted('cancelled', messageOf(this.stopReason));
  }

  private abortRunning(reason: unknown): void {
    if (this.controller.signal.aborted) return;
    this.controller.abort(reason);
    const clear = this.clock.after(this.graceMs, () => {
      for (const state of this.states.values()) state.abandon?.();
    });
    void this.finished.then(clear);
  }

  private endUnstarted(outcome: Outcome, reason: string): void {
    if (this.stopped) return;
    this.stopped = true;
    for (const limit of this.limits.values()) limit.clearQueue();
    for (const state of this.states.values()) {
      if (state.phase === 'waiting' || state.phase === 'queued') this.record(state, outcome, reason);
    }
  }

  /** ms since the run's start, to the microsecond. */
  private elapsed(): number {
    return Math.round((this.clock.now() - this.startMs) * 1000) / 1000;
  }

  private emit(event: EngineEvent): void {
    for (const subscriber of this.options.subscribers ?? []) subscriber(event);
  }
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(3))} s`;
}
