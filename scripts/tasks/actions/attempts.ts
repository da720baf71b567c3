// Attempts of an action: how many, with which pauses, and the one deadline over all of them.

import { setTimeout as sleep } from 'node:timers/promises';
import { TimeoutError, messageOf } from '../../base/errors.ts';
import { backoffMs } from '../../engine/backoff.ts';
import type { Action } from '../file/model.ts';
import type { Entry } from './ledger.ts';

export interface AttemptOptions {
  action: Action;
  entry: Entry;
  signal: AbortSignal;
  /** Where the action gives no limit, in ms. */
  defaultTimeoutMs?: number | undefined;
  /** Whether an error is worth another attempt; by default all are. */
  again?: (error: unknown) => boolean;
}

/** @throws TimeoutError where the deadline passed; else what the last attempt threw */
export async function withAttempts<T>(
  options: AttemptOptions,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { action, entry, signal, defaultTimeoutMs, again = () => true } = options;
  const limitMs = action.timeoutMs ?? defaultTimeoutMs;
  const attempts = action.retry?.attempts ?? (action.maxRetries ?? 0) + 1;
  const deadline = limitMs === undefined ? { signal, release: () => undefined } : deadlineAfter(limitMs, signal);
  try {
    for (let tried = 1; ; tried++) {
      deadline.signal.throwIfAborted();
      entry.attempt();
      try {
        return await attempt(deadline.signal);
      } catch (error) {
        deadline.signal.throwIfAborted();
        if (tried >= attempts || !again(error)) throw error;
        const pauseMs =
          action.retry === undefined
            ? 0
            : backoffMs({ attempts, backoffMs: action.retry.backoffMs }, tried, Math.random);
        entry.retrying(pauseMs, messageOf(error));
        await sleep(pauseMs, undefined, { signal: deadline.signal }).catch(() => deadline.signal.throwIfAborted());
      }
    }
  } finally {
    deadline.release();
  }
}

function deadlineAfter(limitMs: number, signal: AbortSignal): { signal: AbortSignal; release: () => void } {
  const deadline = new AbortController();
  const forward = (): void => deadline.abort(signal.reason);
  if (signal.aborted) forward();
  signal.addEventListener('abort', forward, { once: true });
  const over = (): void => deadline.abort(new TimeoutError(`took longer than ${limitMs / 1000} s`));
  const timer = setTimeout(over, limitMs);
  return {
    signal: deadline.signal,
    release() {
      clearTimeout(timer);
      signal.removeEventListener('abort', forward);
    },
  };
}
