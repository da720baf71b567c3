// Which value of a swept setting wins on this machine, if one does.

import { pad, percent, percentRange } from '../format.ts';
import { exactDuration } from '../../base/units.ts';
import { seeded } from '../compare/random.ts';
import { summarize, type Statistics } from '../../base/statistics.ts';
import { judge, MIN_RUNS, type Judgement } from '../compare/verdict.ts';

/** A value and the durations of its runs in ms. */
export interface Measured {
  value: string;
  times: readonly number[];
}

export interface Ranked {
  value: string;
  figures: Statistics;
  /** Against the first value; left out of that one itself. */
  against?: Judgement | undefined;
}

export interface Ranking {
  setting: string;
  /** In the order in which they were named. */
  values: Ranked[];
  /** The fastest of the values that are surely faster than the first; undefined where none is. */
  winner?: string | undefined;
}

const SEED = 7;

/** Values without a single good run are left out; the first must have one. */
export function rank(setting: string, measured: readonly Measured[]): Ranking {
  const [first, ...others] = measured.filter(({ times }) => times.length > 0);
  if (first === undefined) return { setting, values: [] };
  // Each further value is another chance for a wrong verdict.
  const confidence = 1 - 0.05 / Math.max(1, others.length);
  const random = seeded(SEED);
  const values: Ranked[] = [
    { value: first.value, figures: summarize(first.times) },
    ...others.map(({ value, times }) => {
      const against = judge(first.times, times, { confidence, random });
      return { value, figures: against.b, against };
    }),
  ];
  const faster = values.filter(({ against }) => against?.verdict === 'faster');
  const winner = faster.sort((a, b) => a.figures.median - b.figures.median)[0]?.value;
  return { setting, values, ...(winner === undefined ? {} : { winner }) };
}

/** A table of at most 80 columns, and one sentence that says what it means; ends with a newline. */
export function rankingText({ setting, values, winner }: Ranking): string {
  const [first] = values;
  if (first === undefined) return `${setting}: no run succeeded\n`;
  const rows = values.map(({ value, figures, against }) => {
    const change =
      against === undefined
        ? ''
        : `${percent(against.difference.ratio).padStart(8)}  ${pad(rangeOf(against), 14)}${against.verdict}`;
    return `${pad(value, 14)}${String(figures.n).padStart(4)}${exactDuration(figures.median).padStart(10)}${exactDuration(figures.mad).padStart(9)}${change}`.trimEnd();
  });
  const few = Math.min(...values.map(({ figures }) => figures.n)) < MIN_RUNS;
  const meaning =
    winner !== undefined
      ? `${setting}=${winner} wins on this machine`
      : few
        ? `a verdict needs ${MIN_RUNS} runs of each value`
        : `no value was seen to be faster than ${first.value}`;
  return [`${pad(setting, 14)}runs    median      MAD  change  interval      verdict`, ...rows, `${meaning}.`, ''].join(
    '\n',
  );
}

function rangeOf({ verdict, difference }: Judgement): string {
  return verdict === 'too few runs' ? '-' : percentRange(difference.ratioInterval);
}
