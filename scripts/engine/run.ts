// Runs steps: each when what it needs has succeeded and its pool has a slot, everything else in parallel.

import { setMaxListeners } from 'node:events';
import { HoistError, InterruptedError, TimeoutError, messageOf } from '../base/errors.ts';
import { didYouMean } from '../base/suggest.ts';
import { type Failure, runAttempt } from './attempt.ts';
import { backoffMs } from './backoff.ts';
import { type Clock, type Random, systemClock } from './clock.ts';
import { criticalPath, parallelGain } from './critical-path.ts';
import { GivenUpError, GraphError, StepError, StepsFailedError } from './errors.ts';
import type { EngineEvent, RunOutcome, RunRecord, StepOutline, Subscriber } from './event.ts';
import { checkGraph, cycleSentence, waitingPath } from './graph.ts';
import { Limits } from './limits.ts';
import { RunDeadline } from './run-deadline.ts';
import type { Outcome, Pool, Step, StepContext, StepRecord } from './step.ts';

export interface RunOptions {
  /** Slots of each pool, by name. */
  pools?: Readonly<Record<string, Pool>>;
  /** Cancels the run; its reason is what `runSteps` throws. */
  signal?: AbortSignal;
  /** The longest time of the whole run, in ms; it stands still while a step runs that provisions. */
  timeoutMs?: number;
  /**
   * What a failure does: nothing new starts and running steps may end (`finish`, the default) or are cancelled (`cancel`),
   * or only what needs the failed step is skipped (`continue`).
   */
  onFailure?: 'finish' | 'cancel' | 'continue';
  /** How long an aborted step may take to return before it is abandoned, in ms; defaults to 10,000. */
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
  checkGraph(steps, options.pools ?? {});
  return new Run(steps, options).go();
}

const LAST_LINES = 20;

interface State {
  readonly step: Step;
  /** Steps that need this one. */
  readonly dependents: State[];
  /** Steps that wait for the end of this one, whatever its outcome. */
  readonly followers: State[];
  /** All needs that are known so far. */
  needs: readonly string[];
  /** Steps that it waits for and that have not ended yet. */
  pending: number;
  phase: 'waiting' | 'queued' | 'running' | 'ended';
  outcome?: Outcome;
  /** Whether its late needs are known. */
  asked?: boolean;
  queuedMs?: number;
  startedMs?: number;
  attempts: number;
  /** Its own work has ended, and it waits for the steps that it added. */
  parent?: State;
  added?: { open: number; names: string[] };
  ownEndMs?: number;
  notes?: string[];
  warnings?: string[];
  lastOutput?: string[];
  /** Ends a running attempt that does not return. */
  abandon?: (() => void) | undefined;
}

class Run {
  private readonly states = new Map<string, State>();
  private readonly limits: Limits;
  private readonly records: StepRecord[] = [];
  private readonly failures: StepError[] = [];
  private readonly echoes: StepError[] = [];
  private readonly controller = new AbortController();
  /** The signal of steps that run whatever becomes of the run. */
  private readonly untouched = new AbortController();
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly graceMs: number;
  private readonly deadline: RunDeadline;
  private readonly startMs: number;
  private readonly finished: Promise<void>;
  private finish!: () => void;
  private stopped: { outcome: Outcome; reason: string } | undefined;
  private open = 0;
  private outcome: RunOutcome = 'done';
  private stopReason: unknown;

  constructor(
    steps: readonly Step[],
    private readonly options: RunOptions,
  ) {
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? Math.random;
    this.graceMs = options.graceMs ?? 10_000;
    this.startMs = this.clock.now();
    this.deadline = new RunDeadline(this.clock, options.timeoutMs, () => this.cancel('timeout', undefined));
    this.limits = new Limits(options.pools ?? {});
    // One listener for each step that runs, which is no leak.
    setMaxListeners(0, this.controller.signal, this.untouched.signal);
    this.finished = new Promise((resolve) => (this.finish = resolve));
    this.add(steps);
  }

  async go(): Promise<RunRecord> {
    const { signal } = this.options;
    const steps = [...this.states.values()];
    this.emit({ type: 'run-started', atMs: 0, steps: steps.map(outlineOf), pools: this.limits.pools });
    const onAbort = (): void => this.cancel('cancelled', signal?.reason ?? new InterruptedError('SIGINT'));
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    this.deadline.release();
    for (const state of steps) if (state.pending === 0) this.complete(state);
    if (this.open > 0) await this.finished;
    this.deadline.hold();
    signal?.removeEventListener('abort', onAbort);
    return this.end();
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
    // An echo counts only where nothing else says why.
    const failures = this.failures.length > 0 ? this.failures : this.echoes;
    if (failures.length > 0) throw new StepsFailedError(failures);
    if (this.outcome !== 'done') throw this.stopReason;
    return run;
  }

  /** Takes steps into the graph; they have been checked. */
  private add(steps: readonly Step[], parent?: State): State[] {
    const states = steps.map((step): State => {
      const needs = step.needs ?? [];
      return { step, dependents: [], followers: [], needs, pending: 0, phase: 'waiting', attempts: 0 };
    });
    for (const state of states) {
      this.states.set(state.step.name, state);
      if (parent) state.parent = parent;
    }
    for (const state of states) {
      for (const need of new Set(state.needs)) this.waitFor(state, need, state.step.always ?? false);
      for (const name of new Set(state.step.after)) if (!state.needs.includes(name)) this.waitFor(state, name, true);
    }
    this.open += states.length;
    return states;
  }

  private waitFor(state: State, name: string, whatever: boolean): void {
    const awaited = this.states.get(name);
    if (!awaited || (awaited.phase === 'ended' && (whatever || awaited.outcome === 'done'))) return;
    (whatever ? awaited.followers : awaited.dependents).push(state);
    state.pending++;
  }

  /** Everything that it waited for has ended: asks for late needs, and queues the step where there are none to wait for. */
  private complete(state: State): void {
    if (state.phase !== 'waiting' || (this.stopped && !state.step.always)) return;
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

  /** False where one of them has ended, and failed. @throws GraphError for an unknown need and for a cycle */
  private addNeeds(state: State, names: readonly string[]): boolean {
    const { name, always = false } = state.step;
    const late = [...new Set(names)].filter((need) => !state.needs.includes(need));
    const problems = late.flatMap((need) => {
      const path = this.waitingPath(need, name);
      if (path) return [cycleSentence([name, ...path])];
      const guess = didYouMean(need, this.states.keys());
      return this.states.has(need) ? [] : [`step "${name}" needs "${need}", which does not exist${guess}`];
    });
    if (problems.length > 0) throw new GraphError(problems);
    state.needs = [...state.needs, ...late];
    for (const need of late) {
      this.waitFor(state, need, always);
      const needed = this.states.get(need);
      if (needed?.phase !== 'ended' || needed.outcome === 'done' || always) continue;
      this.skipDependents(needed);
      return false;
    }
    return true;
  }

  private waitingPath(from: string, target: string): string[] | undefined {
    return waitingPath(from, target, (name) => {
      const state = this.states.get(name);
      if (!state || state.phase === 'ended') return [];
      return [...state.needs, ...(state.step.after ?? []), ...(state.added?.names ?? [])];
    });
  }

  /** Takes a slot as soon as one is free; only called when all needs have ended, since the other order deadlocks. */
  private queue(state: State): void {
    if (state.phase !== 'waiting') return;
    state.phase = 'queued';
    state.queuedMs = this.elapsed();
    this.emit({ type: 'step-queued', atMs: state.queuedMs, step: state.step.name });
    if (this.stopped && state.step.always) void this.execute(state);
    else this.limits.run(state.step.pool, () => this.execute(state));
  }

  private async execute(state: State): Promise<void> {
    if (state.phase !== 'queued') return;
    state.phase = 'running';
    state.startedMs = this.elapsed();
    const { provision = false } = state.step;
    if (provision) this.deadline.hold();
    try {
      await this.work(state, this.signalOf(state));
    } finally {
      if (provision) this.deadline.release();
    }
  }

  /** All attempts of a step. */
  private async work(state: State, signal: AbortSignal): Promise<void> {
    const { retry, name } = state.step;
    for (;;) {
      state.attempts++;
      this.emit({ type: 'step-started', atMs: this.elapsed(), step: name, attempt: state.attempts });
      const failure = await this.attempt(state, signal);
      if (!failure) {
        this.ownWorkDone(state);
        return;
      }
      if (signal.aborted) {
        this.settle(state, 'cancelled', failure.error);
        return;
      }
      const again = retry && state.attempts < retry.attempts && (retry.when?.(failure.error) ?? true);
      if (!again) {
        this.fail(state, failure.error);
        return;
      }
      const delayMs = backoffMs(retry, state.attempts, this.random);
      const leftMs = this.leftMs(state);
      if (delayMs >= leftMs) {
        this.fail(state, leftMs === 0 ? failure.error : outOfTime(state.step, failure.error));
        return;
      }
      const message = messageOf(failure.error);
      this.emit({ type: 'step-retrying', atMs: this.elapsed(), step: name, attempt: state.attempts, delayMs, message });
      try {
        await this.clock.sleep(delayMs, signal);
      } catch {
        this.settle(state, 'cancelled', failure.error);
        return;
      }
    }
  }

  private attempt(state: State, signal: AbortSignal): Promise<Failure> {
    const { step } = state;
    const left = this.leftMs(state);
    const ms = Math.min(step.timeoutMs ?? Infinity, left);
    const message =
      ms < left || step.totalTimeoutMs === undefined
        ? `took longer than ${seconds(ms)}`
        : `took longer than ${seconds(step.totalTimeoutMs)} in all`;
    return runAttempt({
      work: (own) => step.run(this.context(state, own)),
      signal,
      limit: ms === Infinity ? undefined : { ms, message },
      graceMs: this.graceMs,
      clock: this.clock,
      abandonBy: (abandon) => (state.abandon = abandon),
    });
  }

  /** ms until its total deadline. */
  private leftMs({ step, startedMs = 0 }: State): number {
    if (step.totalTimeoutMs === undefined) return Infinity;
    return Math.max(0, startedMs + step.totalTimeoutMs - this.elapsed());
  }

  private signalOf({ step }: State): AbortSignal {
    return step.always ? this.untouched.signal : this.controller.signal;
  }

  private context(state: State, signal: AbortSignal): StepContext {
    const step = state.step.name;
    return {
      signal,
      attempt: state.attempts,
      progress: (progress) => this.emit({ type: 'step-progress', atMs: this.elapsed(), step, progress }),
      output: (line) => {
        const last = (state.lastOutput ??= []);
        last.push(line);
        if (last.length > LAST_LINES) last.shift();
        this.emit({ type: 'step-output', atMs: this.elapsed(), step, line });
      },
      announce: (message) => this.emit({ type: 'step-announced', atMs: this.elapsed(), step, message }),
      note: (text) => (state.notes ??= []).push(text),
      warn: (message) => {
        (state.warnings ??= []).push(message);
        this.emit({ type: 'step-warning', atMs: this.elapsed(), step, message });
      },
      spawn: (steps, { pools = {} } = {}) => this.spawn(state, steps, pools),
    };
  }

  private spawn(by: State, steps: readonly Step[], pools: Readonly<Record<string, Pool>>): void {
    if (by.phase !== 'running') throw new GraphError([`step "${by.step.name}" added steps after it had ended`]);
    checkGraph(
      steps,
      { ...pools, ...this.limits.pools },
      {
        has: (name) => this.states.has(name),
        keys: () => this.states.keys(),
        pathToAdder: (name) => this.waitingPath(name, by.step.name),
      },
    );
    this.limits.add(pools);
    const states = this.add(steps, by);
    by.added ??= { open: 0, names: [] };
    by.added.open += states.length;
    by.added.names.push(...steps.map(({ name }) => name));
    this.emit({ type: 'steps-added', atMs: this.elapsed(), by: by.step.name, steps: states.map(outlineOf) });
    for (const state of states) {
      const failed = state.needs
        .map((need) => this.states.get(need))
        .find((s) => s?.phase === 'ended' && s.outcome !== 'done');
      if (this.stopped && !state.step.always) {
        this.record(state, this.stopped.outcome, this.stopped.reason);
        this.releaseFollowers(state);
      } else if (failed && !state.step.always) this.skipDependents(failed);
      else if (state.pending === 0) this.complete(state);
    }
  }

  /** A step that has added steps ends with the last of them; its slot is free already. */
  private ownWorkDone(state: State): void {
    if (!state.added) return this.settle(state, 'done');
    state.ownEndMs = this.elapsed();
    if (state.added.open === 0) this.settleParent(state);
  }

  private settleParent(state: State): void {
    const states = (state.added?.names ?? []).map((name) => this.states.get(name));
    const bad = states.find((child) => child?.outcome !== 'done' && child?.outcome !== 'warned');
    if (!bad) return this.settle(state, 'done');
    const { name } = bad.step;
    if (bad.outcome === 'cancelled') return this.settle(state, 'cancelled', new HoistError(`"${name}" was cancelled`));
    this.fail(state, new GivenUpError(`"${name}", which belongs to it, failed`, name));
  }

  private fail(state: State, error: unknown): void {
    if (state.step.optional) return this.settle(state, 'warned', error);
    const echo = error instanceof GivenUpError;
    const failure = new StepError(state.step.name, state.attempts, state.lastOutput ?? [], error);
    (echo ? this.echoes : this.failures).push(failure);
    this.record(state, echo ? 'given-up' : 'failed', messageOf(error));
    this.stop(state);
    this.releaseFollowers(state);
  }

  private settle(state: State, outcome: Outcome, error?: unknown): void {
    this.record(state, outcome, error === undefined ? undefined : messageOf(error));
    if (outcome === 'done') for (const dependent of state.dependents) this.release(dependent);
    else if (outcome === 'warned') this.skipDependents(state);
    this.releaseFollowers(state);
  }

  private release(state: State): void {
    if (--state.pending === 0) this.complete(state);
  }

  /** Skips everything that needs a step which failed; where that one was optional, a skipped one that is not fails the run. */
  private skipDependents(failed: State): void {
    const work = [failed];
    for (let cause = work.pop(); cause; cause = work.pop()) {
      for (const state of cause.dependents) {
        if (state.phase !== 'waiting') continue;
        const reason = `it needs "${cause.step.name}", which failed`;
        this.record(state, 'skipped', reason);
        if (!state.step.optional && cause.step.optional) {
          this.failures.push(new StepError(state.step.name, 0, [], new HoistError(reason)));
          this.stop(state);
        }
        this.releaseFollowers(state);
        work.push(state);
      }
    }
  }

  private record(state: State, outcome: Outcome, reason: string | undefined): void {
    const { step, startedMs, ownEndMs } = state;
    const record: StepRecord = {
      name: step.name,
      needs: state.added ? [...state.needs, ...state.added.names] : state.needs,
      group: step.group,
      pool: step.pool,
      queuedMs: state.queuedMs,
      startedMs,
      endedMs: this.elapsed(),
      ownMs: ownEndMs === undefined || startedMs === undefined ? undefined : ownEndMs - startedMs,
      attempts: state.attempts,
      outcome,
      notes: state.notes,
      warnings: state.warnings,
      reason,
    };
    state.phase = 'ended';
    state.outcome = outcome;
    this.open--;
    this.records.push(record);
    this.emit({ type: 'step-ended', atMs: record.endedMs, step: step.name, record });
    if (this.open === 0) this.finish();
  }

  /** What waits for the end of a step, however that was: steps with a weak edge to it, and the step that added it. */
  private releaseFollowers(state: State): void {
    for (const follower of state.followers) this.release(follower);
    const { parent } = state;
    if (!parent?.added || --parent.added.open > 0) return;
    if (parent.ownEndMs !== undefined && parent.phase === 'running') this.settleParent(parent);
  }

  /** After a failure: nothing new starts; what runs may end, or is cancelled; or only what needs the failed step is skipped. */
  private stop(failed: State): void {
    const { name } = failed.step;
    if (this.outcome === 'done') this.outcome = 'failed';
    if (this.options.onFailure === 'continue') return this.skipDependents(failed);
    if (this.options.onFailure === 'cancel') this.abortRunning(new HoistError(`cancelled because "${name}" failed`));
    this.endUnstarted('skipped', `not started because "${name}" failed`);
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
      for (const state of this.states.values()) if (!state.step.always) state.abandon?.();
    });
    void this.finished.then(clear);
  }

  private endUnstarted(outcome: Outcome, reason: string): void {
    if (this.stopped) return;
    this.stopped = { outcome, reason };
    this.limits.clear();
    for (const state of this.states.values()) {
      if (state.phase !== 'waiting' && state.phase !== 'queued') continue;
      if (!state.step.always) {
        this.record(state, outcome, reason);
        this.releaseFollowers(state);
      } else if (state.phase === 'queued') void this.execute(state);
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

function outlineOf({ step }: State): StepOutline {
  const { name, needs = [], group, pool, optional = false } = step;
  return { name, needs, group, pool, optional };
}

function outOfTime({ totalTimeoutMs = 0 }: Step, last: unknown): TimeoutError {
  return new TimeoutError(`took longer than ${seconds(totalTimeoutMs)} in all; last: ${messageOf(last)}`);
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(3))} s`;
}
