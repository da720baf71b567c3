// Turns records into what the report page is given.

import { percent, percentRange } from '../format.ts';
import { bytesText } from '../../base/units.ts';
import type { Comparison, Row, Side } from '../compare/comparison.ts';
import { workOf, type BenchmarkRecord, type RunHead } from '../record.ts';
import {
  OUTCOMES,
  type ReportComparison,
  type ReportData,
  type ReportPoint,
  type ReportRow,
  type ReportRun,
  type StepExtra,
} from './model.ts';

/** `heads` are all runs of the log that succeeded; those of plans that no side has are not used. */
export function reportData(
  sides: readonly Side[],
  comparisons: readonly Comparison[],
  heads: readonly RunHead[],
  generatedAt: Date,
): ReportData {
  const [names, plans, systems] = [new Index(), new Index(), new Index()];
  const records = sides.flatMap((side) => side.records);
  const runs = records.map((record) => reportRun(record, { names, plans, systems }));
  const points = (plan: string): ReportPoint[] => {
    const known = new Map(
      [...heads, ...records].filter((h) => workOf(h) === plan && h.outcome === 'done').map((h) => [h.id, h]),
    );
    return [...known.values()]
      .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1))
      .map(({ id, label, startedAt, durationMs }) => ({ id, label, startedAt, durationMs }));
  };
  return {
    generatedAt: generatedAt.toISOString(),
    names: names.texts,
    plans: plans.texts,
    systems: systems.texts.map((text) => JSON.parse(text) as [string, string][]),
    runs,
    shown: sides.map((side) => runs.findIndex(({ id }) => id === typical(side).id)),
    history: plans.texts.map(points),
    comparisons: comparisons.map(reportComparison),
  };
}

/** Numbers texts in the order in which they first come. */
class Index {
  readonly texts: string[] = [];
  readonly #numbers = new Map<string, number>();

  of(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.texts.push(text) - 1;
      this.#numbers.set(text, number);
    }
    return number;
  }
}

/** The run whose duration is nearest to the side's median: the newest may be an outlier. */
function typical({ records }: Side): BenchmarkRecord {
  const sorted = [...records].sort((a, b) => a.durationMs - b.durationMs);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new RangeError('a side without runs');
  return middle;
}

function reportRun(record: BenchmarkRecord, index: Record<'names' | 'plans' | 'systems', Index>): ReportRun {
  const { id, label, tool, startedAt, outcome, durationMs, run, retries = {} } = record;
  const steps: number[] = [];
  const extra: Record<number, StepExtra> = {};
  const ms = (value: number | undefined): number => (value === undefined ? -1 : Math.round(value * 10) / 10);
  for (const step of run?.steps ?? []) {
    const name = index.names.of(step.name);
    const { queuedMs, startedMs, endedMs, attempts } = step;
    steps.push(name, ms(queuedMs), ms(startedMs), ms(endedMs), attempts, OUTCOMES.indexOf(step.outcome));
    const tried = retries[step.name]?.map((attempt) => ({
      from: ms(attempt.startedMs),
      to: ms(attempt.endedMs),
      failure: attempt.failure,
    }));
    const notes = [...(step.notes ?? []), ...(step.warnings ?? [])];
    if (notes.length > 0 || step.reason !== undefined || tried !== undefined) {
      extra[name] = { ...(notes.length > 0 && { notes }), reason: step.reason, attempts: tried };
    }
  }
  return {
    id,
    label,
    tool,
    startedAt,
    outcome,
    durationMs,
    parallelGain: run?.parallelGain,
    plan: index.plans.of(workOf(record)),
    system: index.systems.of(JSON.stringify(facts(record))),
    steps,
    critical: (run?.criticalPath ?? []).map((name) => index.names.of(name)),
    extra,
  };
}

function facts({ system, versions, cluster }: BenchmarkRecord): [string, string][] {
  const limit = (value: string | undefined): string => (value === undefined ? '' : `, limited to ${value}`);
  const memoryLimit = system.memoryLimitBytes === undefined ? undefined : bytesText(system.memoryLimitBytes);
  const rows: [string, string | undefined][] = [
    ['Host', system.host],
    ['CPU', system.cpuModel],
    ['CPU cores', `${system.cores}${limit(system.cpuLimit?.toString())}`],
    ['Memory', `${bytesText(system.memoryBytes)}${limit(memoryLimit)}`],
    ['Architecture', system.arch],
    ['OS', system.os],
    ['Kernel', system.kernel],
    ['Container', system.container ? 'yes' : 'no'],
    ['Provider', cluster.provider],
    ['Agents', cluster.agents?.toString()],
    ['Concurrency level', cluster.concurrency?.toString()],
    ['Image', cluster.image],
    ['Node.js', system.node],
    ...Object.entries(versions),
  ];
  return rows.filter((row): row is [string, string] => row[1] !== undefined);
}

function reportComparison({ a, b, whole, steps, warnings }: Comparison): ReportComparison {
  return {
    a: `${a.name} (${a.records.length})`,
    b: `${b.name} (${b.records.length})`,
    rows: [whole, ...steps].map(reportRow),
    warnings,
  };
}

function reportRow({ name, a, b, difference, verdict }: Row): ReportRow {
  const enough = difference !== undefined && verdict !== 'too few runs';
  return {
    name,
    a,
    b,
    change: difference && percent(difference.ratio),
    range: enough ? percentRange(difference.ratioInterval) : undefined,
    verdict: verdict ?? `only in ${a ? 'A' : 'B'}`,
  };
}
