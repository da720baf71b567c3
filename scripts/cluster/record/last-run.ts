// The newest record of a cluster in the benchmark log.

import { resolve } from 'node:path';
import { listRuns, readRuns } from '../../records/read.ts';
import type { BenchmarkRecord } from '../../records/record.ts';

type LastRun = Pick<BenchmarkRecord, 'id' | 'startedAt' | 'outcome' | 'durationMs'>;

/** Among the newest 50 runs; undefined where none of them was of this cluster, and where there is no log. */
export async function lastRunOfCluster(logDir: string, name: string, cwd: string): Promise<LastRun | undefined> {
  const match = ({ tool }: { tool: string }): boolean => tool === 'up';
  const { runs } = await listRuns(resolve(cwd, logDir), { last: 50, match }).catch(() => ({ runs: [] }));
  const { records } = await readRuns(runs);
  const found = records.findLast((record) => record.cluster.name === name);
  if (!found) return undefined;
  const { id, startedAt, outcome, durationMs } = found;
  return { id, startedAt, outcome, durationMs };
}
