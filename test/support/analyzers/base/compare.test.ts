// Comparisons: operators, words, counts, Kubernetes quantities and Go's durations, at their boundaries.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  compareCount,
  goDuration,
  holds,
  operator,
  order,
  quantity,
  units,
  wantedQuantity,
  words,
} from '../../../../scripts/support/analyzers/base/compare.ts';

const compare = suite('support/analyzers/base/compare');

compare('each spelling of an operator, below, at and above', () => {
  const table: [spelling: string, below: boolean, at: boolean, above: boolean][] = [
    ['=', false, true, false],
    ['==', false, true, false],
    ['===', false, true, false],
    ['!=', true, false, true],
    ['!==', true, false, true],
    ['<>', true, false, true],
    ['<', true, false, false],
    ['<=', true, true, false],
    ['>', false, false, true],
    ['>=', false, true, true],
  ];
  for (const [spelling, below, at, above] of table) {
    const sign = operator(spelling);
    assert.equal([holds(sign, -1), holds(sign, 0), holds(sign, 1)], [below, at, above], spelling);
  }
  for (const wrong of ['=>', '', 'toString', '====']) assert.throws(() => operator(wrong), /is no operator/, wrong);
});

compare('words of a condition', () => {
  assert.equal(words('  a   >  1 ', 3), ['a', '>', '1']);
  assert.equal(words('> 1', 2, 3), ['>', '1']);
  assert.throws(() => words('a', 2, 3), /"a" has 1 words, not 2 or 3/);
  assert.throws(() => words('', 1), /has 0 words, not 1/);
});

compare('counts', () => {
  assert.is(compareCount(3, '>', '2'), true);
  assert.is(compareCount(3, '>', '3'), false);
  assert.is(compareCount(3, '=', '+3'), true);
  assert.is(compareCount(-3, '<', '-2'), true);
  for (const wrong of ['3.5', 'x', '', '3 '])
    assert.throws(() => compareCount(3, '>', wrong), /is no whole number/, wrong);
});

compare('quantities are exact', () => {
  const one = 10n ** 9n;
  const table: [text: string, billionths: bigint | undefined][] = [
    ['0', 0n],
    ['1', one],
    ['+1', one],
    ['-1', -one],
    ['1.5', (3n * one) / 2n],
    ['.5', one / 2n],
    ['5.', 5n * one],
    ['1n', 1n],
    ['1u', 1_000n],
    ['100m', one / 10n],
    ['1k', 1_000n * one],
    ['1M', 1_000_000n * one],
    ['1G', 10n ** 9n * one],
    ['1T', 10n ** 12n * one],
    ['1P', 10n ** 15n * one],
    ['1E', 10n ** 18n * one],
    ['1Ki', 1024n * one],
    ['1Mi', 1024n ** 2n * one],
    ['1Gi', 1024n ** 3n * one],
    ['1Ti', 1024n ** 4n * one],
    ['1Pi', 1024n ** 5n * one],
    ['1Ei', 1024n ** 6n * one],
    ['0.5Gi', 512n * 1024n ** 2n * one],
    ['1e3', 1_000n * one],
    ['1E3', 1_000n * one],
    ['1e-3', one / 1000n],
    ['1.5e1', 15n * one],
    ['0.1n', 1n],
    ['0.0000000011', 2n],
    ['-0.1n', -1n],
    [' 7 ', 7n * one],
    ['', undefined],
    ['.', undefined],
    ['Gi', undefined],
    ['1 Gi', undefined],
    ['1K', undefined],
    ['1ki', undefined],
    ['1e3Gi', undefined],
    ['one', undefined],
  ];
  for (const [text, billionths] of table) assert.is(quantity(text), billionths, text);
  assert.is(wantedQuantity('2'), 2n * one);
  assert.throws(() => wantedQuantity('x'), /"x" is no quantity/);
  assert.is(units(2.4), 2n * one);
  assert.is(units(2.5), 3n * one);
  assert.equal([order(1n, 2n), order(2n, 2n), order(3n, 2n)], [-1, 0, 1]);
});

compare('durations of Go in ns', () => {
  const table: [text: string, ns: number][] = [
    ['0', 0],
    ['1ns', 1],
    ['1us', 1e3],
    ['1µs', 1e3],
    ['1μs', 1e3],
    ['1ms', 1e6],
    ['1s', 1e9],
    ['1m', 60e9],
    ['1h', 3600e9],
    ['1.5s', 1.5e9],
    ['.5s', 0.5e9],
    ['1h2m3s', 3723e9],
    ['-1s', -1e9],
    ['+1s', 1e9],
  ];
  for (const [text, ns] of table) assert.is(goDuration(text), ns, text);
  for (const wrong of ['', '1', 's', '1d', '1s ', '1sx', '--1s'])
    assert.throws(() => goDuration(wrong), /is no duration/, wrong);
});

compare.run();
