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
    slice(record.tool, pid, 0, 0, record.durationMs, 'run', { id, label, outcome, planHash, startedAt }),
    ...steps.flatMap((step) => stepEvents(step, pid, (lanes.get(step) ?? 0) + 1, critical.has(step.name), record)),
  ];
}

function stepEvents(
  step: StepRecord,
  pid: number,
  tid: number,
  critical: boolean,
  { retries }: BenchmarkRecord,
): TraceEvent[] {
  const { name, queuedMs, startedMs, endedMs } = step;
  if (startedMs === undefined) return [];
  const { outcome, attempts, pool, needs, notes, warnings, reason } = step;
  return [
    ...(queuedMs !== undefined && startedMs > queuedMs
      ? [slice(`${name} (waiting)`, pid, tid, queuedMs, startedMs, 'waiting', { pool })]
      : []),
    slice(name, pid, tid, startedMs, endedMs, critical ? 'critical' : 'step', {
      outcome,
      attempts,
      pool,
      needs,
      notes,
      warnings,
      reason,
    }),
    ...(retries?.[name] ?? []).map((attempt) =>
      slice(`attempt ${attempt.attempt}`, pid, tid, attempt.startedMs, attempt.endedMs, 'attempt', {
        failure: attempt.failure,
      }),
    ),
  ];
}

function slice(
  name: string,
  pid: number,
  tid: number,
  fromMs: number,
  toMs: number,
  cat: string,
  args: TraceEvent['args'],
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
