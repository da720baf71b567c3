// Values with Go's meaning: what is true, how it prints and what a range goes over; the results are those of Go 1.26.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CallError } from '../../../scripts/base/go-template/template-errors.ts';
import { isGoMap, kindOf, ranged, show, truth, valueOf } from '../../../scripts/base/go-template/values.ts';

const test = suite('base/go-template/values');

test('empty is false, whatever its kind', () => {
  for (const value of ['', 0, false, null, undefined, [], {}, new Map()]) assert.is(truth(value), false, show(value));
  for (const value of ['a', 1, -1, true, [0], { a: 0 }, new Map([['a', 0]])])
    assert.is(truth(value), true, show(value));
});

test('kinds', () => {
  const kinds = [undefined, null, [], {}, new Map(), 'a', 1, true].map(kindOf);
  assert.equal(kinds, ['nil', 'nil', 'list', 'map', 'map', 'string', 'number', 'boolean']);
  assert.equal([undefined, null, [], {}, new Map(), 'a'].map(isGoMap), [false, false, false, true, true, false]);
});

test('a key of a map is its own', () => {
  assert.is(valueOf({ a: 1 }, 'a'), 1);
  assert.is(valueOf({ a: 1 }, 'constructor'), undefined);
  assert.is(valueOf(new Map([['a', 1]]), 'a'), 1);
  assert.is(valueOf(new Map(), 'size'), undefined);
});

test('%v', () => {
  const table: [value: unknown, text: string][] = [
    ['a', 'a'],
    [undefined, '<nil>'],
    [null, '<nil>'],
    [true, 'true'],
    [10n, '10'],
    [['a', 1, [2], null], '[a 1 [2] <nil>]'],
    [{ b: 1, a: { c: 'd' } }, 'map[a:map[c:d] b:1]'],
    [
      new Map([
        ['z', 1],
        ['b', 3],
        ['m', 2],
      ]),
      'map[b:3 m:2 z:1]',
    ],
    [0, '0'],
    [-3, '-3'],
    [123456789, '123456789'],
    [100000000000000000000, '100000000000000000000'],
    [1e21, '1e+21'],
    [1.5e22, '1.5e+22'],
    [0.5, '0.5'],
    [-2.25, '-2.25'],
    [0.0001, '0.0001'],
    [0.00012, '0.00012'],
    [0.00009999, '9.999e-05'],
    [-1e21, '-1e+21'],
    [999999999999999900000, '999999999999999900000'],
    [123456.75, '123456.75'],
    [NaN, 'NaN'],
    [0.00001, '1e-05'],
    [-0.000025, '-2.5e-05'],
    [1e-10, '1e-10'],
  ];
  for (const [value, text] of table) assert.is(show(value), text);
  assert.is(show([undefined], 'nil'), '[nil]', 'another word for nil holds within lists, too');
  assert.is(show({ a: undefined }, 'nil'), 'map[a:nil]');
});

test('a range over a list, a map in the order of its keys, a number, nothing', () => {
  assert.equal(ranged(['a', 'b']), [
    [0, 'a'],
    [1, 'b'],
  ]);
  assert.equal(ranged({ b: 1, c: 0, a: 2 }), [
    ['a', 2],
    ['b', 1],
    ['c', 0],
  ]);
  assert.equal(
    ranged(
      new Map([
        ['b', 1],
        ['a', 2],
      ]),
    ),
    [
      ['a', 2],
      ['b', 1],
    ],
  );
  assert.equal(ranged(2), [
    [0, 0],
    [1, 1],
  ]);
  assert.equal([ranged(0), ranged(-1), ranged(null), ranged(undefined)], [[], [], [], []]);
  assert.is(ranged(99_999).length, 99_999);
  for (const value of [1.5, 100_000, 'abc', true])
    assert.throws(
      () => ranged(value),
      (e: unknown) => e instanceof CallError,
    );
});

test.run();
