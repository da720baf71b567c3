// How many requests may be under way: grown quickly while nothing speaks against it, carefully after that.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Limiter } from '../../../scripts/fleet/spoke/limiter.ts';

const test = suite('fleet/spoke/limiter');

const answers = (limiter: Limiter, count: number, ms: number): void => {
  for (let at = 0; at < count; at++) limiter.answered(ms);
};

test('the limit doubles with each round of answers until its bound, so that 600 objects are not a slow start', () => {
  const limiter = new Limiter({ start: 4, min: 1, max: 32 });
  answers(limiter, 4, 10);
  assert.is(limiter.limit, 8);
  answers(limiter, 8, 10);
  assert.is(limiter.limit, 16);
  answers(limiter, 100, 10);
  assert.is(limiter.limit, 32);
});

test('a server that asks for less, or gets three times slower, is from then on approached step by step', () => {
  const asked = new Limiter({ start: 16, min: 1, max: 64 });
  asked.throttled();
  assert.is(asked.limit, 8);
  answers(asked, 16, 10);
  assert.is(asked.limit, 9);
  const slower = new Limiter({ start: 16, min: 1, max: 32 });
  answers(slower, 32, 10);
  assert.is(slower.limit, 32);
  answers(slower, 32, 40);
  assert.is(slower.limit, 32, 'one late round may have been of this machine');
  answers(slower, 32, 40);
  assert.is(slower.limit, 25);
  answers(slower, 16, 10);
  assert.is(slower.limit, 26);
});

/** The limit after rounds of 32 answers with these mean times, once it has grown to 32. */
function limitAfter(...rounds: number[]): number {
  const limiter = new Limiter({ start: 32, min: 1, max: 32 });
  for (const ms of rounds) answers(limiter, 32, ms);
  return limiter.limit;
}

test('late is three times slower than the best round, and more than 25 ms', () => {
  assert.is(limitAfter(5, 25, 25, 25), 32);
  assert.is(limitAfter(5, 26, 26), 25);
  // The best drifts up by a thousandth a round.
  assert.is(limitAfter(10, 30, 30, 30), 32);
  assert.is(limitAfter(10, 31, 31), 25);
  assert.is(limitAfter(20, 50, 50, 50), 32);
  assert.is(limitAfter(100, 20, 61, 61), 25, 'the best is the least that was seen');
  assert.is(limitAfter(10, 40, 10, 40), 32, 'two rounds in a row');
});

test('where lowering has not helped it is not lowered again for a while, and where it has, it is', () => {
  const limiter = new Limiter({ start: 100, min: 1, max: 100 });
  const round = (ms: number): number => {
    answers(limiter, Math.max(16, limiter.limit), ms);
    return limiter.limit;
  };
  round(10);
  round(50);
  assert.is(round(50), 80);
  // Just as late: not our queue.
  const still = round(50);
  assert.ok(still >= 80, String(still));
  for (let at = 0; at < 15; at++) round(50);
  assert.ok(limiter.limit > still, 'grows meanwhile');
  const helped = new Limiter({ start: 100, min: 1, max: 100 });
  for (const ms of [10, 100, 100]) answers(helped, 100, ms);
  assert.is(helped.limit, 80);
  // A tenth faster at least, and still late: again, once two rounds say so.
  answers(helped, 85, 80);
  assert.is(helped.limit < 80, true);
});

test('after the server has asked for less the count of answers begins again', () => {
  const limiter = new Limiter({ start: 32, min: 4, max: 32 });
  limiter.throttled();
  answers(limiter, 15, 1);
  limiter.throttled();
  assert.is(limiter.limit, 8);
  answers(limiter, 15, 1);
  assert.is(limiter.limit, 8);
  answers(limiter, 1, 1);
  assert.is(limiter.limit, 9);
  for (let at = 0; at < 5; at++) limiter.throttled();
  assert.is(limiter.limit, 4, 'not below its least');
});

/** A fleet whose clusters answer after `ms`, of which a queue that is ours takes a part. */
function settledLimit(msAt: (limit: number) => number): number {
  const limiter = new Limiter({ start: 32, min: 4, max: 128 });
  answers(limiter, 200, 30);
  assert.is(limiter.limit, 128);
  let sum = 0;
  for (let at = 0; at < 8_000; at++) {
    limiter.answered(msAt(limiter.limit));
    if (at >= 4_000) sum += limiter.limit;
  }
  return sum / 4_000;
}

test('where answers stay late with fewer requests under way, the queue is not made of ours, and the limit comes back', () => {
  assert.ok(settledLimit(() => 150) > 120);
  // A server that works on 10 requests at a time for 30 ms each: the rest of what is sent waits there.
  const own = settledLimit((limit) => Math.max(30, limit * 3));
  assert.ok(own > 10 && own < 60, `${own}`);
});

test('what waits is let through in order, as many as there is room for', async () => {
  const limiter = new Limiter({ start: 2, min: 1, max: 2 });
  const order: number[] = [];
  const all = [1, 2, 3, 4].map(async (number) => {
    await limiter.acquire();
    order.push(number);
  });
  await Promise.resolve();
  assert.is(limiter.active, 2);
  limiter.release();
  limiter.release();
  await Promise.all(all);
  assert.equal(order, [1, 2, 3, 4]);
  assert.is(limiter.active, 2);
});

test.run();
