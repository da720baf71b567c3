// One attempt of a step: how it ends by itself, by its limit, by its run, and where it ignores all of them.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TimeoutError } from '../../scripts/base/errors.ts';
import { type AttemptOptions, runAttempt } from '../../scripts/engine/attempt.ts';
import { FakeClock } from '../doubles/clock.ts';

const test = suite('engine/attempt');

interface Played {
  /** What failed; `none` where nothing did. */
  error: unknown;
  /** Whether somebody may still abandon it. */
  abandonable: boolean;
}

async function attempt(
  work: AttemptOptions['work'],
  act: (clock: FakeClock, run: AbortController, abandon: () => void) => void = () => undefined,
  limit: AttemptOptions['limit'] = { ms: 100, message: 'too late' },
): Promise<Played> {
  const clock = new FakeClock();
  const run = new AbortController();
  let abandon: (() => void) | undefined;
  const abandonBy = (one: (() => void) | undefined): void => void (abandon = one);
  const running = runAttempt({ work, signal: run.signal, limit, graceMs: 50, clock, abandonBy });
  act(clock, run, () => abandon?.());
  const failure = await running;
  return { error: failure === undefined ? 'none' : failure.error, abandonable: abandon !== undefined };
}
const own = new Error('own');

test('work that ends or fails by itself', async () => {
  assert.equal(await attempt(() => Promise.resolve()), { error: 'none', abandonable: false });
  assert.equal(await attempt(() => Promise.reject(own)), { error: own, abandonable: false });
  assert.equal(
    await attempt(() => {
      throw own;
    }),
    { error: own, abandonable: false },
  );
});

test('a limit that passes fails it, however it ends then, and at last though it does not', async () => {
  const late = (work: AttemptOptions['work'], ms: number): Promise<Played> =>
    attempt(work, (clock) => clock.advance(ms));
  const works: AttemptOptions['work'][] = [
    () => Promise.resolve(),
    () => Promise.reject(own),
    (signal) => signal.throwIfAborted(),
  ];
  for (const work of works) {
    const { error, abandonable } = await late(work, 100);
    assert.instance(error, TimeoutError);
    assert.equal([(error as Error).message, abandonable], ['too late', false]);
    assert.is((await late(work, 99)).error === own, work === works[1]);
  }
  const { error } = await late(() => new Promise(() => undefined), 150);
  assert.is((error as Error).message, 'too late');
});

test('without a limit it is given the signal of the run', async () => {
  let given: AbortSignal | undefined;
  const clock = new FakeClock();
  const { signal } = new AbortController();
  const work = (one: AbortSignal): void => void (given = one);
  const failure = await runAttempt({ work, signal, limit: undefined, graceMs: 1, clock, abandonBy: () => undefined });
  assert.equal([failure, given === signal], [undefined, true]);
});

test('a run that ends counts for more than a limit that passes meanwhile', async () => {
  const { error } = await attempt(
    () => Promise.reject(own),
    (_clock, run) => run.abort(new TimeoutError('the run')),
  );
  assert.is(error, own);
});

test('what ignores everything is abandoned', async () => {
  const { error } = await attempt(
    () => new Promise(() => undefined),
    (_clock, _run, abandon) => abandon(),
  );
  assert.match((error as Error).message, 'it ignored the cancellation');
});

test.run();
