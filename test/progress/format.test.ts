// How far a step is.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { amount, fraction } from '../../scripts/progress/format.ts';

const test = suite('progress/format');

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

test.run();
