// How long a run usually takes, from the newest runs in the benchmark log that did the same and succeeded.

import { summarize } from '../base/statistics.ts';
import { ConfigError } from '../base/errors.ts';
import { listRuns } from './read.ts';
import type { RunHead } from './record.ts';

export interface Usual {
  /** Median in ms. */
  ms: number;
  /** How many runs that is of. */
  runs: number;
}

/** What counts as the same run. */
export type SameRun = Pick<RunHead, 'tool' | 'planHash' | 'found'>;

const NEWEST = 5;

/** undefined where there was none, and where there is no log yet. */
export async function usualTime(path: string, { tool, planHash, found }: SameRun): Promise<Usual | undefined> {
  const match = (head: RunHead): boolean =>
    head.outcome === 'done' && head.tool === tool && head.planHash === planHash && head.found === found;
  try {
    const { runs } = await listRuns(path, { last: NEWEST, match });
    if (runs.length === 0) return undefined;
    return { ms: summarize(runs.map(({ head }) => head.durationMs)).median, runs: runs.length };
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}
