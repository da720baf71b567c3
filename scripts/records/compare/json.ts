// A comparison as one JSON object, for programs.

import { workOf } from '../record.ts';
import type { Comparison, Side } from './comparison.ts';
import type { Skipped } from './select.ts';
import { groupRows } from './summary.ts';

/** Raised when a field changes its meaning or goes away. */
const FORMAT = 1;

/** The object that `--output json` prints; times in ms, shares as fractions. */
export function comparisonJson(sides: readonly Side[], comparisons: readonly Comparison[], skipped: Skipped): unknown {
  return {
    format: FORMAT,
    groups: sides.map((side) => ({ ...head(side), ...groupRows(side) })),
    comparisons: comparisons.map(({ a, b, whole, steps, warnings }) => ({
      a: head(a),
      b: head(b),
      whole,
      steps,
      warnings,
    })),
    skipped,
  };
}

function head({ name, records, load }: Side): object {
  return {
    name,
    ...(load === undefined ? {} : { loadPerCpu: load }),
    plans: [...new Set(records.map(workOf))],
    runs: records.map(({ id, label, startedAt, durationMs }) => ({
      id,
      ...(label === undefined ? {} : { label }),
      startedAt,
      durationMs,
    })),
  };
}
