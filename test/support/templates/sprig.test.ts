// Sprig's rarer functions, one by one, at their bounds and as Go's library has them.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { functions } from '../../../scripts/support/templates/functions.ts';
import { aliases, more, refused } from '../../../scripts/support/templates/sprig.ts';

const test = suite('support/templates/sprig');

type Row = readonly [name: string, args: readonly unknown[], result: unknown];

function table(rows: readonly Row[]): void {
  for (const [name, args, result] of rows)
    assert.equal(more[name]?.(...args), result, `${name} ${JSON.stringify(args)}`);
}

test('paths, as those of Go', () => {
  table([
    ['base', ['/a/b.c'], 'b.c'],
    ['base', ['a/b/'], 'b'],
    ['base', [''], '.'],
    ['base', ['/'], '/'],
    ['dir', ['/a/b'], '/a'],
    ['dir', ['/a/b/'], '/a/b'],
    ['dir', ['a'], '.'],
    ['dir', ['/'], '/'],
    ['dir', ['/a'], '/'],
    ['ext', ['a/b.tar.gz'], '.gz'],
    ['ext', ['a.b/c'], ''],
    ['ext', ['a.'], '.'],
    ['clean', ['/a/../b//c/'], '/b/c'],
    ['clean', [''], '.'],
    ['clean', ['/'], '/'],
    ['clean', ['a/'], 'a'],
    ['isAbs', ['/a'], true],
    ['isAbs', ['a/'], false],
    ['osBase', ['/a/b'], 'b'],
    ['osIsAbs', ['/a'], true],
  ]);
});

test('numbers: whole ones and others', () => {
  table([
    ['add1f', [1.5], 2.5],
    ['addf', [1.5, 2, 0.25], 3.75],
    ['addf', [], 0],
    ['subf', [5, 1.5, 1], 2.5],
    ['subf', [5], 5],
    ['mulf', [1.5, 2, 2], 6],
    ['mulf', [], 1],
    ['divf', [9, 2, 3], 1.5],
    ['maxf', [1, 2.5, 2], 2.5],
    ['minf', [1.5, 1, 2], 1],
    ['biggest', [1, 3, 2], 3],
    ['plural', ['one', 'many', 1], 'one'],
    ['plural', ['one', 'many', 0], 'many'],
    ['plural', ['one', 'many', 2], 'many'],
  ]);
});

test('steps and chunks', () => {
  table([
    ['untilStep', [0, 5, 2], [0, 2, 4]],
    ['untilStep', [0, 4, 2], [0, 2]],
    ['untilStep', [3, 0, -1], [3, 2, 1]],
    ['untilStep', [0, 3, 0], []],
    ['untilStep', [0, 3, -1], []],
    ['untilStep', [3, 3, 1], []],
    ['chunk', [2, [1, 2, 3, 4, 5]], [[1, 2], [3, 4], [5]]],
    ['chunk', [5, [1, 2]], [[1, 2]]],
    ['chunk', [0, [1, 2]], [[1], [2]]],
    ['chunk', [2, []], []],
  ]);
  assert.is((more['untilStep']?.(0, 1e9, 1) as unknown[]).length, 10_000);
});

test('texts in parts', () => {
  const parts = (...texts: string[]): Record<string, string> =>
    Object.fromEntries(texts.map((text, at) => [`_${at}`, text]));
  table([
    ['splitn', ['$', 2, 'a$b$c'], parts('a', 'b$c')],
    ['splitn', ['$', 3, 'a$b$c'], parts('a', 'b', 'c')],
    ['splitn', ['$', 4, 'a$b$c'], parts('a', 'b', 'c')],
    ['splitn', ['$', 1, 'a$b$c'], parts('a$b$c')],
    ['splitn', ['$', 0, 'a$b'], {}],
    ['splitn', ['$', -1, 'a$b$c'], parts('a', 'b', 'c')],
    ['untitle', ['Hello Big World'], 'hello big world'],
    ['untitle', ['HELLO'], 'hELLO'],
    ['toStrings', [[1, true, 'x']], ['1', 'true', 'x']],
    ['tuple', [1, 'a'], [1, 'a']],
  ]);
  assert.match(String(more['sha512sum']?.('x')), /^a4abd4448c49562d828115d13a1fccea/);
});

test('all, any, and values of many maps', () => {
  table([
    ['all', [1, 'x', true], true],
    ['all', [1, ''], false],
    ['all', [], true],
    ['any', [0, '', 'x'], true],
    ['any', [0, ''], false],
    ['any', [], false],
    ['pluck', ['a', { a: 1 }, { b: 2 }, { a: 3 }], [1, 3]],
    ['pluck', ['toString', {}], []],
  ]);
});

test('regular expressions', () => {
  table([
    ['regexFindAll', ['[a-z]', 'a1b2c3', -1], ['a', 'b', 'c']],
    ['regexFindAll', ['[a-z]', 'a1b2c3', 2], ['a', 'b']],
    ['regexFindAll', ['x', 'abc', -1], []],
    ['regexSplit', ['[0-9]', 'a1b2c', -1], ['a', 'b', 'c']],
    ['regexSplit', ['[0-9]', 'a1b2c', 2], ['a', 'b2c']],
    ['regexReplaceAllLiteral', ['a(x*)b', '-ab-axxb-', '${1}'], '-${1}-${1}-'],
    ['regexQuoteMeta', ['1.2+[x]'], '1\\.2\\+\\[x\\]'],
  ]);
});

test('other names are those of functions, and each that is refused says which one it is', () => {
  for (const [name, own] of Object.entries(aliases)) assert.type(functions[own], 'function', `${name}: ${own}`);
  assert.is(functions['mustRegexFindAll'], functions['regexFindAll']);
  for (const [name, one] of Object.entries(refused))
    assert.throws(() => one(), new RegExp(`^the function "${name}" is not supported in specs$`));
});

test.run();
