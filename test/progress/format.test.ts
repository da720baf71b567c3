// How far a step is.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { amount, fraction, left } from '../../scripts/progress/format.ts';

const test = suite('progress/format');

test('what is left is no more exact than a guess', () => {
  const table: [number | undefined, string][] = [
    [undefined, ''],
    [0, 'about 5 s left'],
    [18_000, 'about 20 s left'],
    [25_000, 'about 25 s left'],
    [25_001, 'about 30 s left'],
    [54_999, 'about 55 s left'],
    [55_000, 'about 1 min left'],
    [60_001, 'about 2 min left'],
    [3_540_000, 'about 59 min left'],
    [3_540_001, 'about 1.0 h left'],
    [233_000, 'about 4 min left'],
    [5_400_000, 'about 1.5 h left'],
  ];
  for (const [leftMs, text] of table) assert.is(left({ done: 1, leftMs }), text);
});

test('amounts', () => {
  assert.is(amount({ done: 3, total: 9, unit: 'packages' }), '3/9 packages');
  assert.is(amount({ done: 3, unit: 'modules' }), '3 modules');
  assert.is(amount({ done: 3, total: 9, unit: 'items' }), '3/9');
  assert.is(amount({ done: 3 }), '3 done');
  assert.is(amount({ done: 3, unit: 'items' }), '3 items');
  assert.is(amount({ done: 0, waitsFor: 'pid 7' }), 'waiting for pid 7');
  assert.is(
    amount({ done: 3, total: 9, unit: 'packages', leftMs: 18_000, waitsFor: 'the build of etcd' }),
    'waiting for the build of etcd: 3/9 packages, about 20 s left',
  );
  assert.is(amount({ done: 0, total: 0, unit: 'bytes' }), '0/0 B');
  assert.is(amount({ done: 1, total: 9, waitsFor: 'x' }), 'waiting for x: 1/9');
  assert.is(amount({ done: 1, leftMs: 18_000, waitsFor: 'x' }), 'waiting for x', 'of how many is not known');
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
  assert.is(fraction({ done: 0, total: 0.5 }), 0);
});

test.run();
