// How the flags become a runner's options.

import type { RunnerOptions } from '../../../fleet/runner.ts';
import type { PassFlags } from './options.ts';

/** ms for one request, and for one pass over a cluster. */
const REQUEST_MS = 30_000;
const PASS_MS = 600_000;

/** Requests under way to one cluster at most. */
const PER_CLUSTER = 32;

export function runnerOptions(options: PassFlags): Omit<RunnerOptions, 'clock'> {
  return {
    random: Math.random,
    workers: options.workers,
    perCluster: PER_CLUSTER,
    intervalMs: options.intervalMs,
    attempts: options.attempts,
    requestMs: REQUEST_MS,
    passMs: PASS_MS,
    dryRun: options.dryRun,
    strict: options.strict,
    policy: options.policy,
  };
}
