// Whether one side of a comparison was measured on a busier machine.

import type { BenchmarkRecord } from '../record.ts';
import { summarize } from '../../base/statistics.ts';

/** From this difference on, in running tasks a CPU, the busier side is expected to be slower. */
const BUSIER = 0.5;

/**
 * Median of the load average at the start of the runs, for each CPU; undefined where none recorded it.
 * Their own work is not in it, save that of the run before.
 */
export function loadPerCpu(records: readonly BenchmarkRecord[]): number | undefined {
  const loads = records.flatMap(({ load, system }) => (load ? [load.before / Math.max(1, system.parallelism)] : []));
  return loads.length === 0 ? undefined : summarize(loads).median;
}

/** From this median on the tasks of others waited for a CPU whenever a run started. */
const BUSY = 1;

/** Whether one of the sides was measured on a machine that had more to do than it has CPUs. */
export function wasBusy(...loads: readonly (number | undefined)[]): boolean {
  return loads.some((load) => load !== undefined && load >= BUSY);
}

/** What the loads alone would make of side B, if anything. */
export function explainedByLoad(a: number | undefined, b: number | undefined): 'faster' | 'slower' | undefined {
  if (a === undefined || b === undefined || Math.abs(b - a) < BUSIER) return undefined;
  return b > a ? 'slower' : 'faster';
}
