// The queue of clusters: oldest first, each once and never twice at a time, and what becomes of it when it ends.

import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Queue } from '../../../scripts/fleet/queue/queue.ts';
import { FakeClock } from '../../doubles/clock.ts';

const test = suite('fleet/queue/queue');

const never = new AbortController().signal;

/** Lets everything happen that can without the clock. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Running {
  started: string[];
  ended: Promise<void>;
  /** Ends the work on a cluster, with the ms until it is due again. */
  end: (id: string, after?: number) => Promise<void>;
}

/** Runs the queue until nothing is in it any more. */
function start(
  queue: Queue,
  { signal = never, most = Infinity }: { signal?: AbortSignal; most?: number } = {},
): Running {
  const started: string[] = [];
  const open = new Map<string, (after: number | undefined) => void>();
  const ended = queue.run({
    signal,
    mayStart: () => open.size < most,
    until: () => queue.size === 0,
    work: (id) =>
      new Promise((resolve) => {
        started.push(id);
        open.set(id, resolve);
      }),
  });
  ended.catch(() => undefined);
  const end = (id: string, after?: number): Promise<void> => {
    const resolve = open.get(id);
    open.delete(id);
    resolve?.(after);
    return settled();
  };
  return { started, ended, end };
}

test('what is due comes in the order of its time, what is not yet due waits for it', async () => {
  const clock = new FakeClock();
  const queue = new Queue(clock);
  for (const [id, delay] of [
    ['c', 30],
    ['a', 10],
    ['d', 40],
    ['b', 20],
  ] as const)
    queue.add(id, delay);
  assert.equal([queue.size, queue.depth], [4, 0]);
  const { started, end } = start(queue);
  await settled();
  assert.equal(started, []);
  clock.advance(20);
  await settled();
  assert.equal(started, ['a', 'b']);
  assert.equal([queue.size, queue.depth, queue.running], [2, 0, 2]);
  await end('a');
  clock.advance(20);
  await settled();
  assert.equal(started, ['a', 'b', 'c', 'd']);
});

test('the order holds for any times', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(50), { minLength: 1, maxLength: 40 }), async (delays) => {
      const clock = new FakeClock();
      const queue = new Queue(clock);
      for (const [at, delay] of delays.entries()) queue.add(String(at), delay);
      clock.advance(100);
      const seen: number[] = [];
      await queue.run({
        signal: never,
        mayStart: () => queue.running === 0,
        until: () => queue.size === 0,
        work: (id) => Promise.resolve(void seen.push(delays[Number(id)] ?? 0)),
      });
      assert.equal(
        seen,
        delays.toSorted((a, b) => a - b),
      );
    }),
    { numRuns: 60 },
  );
});

test('named twice it is run once, at the earlier time; postponed, at the later one', async () => {
  const clock = new FakeClock();
  const queue = new Queue(clock);
  queue.add('a', 10);
  queue.add('a', 50);
  queue.add('b', 50);
  queue.add('b', 10);
  queue.add('c', 10);
  queue.postpone('c', 50);
  assert.is(queue.size, 3);
  const { started, ended, end } = start(queue);
  clock.advance(10);
  await settled();
  assert.equal(started, ['a', 'b']);
  await end('a');
  await end('b');
  clock.advance(40);
  await settled();
  assert.equal(started, ['a', 'b', 'c']);
  await end('c');
  await ended;
});

test('named while it runs, it runs again afterwards, once, and never at the same time', async () => {
  const clock = new FakeClock();
  clock.advance(1_000);
  const queue = new Queue(clock);
  queue.add('a');
  const { started, ended, end } = start(queue);
  await settled();
  queue.add('a', 20);
  queue.add('a', 5);
  queue.add('a', 30);
  queue.postpone('a', 1);
  assert.equal([started, queue.size], [['a'], 0]);
  await end('a', 100);
  assert.is(queue.size, 1, 'the earlier of both times');
  clock.advance(4);
  await settled();
  assert.equal(started, ['a']);
  clock.advance(1);
  await settled();
  assert.equal(started, ['a', 'a']);
  await end('a');
  await ended;
});

test('work says when the cluster is due again; one that was removed is not run', async () => {
  const clock = new FakeClock();
  const queue = new Queue(clock);
  queue.add('a');
  queue.add('b', 10);
  const { started, ended, end } = start(queue);
  await settled();
  queue.add('a', 7);
  queue.remove('a');
  queue.remove('b');
  await end('a', 20);
  clock.advance(10);
  await settled();
  assert.equal(started, ['a']);
  clock.advance(10);
  await settled();
  assert.equal(started, ['a', 'a']);
  await end('a');
  await ended;
});

test('no more than may start; a nudge looks again', async () => {
  const clock = new FakeClock();
  const queue = new Queue(clock);
  for (const [at, id] of ['a', 'b', 'c'].entries()) queue.add(id, at);
  clock.advance(5);
  const { started, ended, end } = start(queue, { most: 2 });
  await settled();
  assert.equal([started, queue.depth], [['a', 'b'], 1]);
  queue.nudge();
  await settled();
  assert.is(started.length, 2);
  await end('b');
  assert.equal(started, ['a', 'b', 'c']);
  await end('a');
  await end('c');
  await ended;
});

test('stopped: what runs is waited for, nothing new starts, and the reason is what it ends with', async () => {
  const queue = new Queue(new FakeClock());
  queue.add('a');
  queue.add('b', 1_000);
  const abort = new AbortController();
  const { started, ended, end } = start(queue, { signal: abort.signal });
  await settled();
  abort.abort(new Error('stop'));
  let over = false;
  ended.then(undefined, () => (over = true));
  await settled();
  assert.is(over, false);
  await end('a', 5);
  const reason = await ended.catch((error: unknown) => (error as Error).message);
  assert.equal([reason, started], ['stop', ['a']]);
});

test('work that throws ends it, once the others have ended', async () => {
  const queue = new Queue(new FakeClock());
  queue.add('a');
  queue.add('b');
  let finished = false;
  const message = await queue
    .run({
      signal: never,
      mayStart: () => true,
      until: () => false,
      async work(id) {
        if (id === 'a') throw new Error('broken');
        await settled();
        await settled();
        finished = true;
        return undefined;
      },
    })
    .catch((error: unknown) => (error as Error).message);
  assert.equal([message, finished, queue.running], ['broken', true, 0]);
});

test.run();
