// How long a cluster waits before it is tried again.

import type { Random } from '../../engine/clock.ts';

/** Hive's: 5 ms, doubling to 1,000 s. */
const START_MS = 5;
const END_MS = 1_000_000;

/** Of a cluster that does not answer, or asks for less: probes are cheap, and it may be back any moment. */
const PROBE_START_MS = 1_000;
const PROBE_END_MS = 300_000;

/** @param failures in a row, at least 1. Half of the bound is kept, so that a failing cluster never spins. */
export function retryAfterMs(failures: number, random: Random): number {
  return Math.min(END_MS, START_MS * 2 ** Math.min(failures - 1, 30)) * (0.5 + random() / 2);
}

/** Full jitter: a thousand clusters behind one broken router must not come back as one. */
export function probeAfterMs(failures: number, random: Random): number {
  return Math.max(100, random() * Math.min(PROBE_END_MS, PROBE_START_MS * 2 ** Math.min(failures - 1, 20)));
}

/** The time to the next look at a cluster that is as wanted: within [interval, 1.1 × interval], drawn again each time. */
export function verifyAfterMs(intervalMs: number, random: Random): number {
  return intervalMs * (1 + 0.1 * random());
}
