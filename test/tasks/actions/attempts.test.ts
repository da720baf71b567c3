// Attempts of an action: how many, what is worth another one, and the one deadline over all of them.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TimeoutError } from '../../../scripts/base/errors.ts';
import { type AttemptOptions, withAttempts } from '../../../scripts/tasks/actions/attempts.ts';
import type { Entry } from '../../../scripts/tasks/actions/ledger.ts';
import type { Action } from '../../../scripts/tasks/file/model.ts';

const attempts = suite('tasks: attempts');

type Given = Pick<Action, 'maxRetries' | 'retry' | 'timeoutMs'> & Partial<AttemptOptions>;

/** Attempts that fail so often: what was noted of them, and how it ended. */
async function tried(failures: number, given: Given = {}, work?: (signal: AbortSignal) => Promise<void>) {
  const pauses: number[] = [];
  let begun = 0;
  const entry: Pick<Entry, 'attempt' | 'retrying'> = {
    attempt: () => {
      begun++;
    },
    retrying: (delayMs) => void pauses.push(delayMs),
  };
  const { maxRetries, retry, timeoutMs, ...options } = given;
  const all = { signal: new AbortController().signal, ...options, entry: entry as Entry };
  const ended = await withAttempts({ ...all, action: { maxRetries, retry, timeoutMs } as Action }, async (signal) => {
    await work?.(signal);
    if (begun <= failures) throw new Error(`failure ${begun}`);
    return 'good';
  }).catch((error: unknown) => error as Error);
  return { ended: ended instanceof Error ? ended.message : ended, error: ended, begun, pauses };
}

attempts('as many as are asked for, and the error of the last one', async () => {
  for (const [failures, given, begun, ended] of [
    [9, {}, 1, 'failure 1'],
    [0, {}, 1, 'good'],
    [9, { maxRetries: 0 }, 1, 'failure 1'],
    [9, { maxRetries: 2 }, 3, 'failure 3'],
    [2, { maxRetries: 2 }, 3, 'good'],
    [9, { retry: { attempts: 2, backoffMs: 0 } }, 2, 'failure 2'],
    [9, { retry: { attempts: 1, backoffMs: 0 }, maxRetries: 5 }, 1, 'failure 1'],
  ] as const) {
    const got = await tried(failures, given);
    assert.equal([got.begun, got.ended], [begun, ended], JSON.stringify(given));
    assert.is(got.pauses.length, begun - 1);
  }
});

attempts('what is not worth another attempt ends them', async () => {
  const again = (error: unknown): boolean => error instanceof Error && error.message !== 'failure 2';
  const { begun, ended } = await tried(9, { maxRetries: 5, again });
  assert.equal([begun, ended], [2, 'failure 2']);
});

attempts('retries pause, at random up to a bound; the older maxRetries do not', async () => {
  assert.equal((await tried(2, { maxRetries: 2 })).pauses, [0, 0]);
  const { pauses } = await tried(3, { retry: { attempts: 4, backoffMs: 0.001 } });
  assert.is(pauses.length, 3);
  for (const [at, pauseMs] of pauses.entries()) assert.ok(pauseMs > 0 && pauseMs <= 0.001 * 2 ** at, `${pauseMs}`);
});

/** Until it is stopped; the timer keeps the process alive meanwhile. */
const hang = (signal: AbortSignal): Promise<void> =>
  new Promise((_, reject) => {
    const alive = setInterval(() => undefined, 1_000);
    const stop = (): void => {
      clearInterval(alive);
      reject(new Error('was stopped'));
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });

attempts('one deadline over all of them, by the action before the default', async () => {
  for (const given of [{ timeoutMs: 20 }, { timeoutMs: 20, defaultTimeoutMs: 60_000 }, { defaultTimeoutMs: 20 }]) {
    const { ended, error, begun } = await tried(9, { maxRetries: 5, ...given }, hang);
    assert.equal([ended, begun], ['took longer than 0.02 s', 1]);
    assert.instance(error, TimeoutError);
  }
});

attempts('the deadline ends the pause between two of them, too', async () => {
  const retry = { attempts: 9, backoffMs: 1e9 };
  const alive = setInterval(() => undefined, 1_000);
  const { ended, begun } = await tried(9, { retry, timeoutMs: 20 });
  clearInterval(alive);
  assert.equal([ended, begun], ['took longer than 0.02 s', 1]);
});

attempts(
  'an end from outside is the error, before, within and between attempts, with a deadline or without',
  async () => {
    for (const limit of [{}, { timeoutMs: 60_000 }]) {
      const stop = new AbortController();
      const within = tried(9, { maxRetries: 5, signal: stop.signal, ...limit }, (signal) => {
        stop.abort(new Error('no longer wanted'));
        return hang(signal);
      });
      assert.equal([(await within).ended, (await within).begun], ['no longer wanted', 1]);
      const before = await tried(9, { maxRetries: 5, signal: stop.signal, ...limit });
      assert.equal([before.ended, before.begun], ['no longer wanted', 0]);
      const later = new AbortController();
      const retry = { attempts: 9, backoffMs: 1e9 };
      const between = tried(9, { retry, signal: later.signal, ...limit }, () => {
        setTimeout(() => later.abort(new Error('too late')), 5);
        return Promise.resolve();
      });
      assert.equal([(await between).ended, (await between).begun], ['too late', 1]);
    }
  },
);

attempts('nothing stays behind: no timer, and nothing that listens', async () => {
  const stop = new AbortController();
  const listening = new Set<unknown>();
  const { signal } = stop;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...given: Parameters<typeof add>): void => {
    listening.add(given[1]);
    add(...given);
  };
  signal.removeEventListener = (...given: Parameters<typeof remove>): void => {
    listening.delete(given[1]);
    remove(...given);
  };
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  await tried(0, { signal, timeoutMs: 60_000 });
  assert.is(listening.size, 0);
  assert.ok(timers() <= before);
});

attempts.run();
