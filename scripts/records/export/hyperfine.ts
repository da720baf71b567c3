// Runs in the JSON shape of hyperfine's --export-json, for the many scripts that read it.

import { summarize } from '../../base/statistics.ts';
import type { BenchmarkRecord } from '../record.ts';

interface HyperfineResult {
  command: string;
  mean: number;
  /** null for a single run, as in hyperfine. */
  stddev: number | null;
  median: number;
  min: number;
  max: number;
  times: number[];
  exit_codes: number[];
}

/** One result a named group; times in seconds. CPU times are left out: a record does not have them. */
export function hyperfineExport(groups: readonly { name: string; records: readonly BenchmarkRecord[] }[]): {
  results: HyperfineResult[];
} {
  return {
    results: groups.map(({ name, records }) => {
      const times = records.map(({ durationMs }) => durationMs / 1000);
      const { median, min, max } = summarize(times);
      const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
      const squares = times.reduce((sum, time) => sum + (time - mean) ** 2, 0);
      return {
        command: name,
        mean,
        stddev: times.length > 1 ? Math.sqrt(squares / (times.length - 1)) : null,
        median,
        min,
        max,
        times,
        exit_codes: records.map(({ exitCode }) => exitCode),
      };
    }),
  };
}
