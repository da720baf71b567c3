// From a run's step records: the chain that decided its length, and how much ran in parallel.

import type { StepRecord } from './step.ts';

/** Names of the steps from the first to the last to end, each waiting for the one before it. */
export function criticalPath(records: readonly StepRecord[]): string[] {
  const ran = new Map(records.filter((r) => r.startedMs !== undefined).map((r) => [r.name, r]));
  let current = latest(ran.values());
  const path: string[] = [];
  while (current) {
    path.push(current.name);
    current = latest(current.needs.flatMap((need) => ran.get(need) ?? []));
  }
  return path.reverse();
}

function latest(records: Iterable<StepRecord>): StepRecord | undefined {
  let last: StepRecord | undefined;
  for (const record of records) if (!last || record.endedMs > last.endedMs) last = record;
  return last;
}

/** Sum of the steps' running times over the wall time; 1 means that nothing overlapped. */
export function parallelGain(records: readonly StepRecord[], wallMs: number): number {
  if (wallMs <= 0) return 1;
  const sum = records.reduce((ms, r) => ms + ranMs(r), 0);
  return sum / wallMs;
}

/** How long a step itself ran, in ms. */
export function ranMs({ ownMs, startedMs, endedMs }: Pick<StepRecord, 'ownMs' | 'startedMs' | 'endedMs'>): number {
  return ownMs ?? endedMs - (startedMs ?? endedMs);
}
