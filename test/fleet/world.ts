// Fleets for tests: a runner over sets from plain objects and clusters that are copies of a server.

import type { Clock } from '../../scripts/engine/clock.ts';
import { systemClock } from '../../scripts/engine/clock.ts';
import { type ClusterRecord, Runner, type RunnerOptions } from '../../scripts/fleet/runner.ts';
import type { Fleet } from '../../scripts/fleet/sources/source.ts';

export * from './objects.ts';

export const defaults: RunnerOptions = {
  clock: systemClock,
  random: Math.random,
  workers: 16,
  perCluster: 16,
  intervalMs: 7_200_000,
  attempts: 1,
  requestMs: 10_000,
  passMs: 60_000,
  dryRun: false,
  strict: false,
  policy: { max: { share: 0.5 }, confirmed: false, kinds: new Set() },
};

/** One pass over a fleet, without anything remembered from before. */
export async function syncOnce(
  fleet: Fleet,
  options: Partial<RunnerOptions> & { clock?: Clock } = {},
): Promise<ClusterRecord[]> {
  const runner = new Runner(fleet, { ...defaults, ...options });
  try {
    await runner.once(new AbortController().signal);
  } finally {
    runner.close();
  }
  return [...runner.records.values()];
}

/** The only record; fails the test where there are more. */
export async function syncOne(
  fleet: Fleet,
  options: Partial<RunnerOptions> = {},
): Promise<ClusterRecord & { result: NonNullable<ClusterRecord['result']> }> {
  const records = await syncOnce(fleet, options);
  const [record] = records;
  if (records.length !== 1 || record?.result === undefined) {
    throw new Error(`expected one result: ${JSON.stringify(records.map(({ state, reason }) => [state, reason]))}`);
  }
  return { ...record, result: record.result };
}
