// The functions of templates in specs, one by one, with the values that each is odd about.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fieldOf, functions } from '../../../scripts/support/templates/functions.ts';

const all = suite('support/templates/functions');

const call = (name: string, ...args: unknown[]): unknown => functions[name]?.(...args);

type Row = [name: string, args: unknown[], result: unknown];

function table(rows: readonly Row[]): void {
  for (const [name, args, result] of rows) assert.equal(call(name, ...args), result, `${name} ${JSON.stringify(args)}`);
}

all('comparisons and conditions', () => {
  table([
    ['eq', [1, 1], true],
    ['eq', [1, '1'], false],
    ['eq', [1, 2, 1], true],
    ['eq', [1, 2, 3], false],
    ['eq', ['a', 'a'], true],
    ['eq', [true, 'true'], true],
    ['eq', [[1], [1]], true],
    ['eq', [{ a: 1 }, { a: 2 }], false],
    ['ne', [1, 2], true],
    ['ne', [1, 1], false],
    ['lt', [1, 2], true],
    ['lt', [2, 2], false],
    ['le', [2, 2], true],
    ['le', [3, 2], false],
    ['gt', [2, 2], false],
    ['gt', [3, 2], true],
    ['ge', [2, 2], true],
    ['ge', [1, 2], false],
    ['lt', ['10', '9'], true],
    ['lt', ['10', 9], false],
    ['default', ['d', ''], 'd'],
    ['default', ['d', 0], 'd'],
    ['default', ['d', 'v'], 'v'],
    ['empty', [[]], true],
    ['empty', [[0]], false],
    ['coalesce', ['', 0, 'x', 'y'], 'x'],
    ['ternary', ['y', 'n', true], 'y'],
    ['ternary', ['y', 'n', false], 'n'],
    ['required', ['m', 0], 0],
    ['required', ['m', false], false],
  ]);
  for (const missing of [undefined, null, '']) assert.throws(() => call('required', 'no value', missing), /no value/);
  assert.throws(() => call('fail', 'stop'), /stop/);
});

all('texts', () => {
  table([
    ['quote', ['a"b', 1], '"a\\"b" "1"'],
    ['squote', ['a', 'b'], "'a' 'b'"],
    ['title', ['hello big world'], 'Hello Big World'],
    ['trimAll', ['-+', '-+a-b+-'], 'a-b'],
    ['trimAll', ['a', 'aaa'], ''],
    ['trimAll', ['', ' a '], ' a '],
    ['trimSuffix', ['.x', 'a.x'], 'a'],
    ['trimSuffix', ['.y', 'a.x'], 'a.x'],
    ['trimSuffix', ['', 'a'], 'a'],
    ['trimPrefix', ['a.', 'a.x'], 'x'],
    ['trimPrefix', ['b', 'a.x'], 'a.x'],
    ['trunc', [2, 'abc'], 'ab'],
    ['trunc', [0, 'abc'], ''],
    ['trunc', [-2, 'abc'], 'bc'],
    ['trunc', [9, 'abc'], 'abc'],
    ['substr', [1, 2, 'abc'], 'b'],
    ['substr', [-1, 2, 'abc'], 'ab'],
    ['substr', [1, -1, 'abc'], 'bc'],
    ['substr', [0, 0, 'abc'], ''],
    ['nospace', [' a b\t'], 'ab'],
    ['cat', ['a', 1, true], 'a 1 true'],
    ['replace', ['a', 'x', 'aba'], 'xbx'],
    ['contains', ['b', 'abc'], true],
    ['contains', ['d', 'abc'], false],
    ['hasPrefix', ['a', 'abc'], true],
    ['hasSuffix', ['a', 'abc'], false],
    ['repeat', [2, 'ab'], 'abab'],
    ['repeat', [-1, 'ab'], ''],
    ['repeat', [5000, 'a'], 'a'.repeat(1000)],
    ['indent', [2, 'a\nb'], '  a\n  b'],
    ['nindent', [1, 'a'], '\n a'],
    ['b64enc', ['é'], 'w6k='],
    ['b64dec', ['w6k='], 'é'],
    ['join', [',', ['a', 1]], 'a,1'],
    ['join', [',', 'a'], ''],
    ['split', ['.', 'a.b'], { _0: 'a', _1: 'b' }],
    ['splitList', ['.', 'a.b'], ['a', 'b']],
    ['toString', [undefined], ''],
    ['regexMatch', ['^a', 'ab'], true],
    ['regexFind', ['b+', 'abbc'], 'bb'],
    ['regexFind', ['x', 'abbc'], ''],
    ['regexReplaceAll', ['(b)', 'abb', '<$1>'], 'a<b><b>'],
    ['toYaml', [undefined], 'null'],
    ['toYaml', [{ a: [1] }], 'a:\n  - 1'],
    ['toJson', [undefined], 'null'],
    ['toJson', [{ a: 1 }], '{"a":1}'],
    ['toPrettyJson', [{ a: 1 }], '{\n  "a": 1\n}'],
    ['fromYaml', ['a: 1'], { a: 1 }],
    ['fromJson', ['{"a":1}'], { a: 1 }],
    ['sha1sum', ['a'], '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8'],
  ]);
  for (const [name, ...args] of [
    ['regexMatch', '(', 'x'],
    ['fromJson', '{'],
    ['fromYaml', 'a: ['],
  ])
    assert.throws(() => call(name ?? '', ...args), undefined, name);
});

all('lists and maps', () => {
  const map = { a: 1, b: { c: 2 } };
  table([
    ['list', [1, 2], [1, 2]],
    ['dict', ['a', 1, 'b', 2], { a: 1, b: 2 }],
    ['dict', ['a', 1, 'b'], { a: 1, b: undefined }],
    ['len', [undefined], 0],
    ['len', [null], 0],
    ['len', [[1, 2]], 2],
    ['index', [[5, 6], 1], 6],
    ['index', [map, 'b', 'c'], 2],
    ['index', [map, 'x', 'c'], undefined],
    ['index', [map, 'toString'], undefined],
    ['get', [map, 'a'], 1],
    ['get', [map, 'x'], ''],
    ['get', [map, 'toString'], ''],
    ['set', [{ a: 1 }, 'b', 2], { a: 1, b: 2 }],
    ['unset', [{ a: 1, b: 2 }, 'a'], { b: 2 }],
    ['pick', [map, 'a', 'x'], { a: 1 }],
    ['omit', [map, 'b'], { a: 1 }],
    ['hasKey', [map, 'a'], true],
    ['hasKey', [map, 'toString'], false],
    ['hasKey', [[1], '0'], false],
    ['keys', [map], ['a', 'b']],
    ['values', [map], [1, { c: 2 }]],
    ['dig', ['b', 'c', 'd', map], 2],
    ['dig', ['b', 'x', 'd', map], 'd'],
    ['dig', ['toString', 'd', map], 'd'],
    ['merge', [{ a: 1 }, { a: 2, b: 3 }], { a: 1, b: 3 }],
    ['mergeOverwrite', [{ a: 1 }, { a: 2, b: 3 }], { a: 2, b: 3 }],
    ['rest', [[1, 2, 3]], [2, 3]],
    ['initial', [[1, 2, 3]], [1, 2]],
    ['reverse', [[1, 2, 3]], [3, 2, 1]],
    ['first', [[1, 2]], 1],
    ['last', [[1, 2]], 2],
    ['append', [[1], 2], [1, 2]],
    ['prepend', [[1], 2], [2, 1]],
    ['concat', [[1], [2], 3], [1, 2]],
    ['without', [[1, 2, 3], 1, 3], [2]],
    ['uniq', [[1, 1, 2]], [1, 2]],
    ['compact', [[0, '', 'a', 1]], ['a', 1]],
    ['sortAlpha', [['b', 'a', 10, 9]], ['10', '9', 'a', 'b']],
    ['has', [1, [1, 2]], true],
    ['has', [3, [1, 2]], false],
    ['until', [3], [0, 1, 2]],
    ['until', [0], []],
    ['until', [-1], []],
    ['kindIs', ['map', {}], true],
    ['kindIs', ['map', []], false],
    ['kindOf', [[]], 'slice'],
    ['kindOf', ['a'], 'string'],
    ['kindOf', [true], 'bool'],
    ['kindOf', [1], 'float64'],
    ['kindOf', [undefined], 'invalid'],
    ['kindOf', [null], 'invalid'],
    ['deepCopy', [map], map],
  ]);
  assert.is((call('until', 20_000) as unknown[]).length, 10_000);
});

all('numbers', () => {
  table([
    ['int', ['7.9'], 7],
    ['int', [-7.9], -7],
    ['int', [true], 1],
    ['int', ['x'], 0],
    ['int', [undefined], 0],
    ['float64', ['7.9'], 7.9],
    ['add', [1, '2', 3], 6],
    ['add', [], 0],
    ['add1', [1], 2],
    ['sub', [5, 3], 2],
    ['mul', [2, 3, 4], 24],
    ['mul', [], 1],
    ['div', [7, 2], 3],
    ['div', [-7, 2], -3],
    ['div', [7, 0], 7],
    ['mod', [7, 4], 3],
    ['mod', [7, 0], 0],
    ['max', [1, 3, 2], 3],
    ['min', [3, 1, 2], 1],
    ['ceil', [1.2], 2],
    ['floor', [1.8], 1],
    ['round', [1.256, 2], 1.26],
    ['semverCompare', ['>=1.2', 'v1.3.0'], true],
    ['semverCompare', ['>=1.2', '1.1.0'], false],
    ['semverCompare', ['>=1.2.0', '1.3.0-rc.1'], true],
    ['lookup', [], {}],
  ]);
});

all('a field of what is no map is missing', () => {
  assert.is(fieldOf({ a: 1 }, 'a'), 1);
  assert.is(fieldOf({ a: 1 }, 'toString'), undefined);
  for (const value of ['text', 1, undefined, null, [1]]) assert.is(fieldOf(value, 'length'), undefined);
});

all('the rest of sprig that needs nothing but its arguments', () => {
  table([
    ['tuple', [1, 'a'], [1, 'a']],
    ['all', [1, 'a', 0], false],
    ['all', [1, 'a'], true],
    ['any', [0, '', 'a'], true],
    ['any', [0, ''], false],
    ['toStrings', [[1, true]], ['1', 'true']],
    ['pluck', ['a', { a: 1 }, { b: 2 }, { a: 3 }], [1, 3]],
    ['chunk', [2, [1, 2, 3]], [[1, 2], [3]]],
    ['mustChunk', [0, [1, 2]], [[1], [2]]],
    ['untilStep', [1, 6, 2], [1, 3, 5]],
    ['untilStep', [3, 0, -1], [3, 2, 1]],
    ['untilStep', [0, 5, 0], []],
    ['splitn', ['$', 2, 'a$b$c'], { _0: 'a', _1: 'b$c' }],
    ['splitn', ['$', 0, 'a$b'], {}],
    ['splitn', ['$', -1, 'a$b'], { _0: 'a', _1: 'b' }],
    ['plural', ['one', 'many', 1], 'one'],
    ['plural', ['one', 'many', 2], 'many'],
    ['untitle', ['Hello World'], 'hello world'],
    ['regexFindAll', ['[2,4,6]', '123456', -1], ['2', '4', '6']],
    ['regexFindAll', ['[2,4,6]', '123456', 2], ['2', '4']],
    ['mustRegexSplit', ['z+', 'pizza', -1], ['pi', 'a']],
    ['regexReplaceAllLiteral', ['a(x*)b', '-ab-axxb-', '${1}'], '-${1}-${1}-'],
    ['regexQuoteMeta', ['1.2.3'], '1\\.2\\.3'],
    ['addf', [1.5, 2, 2], 5.5],
    ['subf', [7.5, 2, 3], 2.5],
    ['mulf', [1.5, 2, 2], 6],
    ['divf', [10, 2, 4], 1.25],
    ['maxf', [1, 2.5], 2.5],
    ['minf', [1.5, 2], 1.5],
    ['biggest', [1, 3, 2], 3],
    ['base', ['/a/b.c/'], 'b.c'],
    ['base', [''], '.'],
    ['base', ['/'], '/'],
    ['dir', ['/a/b'], '/a'],
    ['dir', ['/a/b/'], '/a/b'],
    ['dir', ['a'], '.'],
    ['ext', ['a/.bashrc'], '.bashrc'],
    ['ext', ['a.d/b'], ''],
    ['osClean', ['a//b/../c/'], 'a/c'],
    ['osIsAbs', ['/a'], true],
    ['isAbs', ['a'], false],
    ['mustToJson', [{ a: 1 }], '{"a":1}'],
    ['fromJsonArray', ['[1]'], [1]],
  ]);
  assert.throws(() => call('mustFromJson', '{'));
});

all.run();
