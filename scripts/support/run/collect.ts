// Runs what is planned: all at once, each within its time, and no failure of one loses what another has found.

import { setMaxListeners } from 'node:events';
import { InterruptedError, TimeoutError, exitCodeOf, messageOf } from '../../base/errors.ts';
import type { Clock } from '../../engine/clock.ts';
import type { Subscriber } from '../../engine/event.ts';
import { runSteps } from '../../engine/run.ts';
import type { Step, StepContext } from '../../engine/step.ts';
import { safePath } from '../bundle/paths.ts';
import type { CollectorFailure, Sink } from '../types.ts';
import type { HostReach, Reach, Running } from '../collectors/collector.ts';
import { collectUnhealthyLogs } from '../collectors/cluster/logs.ts';
import type { CollectPlan, PlannedItem } from '../plan/collect-plan.ts';

/** What came of one item. */
export interface CollectorReport {
  title: string;
  kind: string;
  host: boolean;
  place: string;
  outcome: 'ok' | 'partial' | CollectorFailure['reason'];
  /** ms since the start of the run; not given where it never started. */
  startedMs?: number | undefined;
  endedMs?: number | undefined;
  files: number;
  notes: readonly string[];
  problems: readonly string[];
}

export interface CollectInputs {
  plan: CollectPlan;
  sink: Sink;
  reach: () => Promise<Reach>;
  host: HostReach;
  clock: Clock;
  now: () => Date;
  random: () => number;
  /** Collectors of the cluster at once. */
  concurrency: number;
  /** ms of all of it. */
  timeoutMs: number;
  signal: AbortSignal;
  subscribers: readonly Subscriber[];
  /** Steps that are not allowed, and what they lack. */
  forbidden: () => Promise<ReadonlyMap<string, string>>;
}

export interface Collected {
  reports: CollectorReport[];
  failures: CollectorFailure[];
  /** Why the run ended early. */
  stopped?: unknown;
}

/** ms that a collector may take to end when its time is over. */
const GRACE_MS = 3_000;

/** Never throws for what a collector does, nor for an interruption: what there is, is kept. */
export async function collect(inputs: CollectInputs): Promise<Collected> {
  const { plan, signal, clock, timeoutMs, concurrency } = inputs;
  const reports = new Map<string, CollectorReport>();
  const failures: CollectorFailure[] = plan.skipped.map(({ item, title, reason, message }) =>
    failureOf({ item, title }, reason, message),
  );
  const startMs = clock.now();
  const total = new AbortController();
  setMaxListeners(0, total.signal);
  const stop = (): void => total.abort(signal.reason);
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  const release = clock.after(timeoutMs, () =>
    total.abort(new TimeoutError(`collecting took longer than ${timeoutMs / 1000} s in all`)),
  );
  const run = new ItemRunner(inputs, total.signal, { reports, failures, elapsed: () => clock.now() - startMs });
  try {
    await runSteps(stepsOf(plan.items, run), {
      pools: { collectors: concurrency },
      clock,
      subscribers: inputs.subscribers,
    });
  } finally {
    release();
    signal.removeEventListener('abort', stop);
  }
  const all = plan.items.flatMap(({ step }) => reports.get(step) ?? []);
  const skipped = plan.skipped.map(({ item, title, reason, message }) => reportOf({ item, title }, reason, [message]));
  return {
    reports: [...all, ...skipped],
    failures,
    ...(total.signal.aborted ? { stopped: total.signal.reason as unknown } : {}),
  };
}

function stepsOf(items: readonly PlannedItem[], run: ItemRunner): Step[] {
  const steps: Step[] = items.map((item) => ({
    name: item.step,
    needs: item.needs,
    ...(item.lane === 'host' ? {} : { pool: 'collectors' }),
    run: (context) => run.execute(item, context),
  }));
  const snapshot = items.find(({ item }) => item.kind === 'clusterResources');
  if (snapshot) {
    steps.push({
      name: "unhealthy pods' logs",
      needs: items.filter(({ lane }) => lane === 'first').map(({ step }) => step),
      pool: 'collectors',
      run: (context) => run.after(snapshot, context),
    });
  }
  return steps;
}

interface Ledger {
  reports: Map<string, CollectorReport>;
  failures: CollectorFailure[];
  elapsed: () => number;
}

class ItemRunner {
  readonly inputs: CollectInputs;
  readonly signal: AbortSignal;
  readonly ledger: Ledger;

  constructor(inputs: CollectInputs, signal: AbortSignal, ledger: Ledger) {
    this.inputs = inputs;
    this.signal = signal;
    this.ledger = ledger;
  }

  /** Resolves whatever happens: others that need it are run all the same. */
  async execute(planned: PlannedItem, context: StepContext): Promise<void> {
    const { reports, failures, elapsed } = this.ledger;
    const startedMs = elapsed();
    const seen = { files: 0, notes: [] as string[], problems: [] as string[] };
    const forbidden = planned.item.host ? undefined : await this.#forbidden(planned);
    let failure: CollectorFailure | undefined;
    if (forbidden !== undefined) failure = failureOf(planned, 'forbidden', forbidden);
    else {
      try {
        await this.#within(planned.timeoutMs, (signal) =>
          planned.collector.run(this.#running(planned, context, { signal, seen })),
        );
      } catch (error) {
        failure = failureOf(planned, this.#reasonOf(error), messageOf(error));
      }
    }
    if (failure) {
      failures.push(failure);
      context.warn(failure.message);
    } else for (const problem of seen.problems) context.warn(problem);
    const outcome = failure?.reason ?? (seen.problems.length > 0 ? 'partial' : 'ok');
    const problems = failure ? [failure.message, ...seen.problems] : seen.problems;
    reports.set(planned.step, {
      ...reportOf(planned, outcome, problems),
      startedMs,
      endedMs: elapsed(),
      files: seen.files,
      notes: seen.notes,
    });
  }

  /** The snapshot's second half, which shares its fetches with the collectors of logs. */
  async after(snapshot: PlannedItem, context: StepContext): Promise<void> {
    const report = this.ledger.reports.get(snapshot.step);
    if (report?.outcome !== 'ok' && report?.outcome !== 'partial') return;
    const seen = { files: 0, notes: [] as string[], problems: [] as string[] };
    try {
      await this.#within(snapshot.timeoutMs, (signal) =>
        collectUnhealthyLogs(this.#running(snapshot, context, { signal, seen })),
      );
    } catch (error) {
      context.warn(messageOf(error));
    }
    report.files += seen.files;
  }

  async #forbidden({ step }: PlannedItem): Promise<string | undefined> {
    return (await this.inputs.forbidden().catch(() => new Map<string, string>())).get(step);
  }

  #running(
    { item, suffix }: PlannedItem,
    context: StepContext,
    { signal, seen }: { signal: AbortSignal; seen: { files: number; notes: string[]; problems: string[] } },
  ): Running {
    const { sink, reach, host, now, random } = this.inputs;
    return {
      item,
      suffix,
      signal,
      cluster: reach,
      host,
      now,
      random,
      sink: {
        add: async (file) => {
          const path = await sink.add(file);
          if (path === undefined) seen.problems.push(`${file.path} was left out`);
          else seen.files++;
          if (path !== undefined && path !== safePath(file.path))
            seen.notes.push(`a file stands at ${path}: its own name is taken, or was redacted`);
          return path;
        },
        link: (path, target) => {
          seen.files++;
          sink.link(path, target);
        },
      },
      note: (text) => {
        seen.notes.push(text);
        context.note(text);
      },
      problem: (text) => seen.problems.push(text),
      progress: (done, total) => context.progress({ done, total, unit: 'items' }),
    };
  }

  /** Gives up on work that does not end when it is asked to. */
  async #within(ms: number, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { clock } = this.inputs;
    const own = new AbortController();
    setMaxListeners(0, own.signal);
    const stop = (): void => own.abort(this.signal.reason);
    if (this.signal.aborted) stop();
    else this.signal.addEventListener('abort', stop, { once: true });
    let releaseGrace: (() => void) | undefined;
    const given = new Promise<never>((_, reject) => {
      own.signal.addEventListener('abort', () => {
        releaseGrace = clock.after(GRACE_MS, () => reject(own.signal.reason as Error));
      });
    });
    given.catch(() => undefined);
    const release = clock.after(ms, () => own.abort(new TimeoutError(`took longer than ${ms / 1000} s`)));
    try {
      own.signal.throwIfAborted();
      await Promise.race([work(own.signal), given]);
    } catch (error) {
      throw own.signal.aborted ? own.signal.reason : error;
    } finally {
      release();
      releaseGrace?.();
      this.signal.removeEventListener('abort', stop);
    }
  }

  #reasonOf(error: unknown): CollectorFailure['reason'] {
    if (this.signal.aborted) return this.signal.reason instanceof TimeoutError ? 'timeout' : 'cancelled';
    return error instanceof TimeoutError ? 'timeout' : 'failed';
  }
}

function failureOf(
  { item, title }: Pick<PlannedItem, 'item' | 'title'>,
  reason: CollectorFailure['reason'],
  message: string,
): CollectorFailure {
  const { kind, host, spec, place } = item;
  const name = spec['collectorName'] ?? spec['name'];
  const names = [spec['name'], spec['collectorName']].filter(
    (one) => typeof one === 'string' && one !== '',
  ) as string[];
  return {
    collector: title,
    kind,
    host,
    name: typeof name === 'string' ? name : undefined,
    names,
    place,
    reason,
    message,
  };
}

function reportOf(
  { item, title }: Pick<PlannedItem, 'item' | 'title'>,
  outcome: CollectorReport['outcome'],
  problems: readonly string[],
): CollectorReport {
  const { file, line, column } = item.place;
  return {
    title,
    kind: item.kind,
    host: item.host,
    place: `${file}:${line}:${column}`,
    outcome,
    files: 0,
    notes: [],
    problems,
  };
}

/** The exit code of a run that was stopped: 130 or 143 for a signal, 124 for its time. */
export function stoppedCode(stopped: unknown): number | undefined {
  return stopped instanceof InterruptedError || stopped instanceof TimeoutError ? exitCodeOf(stopped) : undefined;
}
