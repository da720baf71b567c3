// How long to wait before another attempt.

import type { Random } from './clock.ts';
import type { Retry } from './step.ts';

/**
 * Full jitter: a random time between 0 and the exponential bound, in ms.
 * Source: "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
 * @param attempt the attempt that has just failed, 1 for the first
 */
export function backoffMs(retry: Retry, attempt: number, random: Random): number {
  return random() * Math.min(retry.maxBackoffMs ?? 30_000, retry.backoffMs * 2 ** (attempt - 1));
}
