// Weak edges, steps that run whatever happens, failures that are echoes, and what a failure leaves running.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CreationError, InterruptedError } from '../../scripts/base/errors.ts';
import { GivenUpError, type StepsFailedError } from '../../scripts/engine/errors.ts';
import type { Step } from '../../scripts/engine/step.ts';
import { FakeClock } from '../doubles/clock.ts';
import { outcomes, play, takes } from './play.ts';

const test = suite('engine: after, always, given up');

const fails = (name: string, more: Partial<Step> = {}): Step => ({
  name,
  run: () => {
    throw new CreationError(`${name} broke`);
  },
  ...more,
});
const messages = (error: unknown): string[] => (error as StepsFailedError).errors.map((e) => `${e.step}: ${e.message}`);

test('a weak edge waits for the end of a step, however that was', async () => {
  const clock = new FakeClock();
  const { run, error } = await play(
    [
      fails('index', { optional: true }),
      takes(clock, 'slow', 30, { needs: ['index'], optional: true }),
      takes(clock, 'hook', 5, { after: ['slow', 'other'] }),
      takes(clock, 'other', 20),
    ],
    { clock },
  );
  assert.is(error, undefined);
  assert.equal(outcomes(run), { index: 'warned', slow: 'skipped', other: 'done', hook: 'done' });
  assert.is(run.wallMs, 25);
});

test('a weak edge starts nothing once a failure has stopped the run', async () => {
  const { run } = await play([fails('a'), { name: 'b', after: ['a'], run: () => assert.unreachable() }]);
  assert.equal(outcomes(run), { a: 'failed', b: 'skipped' });
  assert.match(run.steps.find((s) => s.name === 'b')?.reason ?? '', 'not started because "a" failed');
});

test('a step for clean-up runs after a failure, once all that it waits for has ended', async () => {
  const clock = new FakeClock();
  const { run, error } = await play(
    [
      fails('a'),
      takes(clock, 'server', 30),
      takes(clock, 'never', 1, { needs: ['a'] }),
      takes(clock, 'remove', 5, { needs: ['server', 'never'], always: true, pool: 'one' }),
    ],
    { clock, pools: { one: 1 } },
  );
  assert.equal(messages(error), ['a: a broke']);
  assert.equal(outcomes(run), { a: 'failed', never: 'skipped', server: 'done', remove: 'done' });
  assert.is(run.wallMs, 35);
});

test('a step for clean-up runs after a cancellation, with a signal of its own', async () => {
  const clock = new FakeClock();
  const abort = new AbortController();
  const { run, error } = await play(
    [
      takes(clock, 'server', 1000),
      { name: 'ctrl-c', run: () => abort.abort(new InterruptedError('SIGINT')) },
      takes(clock, 'remove', 40, { after: ['server'], always: true }),
    ],
    { clock, signal: abort.signal, graceMs: 10 },
  );
  assert.is((error as InterruptedError).exitCode, 130);
  assert.equal(outcomes(run), { 'ctrl-c': 'done', server: 'cancelled', remove: 'done' });
  assert.is(run.wallMs, 40, 'the grace of aborted steps is not its own');
});

test('a clean-up that fails is one more failure; its own timeout still holds', async () => {
  const clock = new FakeClock();
  const { error } = await play(
    [fails('a'), takes(clock, 'remove', 1000, { needs: ['a'], always: true, timeoutMs: 50 })],
    { clock },
  );
  assert.equal(messages(error), ['a: a broke', 'remove: took longer than 0.05 s']);
});

test('an echo of another failure is not reported beside it', async () => {
  const clock = new FakeClock();
  const echo: Step = {
    name: 'api',
    run: () => {
      throw new GivenUpError('the cluster was not created', 'create');
    },
  };
  const create: Step = {
    name: 'create',
    run: async ({ signal }) => {
      await clock.sleep(10, signal);
      throw new CreationError('no such image');
    },
  };
  const { run, error } = await play([echo, create], { clock });
  assert.equal(messages(error), ['create: no such image']);
  assert.is((error as StepsFailedError).exitCode, 5);
  assert.equal(outcomes(run), { api: 'given-up', create: 'failed' });
});

test('an echo without its cause fails the run all the same', async () => {
  const echo: Step = {
    name: 'api',
    run: () => {
      throw new GivenUpError('the cluster was not created', 'create');
    },
  };
  const { run, error } = await play([echo, { name: 'create', run: () => undefined }]);
  assert.is(run.outcome, 'failed');
  assert.equal(messages(error), ['api: the cluster was not created']);
});

test('by option, a failure only skips what needs it, and the rest goes on', async () => {
  const clock = new FakeClock();
  const { run, error } = await play(
    [
      fails('a'),
      takes(clock, 'b', 10, { needs: ['a'] }),
      takes(clock, 'c', 10, { needs: ['b'] }),
      takes(clock, 'd', 10),
      takes(clock, 'e', 10, { needs: ['d'], after: ['c'] }),
      fails('f', { needs: ['e'] }),
    ],
    { clock, onFailure: 'continue' },
  );
  assert.equal(outcomes(run), { a: 'failed', b: 'skipped', c: 'skipped', d: 'done', e: 'done', f: 'failed' });
  assert.equal(messages(error), ['a: a broke', 'f: f broke']);
  assert.is(run.outcome, 'failed');
});

test('a total deadline counts all attempts and the waits between them', async () => {
  const clock = new FakeClock();
  const tries: number[] = [];
  const { run, error } = await play(
    [
      {
        name: 'pull',
        timeoutMs: 40,
        totalTimeoutMs: 100,
        retry: { attempts: 10, backoffMs: 20, maxBackoffMs: 20 },
        run: ({ signal, attempt }) => {
          tries.push(attempt);
          return clock.sleep(1000, signal);
        },
      },
    ],
    { clock },
  );
  assert.equal(tries, [1, 2]);
  assert.is(run.wallMs, 100);
  assert.equal(messages(error), ['pull: took longer than 0.1 s in all']);
});

test('a wait that the total deadline does not allow is not begun', async () => {
  const clock = new FakeClock();
  const { run, error } = await play([fails('pull', { totalTimeoutMs: 50, retry: { attempts: 3, backoffMs: 60 } })], {
    clock,
  });
  assert.is(run.wallMs, 0);
  assert.equal(messages(error), ['pull: took longer than 0.05 s in all; last: pull broke']);
});

test.run();
