// The regression gate: fails only where the runs leave no reasonable doubt.

import { RegressionError, UsageError } from '../../base/errors.ts';
import { percent } from '../format.ts';
import type { Comparison } from './comparison.ts';

/**
 * Reads a limit like `10%` as a share, 0.1.
 * @throws UsageError for anything else
 */
export function readLimit(text: string): number {
  const number = /^(\d+(?:\.\d+)?)\s?%$/.exec(text)?.[1];
  if (number === undefined) throw new UsageError(`--fail-on-regression ${text}: expected a percentage such as 10%`);
  return Number(number) / 100;
}

/**
 * The error to end with where a whole run is slower than `limit` allows: the whole interval lies beyond it, there are
 * enough runs, and the load does not explain it. Undefined where that is not so.
 */
export function regressionOf(comparisons: readonly Comparison[], limit: number): RegressionError | undefined {
  const slower = comparisons.flatMap(({ a, b, whole: { verdict, difference } }) => {
    if (verdict !== 'slower' || difference === undefined || difference.ratioInterval.low <= limit) return [];
    const { low, high } = difference.ratioInterval;
    return [
      `${b.name} took ${percent(difference.ratio)} against ${a.name} (between ${percent(low)} and ${percent(high)})`,
    ];
  });
  if (slower.length === 0) return undefined;
  return new RegressionError(`${slower.join('; ')}: beyond the ${percent(limit)} that are allowed`, {
    hint: 'The table shows which steps are slower.',
  });
}

/** Says where the gate could not judge, which must not look like a pass. */
export function undecided(comparisons: readonly Comparison[]): string[] {
  const few = comparisons.filter(({ whole }) => whole.verdict === 'too few runs').length;
  return few === 0 ? [] : ['--fail-on-regression: too few runs to tell a regression from noise'];
}
