// Values within documents: dotted paths, and the JSONPath of kubectl with its indexes, slices, unions and filters.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BadCheck } from '../../../../scripts/support/analyzers/base/check.ts';
import { atPath, jsonPath } from '../../../../scripts/support/analyzers/base/paths.ts';

const paths = suite('support/analyzers/base/paths');

const DOCUMENT = {
  a: { b: [{ c: 1 }, { c: 2 }], '0': 'zero', n: null },
  list: ['x', 'y', 'z'],
  items: [
    { name: 'one', n: 1, on: true, t: '5' },
    { name: 'two', n: 2, on: false },
    { name: 'three', n: 3, deep: { n: 2 } },
  ],
};

paths('dotted paths', () => {
  const table: [path: string, value: unknown][] = [
    ['', DOCUMENT],
    ['a.b.[0].c', 1],
    ['a.b[1].c', 2],
    ['a.b.1.c', 2],
    ['a.b[2].c', undefined],
    ['a.0', 'zero'],
    ['a.[0]', undefined],
    ['a.n', null],
    ['a.n.x', undefined],
    ['list.[2]', 'z'],
    ['list[3]', undefined],
    ['list.length', 3],
    ['a.toString', undefined],
    ['missing.b', undefined],
    ['list[0].x', undefined],
  ];
  for (const [path, value] of table) assert.equal(atPath(DOCUMENT, path), value, path);
});

paths('JSONPath: keys, indexes, slices, unions, descent', () => {
  const table: [path: string, values: unknown[]][] = [
    ['{.list[0]}', ['x']],
    ['{$.list[2]}', ['z']],
    ['{@.list[3]}', []],
    ['.list[-1]', ['z']],
    ['.list[-3]', ['x']],
    ['.list[-4]', []],
    ['.list[1:]', ['y', 'z']],
    ['.list[:1]', ['x']],
    ['.list[0:2]', ['x', 'y']],
    ['.list[-2:]', ['y', 'z']],
    ['.list[:-1]', ['x', 'y']],
    ['.list[*]', ['x', 'y', 'z']],
    ['.list[0,2]', ['x', 'z']],
    ['.a["b"][0].c', [1]],
    [".a['b','n']", [[{ c: 1 }, { c: 2 }], null]],
    ['.a[b][1].c', [2]],
    ['.a[0]', []],
    ['.a["0","1"]', ['zero']],
    ['..c', [1, 2]],
    ['..n', [null, 1, 2, 3, 2]],
    ['.items[*].name', ['one', 'two', 'three']],
    ['.items.*.name', ['one', 'two', 'three']],
    ['.list.x', []],
    ['.list[0].x', []],
    ['.list[0].*', []],
    ['.list[0][0]', []],
    ['.toString', []],
    ['.a["toString"]', []],
    ['{ .list[0] }', ['x']],
    ['list[0]', ['x']],
    ['.', [DOCUMENT]],
  ];
  for (const [path, values] of table) assert.equal(jsonPath(DOCUMENT, path), values, path);
  assert.equal(jsonPath({ 'a.b': 1, 'c]': 2 }, '.a\\.b'), [1]);
  assert.equal(jsonPath({ 'c]d': 2 }, '.["c]d"]'), [2]);
  assert.equal(jsonPath({ "c']": { x: 2 } }, `.["c']"].x`), [2]);
});

paths('JSONPath: filters', () => {
  const named = (filter: string): unknown[] => jsonPath(DOCUMENT, `{.items[?(${filter})].name}`);
  const table: [filter: string, names: string[]][] = [
    ['@.n==2', ['two']],
    ['@.n!=2', ['one', 'three']],
    ['@.n<2', ['one']],
    ['@.n<=2', ['one', 'two']],
    ['@.n>2', ['three']],
    ['@.n>=2', ['two', 'three']],
    ['@.n == 2.0', ['two']],
    ['@.name=="two"', ['two']],
    ["@.name=='two'", ['two']],
    ['@.name==two', ['two']],
    ['@.name>"p"', ['two', 'three']],
    ['@.on==true', ['one']],
    ['@.on==false', ['two']],
    ['@.on', ['one', 'two']],
    ['@.deep', ['three']],
    ['@.deep.n==2', ['three']],
    ['@.t==5', []],
    ['@.t=="5"', ['one']],
    ['@.t>4', []],
    ['@.missing', []],
    ['@.missing!=1', []],
    ['@.n==-1', []],
  ];
  for (const [filter, names] of table) assert.equal(named(filter), names, filter);
  assert.equal(jsonPath({ list: [{ a: [1, 2] }, { a: [3] }] }, '.list[?(@.a[0]==3)].a[0]'), [3]);
  assert.equal(jsonPath({ list: 'text' }, '.list[?(@.a)]'), []);
});

paths('what is no JSONPath is refused with the whole of it', () => {
  for (const [path, why] of [
    ['.a[0', '".a[0" is no JSONPath: [ without ]'],
    ['.a["]', '".a["]" is no JSONPath: [ without ]'],
    ['.a b', '".a b" is no JSONPath at " b"'],
    ['.a{', '".a{" is no JSONPath at "{"'],
  ] as const) {
    assert.throws(
      () => jsonPath(DOCUMENT, path),
      (error: unknown) => error instanceof BadCheck && error.message === why,
      path,
    );
  }
});

paths.run();
