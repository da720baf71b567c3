import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { amount, count, duration, elapsed, fraction } from '../../scripts/progress/format.ts';

const test = suite('format');

test('durations', () => {
  const table: [number, string][] = [
    [0, '0 ms'],
    [0.4, '0 ms'],
    [999.4, '999 ms'],
    [999.5, '1.0 s'],
    [59_949, '59.9 s'],
    [59_950, '1 min 00 s'],
    [125_000, '2 min 05 s'],
    [3_599_600, '1 h 00 min'],
    [3_725_000, '1 h 02 min'],
  ];
  for (const [ms, text] of table) assert.is(duration(ms), text);
});

test('elapsed time of what still runs', () => {
  const table: [number, string][] = [
    [-5, '0.0 s'],
    [0, '0.0 s'],
    [59_949, '59.9 s'],
    [59_950, '1:00'],
    [125_000, '2:05'],
    [3_725_000, '1:02:05'],
    [35_999_000, '9:59:59'],
    [36_120_000, '10:02 h'],
  ];
  for (const [ms, text] of table) {
    assert.is(elapsed(ms), text);
    assert.ok(text.length <= 7);
  }
});

test('amounts', () => {
  assert.is(amount({ done: 3, total: 9, unit: 'items' }), '3/9');
  assert.is(amount({ done: 3 }), '3');
  assert.is(amount({ done: 100, total: 1000, unit: 'bytes' }), '100/1000 B');
  assert.is(amount({ done: 0, total: 98_304_000, unit: 'bytes' }), '0.0/93.8 MiB');
  assert.is(amount({ done: 1_572_864, unit: 'bytes' }), '1.5 MiB');
  assert.is(amount({ done: 0, unit: 'bytes' }), '0 B');
  assert.is(amount({ done: 2 ** 55, unit: 'bytes' }), '32768.0 TiB');
});

test('fractions stay between 0 and 1, and are unknown without a total', () => {
  assert.is(fraction({ done: 1, total: 4 }), 0.25);
  assert.is(fraction({ done: 5, total: 4 }), 1);
  assert.is(fraction({ done: -1, total: 4 }), 0);
  assert.is(fraction({ done: 1 }), undefined);
  assert.is(fraction({ done: 0, total: 0 }), undefined);
});

test('counts', () => {
  assert.is(count(1, 'step'), '1 step');
  assert.is(count(0, 'step'), '0 steps');
});

test.run();
