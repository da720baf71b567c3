// Says whether one side of a comparison is faster, as far as noise and the machine's load allow.

import { bootstrap, summarize, type Interval, type Statistics } from '../../base/statistics.ts';

export type SpeedVerdict = 'faster' | 'slower' | 'no difference seen' | 'too few runs';

/** Below this many runs a side the bootstrap is wrong far too often: with 3 runs one in ten equal pairs differs. */
export const MIN_RUNS = 5;

/** A smaller difference in ms is not worth a word, however sure it is: steps that do nothing take that long. */
const WORTH_MS = 2;

/** B against A; negative figures are faster. */
export interface SpeedDifference {
  ms: number;
  msInterval: Interval;
  /** Share of A's median: 0.1 is 10 % slower. */
  ratio: number;
  ratioInterval: Interval;
}

export interface Judgement {
  a: Statistics;
  b: Statistics;
  difference: SpeedDifference;
  verdict: SpeedVerdict;
}

export interface JudgeOptions {
  confidence: number;
  random: () => number;
  /** What the difference in load between the sides would explain without any other change. */
  loadExplains?: 'faster' | 'slower' | undefined;
}

/** Judges times in ms, lower being better. Both sides must have at least one. */
export function judge(a: readonly number[], b: readonly number[], options: JudgeOptions): Judgement {
  const [one, other] = [summarize(a), summarize(b)];
  const { difference: msInterval, ratio: ratioInterval } = bootstrap(a, b, options);
  const ms = other.median - one.median;
  const difference = { ms, msInterval, ratio: one.median > 0 ? ms / one.median : 0, ratioInterval };
  return { a: one, b: other, difference, verdict: verdict(one, other, difference, options) };
}

function verdict(
  a: Statistics,
  b: Statistics,
  { ms, msInterval }: SpeedDifference,
  { loadExplains }: JudgeOptions,
): SpeedVerdict {
  if (Math.min(a.n, b.n) < MIN_RUNS) return 'too few runs';
  if (Math.abs(ms) < WORTH_MS) return 'no difference seen';
  const seen = msInterval.low > 0 ? 'slower' : msInterval.high < 0 ? 'faster' : 'no difference seen';
  return seen === loadExplains ? 'no difference seen' : seen;
}
