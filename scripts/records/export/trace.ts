// Runs as a trace for Perfetto and chrome://tracing.

import type { StepRecord } from '../../engine/step.ts';
import type { BenchmarkRecord } from '../record.ts';

/** One event of the Trace Event Format; `ts` and `dur` in µs. */
interface TraceEvent {
  name: string;
  ph: 'X' | 'M';
  pid: number;
  tid: number;
  ts?: number;
  dur?: number;
  cat?: string;
  args: Readonly<Record<string, unknown>>;
}

/**
 * A process for each run, and as many threads in it as steps were waiting or running at once. Waiting for a slot comes
 * as a slice of its own before the step; the steps of the critical path have the category `critical`.
 */
export function chromeTrace(records: readonly BenchmarkRecord[]): { traceEvents: TraceEvent[]; displayTimeUnit: 'ms' } {
  return { traceEvents: records.flatMap((record, index) => runEvents(record, index + 1)), displayTimeUnit: 'ms' };
}

function runEvents(record: BenchmarkRecord, pid: number): TraceEvent[] {
  const steps = record.run?.steps ?? [];
  const critical = new Set(record.run?.criticalPath);
  const lanes = laneOf(steps);
  const { id, label, outcome, planHash, startedAt } = record;
  const title = `${record.tool} ${id}${label === undefined ? '' : ` (${label})`}`;
  return [
    { name: 'process_name', ph: 'M', pid, tid: 0, args: { name: title } },
    { name: 'thread_name', ph: 'M', pid, tid: 0, args: { name: 'whole run' } },
    slice(
      { name: record.tool, cat: 'run', args: { id, label, outcome, planHash, startedAt } },
      { pid, tid: 0 },
      {
        fromMs: 0,
        toMs: record.durationMs,
      },
    ),
    ...steps.flatMap((step) => {
      const lane = { pid, tid: (lanes.get(step) ?? 0) + 1 };
      return stepEvents(step, lane, critical.has(step.name), record);
    }),
  ];
}

function stepEvents(step: StepRecord, lane: Lane, critical: boolean, { retries }: BenchmarkRecord): TraceEvent[] {
  const { name, queuedMs, startedMs, endedMs } = step;
  if (startedMs === undefined) return [];
  const { outcome, attempts, pool, needs, notes, warnings, reason } = step;
  return [
    ...(queuedMs !== undefined && startedMs > queuedMs
      ? [
          slice({ name: `${name} (waiting)`, cat: 'waiting', args: { pool } }, lane, {
            fromMs: queuedMs,
            toMs: startedMs,
          }),
        ]
      : []),
    slice(
      {
        name,
        cat: critical ? 'critical' : 'step',
        args: { outcome, attempts, pool, needs, notes, warnings, reason },
      },
      lane,
      { fromMs: startedMs, toMs: endedMs },
    ),
    ...(retries?.[name] ?? []).map((attempt) =>
      slice({ name: `attempt ${attempt.attempt}`, cat: 'attempt', args: { failure: attempt.failure } }, lane, {
        fromMs: attempt.startedMs,
        toMs: attempt.endedMs,
      }),
    ),
  ];
}

type Lane = Pick<TraceEvent, 'pid' | 'tid'>;

function slice(
  { name, cat, args }: { name: string; cat: string; args: TraceEvent['args'] },
  { pid, tid }: Lane,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): TraceEvent {
  return { name, ph: 'X', pid, tid, ts: fromMs * 1000, dur: Math.max(0, toMs - fromMs) * 1000, cat, args };
}

/** The first free lane for each step, so that no two slices of a lane overlap. */
function laneOf(steps: readonly StepRecord[]): Map<StepRecord, number> {
  const begin = (step: StepRecord): number => step.queuedMs ?? step.startedMs ?? step.endedMs;
  const freeAt: number[] = [];
  const lanes = new Map<StepRecord, number>();
  for (const step of [...steps].sort((a, b) => begin(a) - begin(b))) {
    const free = freeAt.findIndex((at) => at <= begin(step));
    const lane = free < 0 ? freeAt.length : free;
    freeAt[lane] = step.endedMs;
    lanes.set(step, lane);
  }
  return lanes;
}
