// Builds a comparison of two groups of runs: the whole run and each step, judged; with all that limits the verdicts.

import { ConfigError } from '../../base/errors.ts';
import { workOf, type BenchmarkRecord } from '../record.ts';
import { differencesOf } from './differences.ts';
import { explainedByLoad, loadPerCpu, wasBusy } from './busy.ts';
import { seeded } from './random.ts';
import { summarize, type Statistics } from '../../base/statistics.ts';
import { judge, MIN_RUNS, type SpeedDifference, type SpeedVerdict } from './verdict.ts';

/** Figures of the whole run, or of one step. */
export interface Row {
  name: string;
  /** Left out where the side never ran this step to its end. */
  a?: Statistics;
  b?: Statistics;
  /** Left out, like the verdict, where one side has no figures. */
  difference?: SpeedDifference;
  verdict?: SpeedVerdict;
}

export interface Side {
  name: string;
  records: readonly BenchmarkRecord[];
  /** Load average per CPU when its runs started, as a median. */
  load?: number | undefined;
}

export interface Comparison {
  a: Side;
  b: Side;
  whole: Row;
  /** In the order in which the steps start. */
  steps: Row[];
  /** What makes the verdicts less certain than they look. */
  warnings: string[];
}

/** Of 100 equal pairs this many may be called different. */
const CONFIDENCE = 0.95;
/** With many steps each of them needs more certainty, so that not one of twenty is called different by chance. */
const MAX_CONFIDENCE = 0.998;
const SEED = 20_240_229;

/**
 * Compares B with A. Where both have runs of the same work, each kind of it is compared on its own; otherwise all
 * runs of A with all runs of B, with a warning.
 * @throws ConfigError where no step is on both sides
 */
export function compareSides(a: Side, b: Side): Comparison[] {
  const [plansA, plansB] = [byWork(a.records), byWork(b.records)];
  const shared = [...plansA.keys()].filter((hash) => plansB.has(hash));
  if (shared.length === 0) return [compareGroups(a, b)];
  const rest =
    a.records.length +
    b.records.length -
    shared.reduce((n, hash) => n + of(plansA, hash).length + of(plansB, hash).length, 0);
  return shared.map((hash, index) => {
    const comparison = compareGroups({ ...a, records: of(plansA, hash) }, { ...b, records: of(plansB, hash) });
    if (index === 0 && rest > 0) comparison.warnings.push(`${rest} runs of plans that only one side has are left out`);
    return comparison;
  });
}

function compareGroups(a: Side, b: Side): Comparison {
  const [one, other] = [
    { ...a, load: loadPerCpu(a.records) },
    { ...b, load: loadPerCpu(b.records) },
  ];
  const [timesA, timesB] = [stepTimes(a.records), stepTimes(b.records)];
  const names = [...new Set([...timesA.keys(), ...timesB.keys()])];
  const common = names.filter((name) => timesA.has(name) && timesB.has(name));
  if (names.length > 0 && common.length === 0) {
    throw new ConfigError(
      [{ where: `${a.name} and ${b.name}`, message: 'their plans share no step, so there is nothing to compare' }],
      {
        hint: 'Compare runs that did the same work.',
      },
    );
  }
  const loadExplains = explainedByLoad(one.load, other.load);
  const random = seeded(SEED);
  const row = (name: string, x: readonly number[], y: readonly number[], confidence: number): Row => ({
    name,
    ...(x.length > 0 && y.length > 0
      ? judge(x, y, { confidence, random, loadExplains })
      : { ...(x.length > 0 && { a: summarize(x) }), ...(y.length > 0 && { b: summarize(y) }) }),
  });
  const confidence = Math.min(MAX_CONFIDENCE, 1 - (1 - CONFIDENCE) / Math.max(1, common.length));
  const comparison: Comparison = {
    a: one,
    b: other,
    whole: row('whole run', durations(a.records), durations(b.records), CONFIDENCE),
    steps: names.map((name) => row(name, timesA.get(name) ?? [], timesB.get(name) ?? [], confidence)),
    warnings: differencesOf(a.records, b.records),
  };
  comparison.warnings.push(...doubts(comparison, loadExplains));
  return comparison;
}

function doubts({ a, b, whole }: Comparison, loadExplains: 'faster' | 'slower' | undefined): string[] {
  const few = [a, b].filter(({ records }) => records.length < MIN_RUNS);
  const busier = loadExplains === 'slower' ? b : a;
  const loads = `load per CPU ${(a.load ?? 0).toFixed(2)} against ${(b.load ?? 0).toFixed(2)}`;
  const noisy = (['a', 'b'] as const).filter((side) => {
    const figures = whole[side];
    return figures !== undefined && figures.mad > 0.1 * figures.median;
  });
  return [
    ...(few.length > 0
      ? [`a verdict needs ${MIN_RUNS} runs on each side; here are ${a.records.length} and ${b.records.length}`]
      : []),
    ...(loadExplains === undefined
      ? []
      : [
          `the machine was busier for ${busier === a ? 'A' : 'B'} (${loads}), which alone can explain that it is slower`,
        ]),
    ...(loadExplains === undefined && wasBusy(a.load, b.load)
      ? [`the machine was busy when the runs started (${loads})`]
      : []),
    ...noisy.map(
      (side) =>
        `the runs of ${side.toUpperCase()} scatter widely: ${((100 * (whole[side]?.mad ?? 0)) / (whole[side]?.median ?? 1)).toFixed(0)} % around their median`,
    ),
  ];
}

function durations(records: readonly BenchmarkRecord[]): number[] {
  return records.map(({ durationMs }) => durationMs);
}

/** Step → its running times in ms, without waiting, of the runs in which it succeeded. */
export function stepTimes(records: readonly BenchmarkRecord[]): Map<string, number[]> {
  const times = new Map<string, number[]>();
  for (const { run } of records) {
    const steps = (run?.steps ?? []).filter(({ outcome }) => outcome === 'done');
    for (const { name, startedMs, endedMs } of steps.sort((x, y) => (x.startedMs ?? 0) - (y.startedMs ?? 0))) {
      if (startedMs === undefined) continue;
      const own = times.get(name);
      if (own === undefined) times.set(name, [endedMs - startedMs]);
      else own.push(endedMs - startedMs);
    }
  }
  return times;
}

/** Work → its runs, in the order of the records. */
export function byWork(records: readonly BenchmarkRecord[]): Map<string, BenchmarkRecord[]> {
  const plans = new Map<string, BenchmarkRecord[]>();
  for (const record of records) {
    const own = plans.get(workOf(record));
    if (own === undefined) plans.set(workOf(record), [record]);
    else own.push(record);
  }
  return plans;
}

function of(plans: ReadonlyMap<string, BenchmarkRecord[]>, hash: string): BenchmarkRecord[] {
  return plans.get(hash) ?? [];
}
