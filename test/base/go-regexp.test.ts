// Go's regular expressions on V8: where an error is, and no text that takes forever.

import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { character } from '../characters.ts';
import { draws } from '../draws.ts';
import { GoRegExp, GoRegExpError, watched } from '../../scripts/base/go-regexp.ts';

const own = suite('base: Go regular expressions');

own('an error names the place in the pattern', () => {
  const places: [string, number][] = [
    ['a(b', 1],
    ['ab)', 2],
    ['x**', 2],
    ['ab[c-a]', 3],
    ['a\\C', 1],
    ['ab(?=c)', 2],
    ['[[:wrong:]]', 1],
    ['é\\p{Nope}', 1],
  ];
  for (const [pattern, position] of places) {
    try {
      new GoRegExp(pattern);
      assert.unreachable(pattern);
    } catch (error) {
      assert.instance(error, GoRegExpError, pattern);
      assert.is((error as GoRegExpError).position, position, pattern);
      assert.match((error as GoRegExpError).message, `character ${position + 1}:`);
    }
  }
});

own('all matches, up to a limit; an empty one is never within a character, nor right behind a match', () => {
  const places = (pattern: string, text: string, limit?: number): [number, number][] =>
    new GoRegExp(pattern).findAll(text, limit).map(({ index, end }) => [index, end]);
  const each: [number, number][] = [
    [0, 1],
    [1, 2],
    [2, 3],
  ];
  for (const limit of [-1, 3, 4, undefined]) assert.equal(places('a', 'aaa', limit), each, String(limit));
  assert.equal([places('a', 'aaa', 0), places('a', 'aaa', 2)], [[], each.slice(0, 2)]);
  assert.equal(places('a*', 'aab'), [
    [0, 2],
    [3, 3],
  ]);
  // The first and the last halves that there are.
  for (const pair of ['\u{10000}', '\u{103ff}', '\u{10fc00}', '\u{10ffff}', '🙂'])
    assert.equal(places('x*', pair), [
      [0, 0],
      [2, 2],
    ]);
  assert.equal(places('x*', 'é\uffff'), [
    [0, 0],
    [1, 1],
    [2, 2],
  ]);
  assert.equal(places('', ''), [[0, 0]]);
});

own('counts of repetitions, up to a thousand', () => {
  for (const pattern of ['a{1000}', 'a{0,1000}', 'a{1000,}', 'a{2,2}', 'a{0}', 'a{2', 'a{,2}', 'a{02}'])
    assert.is(new GoRegExp(`^(?:${pattern})$`).test('b'), false, pattern);
  for (const pattern of ['a{1001}', 'a{0,1001}', 'a{1001,}', 'a{2,1}', 'a{1001,1002}']) {
    assert.throws(
      () => new GoRegExp(pattern),
      (error: unknown) => error instanceof GoRegExpError && error.message.includes('invalid repeat count'),
      pattern,
    );
  }
  assert.is(new GoRegExp('^a{2,3}$').test('aa'), true);
  assert.is(new GoRegExp('^a{2,3}$').test('aaaa'), false);
  assert.is(new GoRegExp('^a{,2}$').test('a{,2}'), true);
});

own('the linear engine says where a match begins and ends, and what its groups hold', () => {
  const hostile = new GoRegExp('(a+)+(b)?(c)', 20);
  const text = `xx${'a'.repeat(40)}c`;
  const found = hostile.find(text, 1);
  assert.equal([found?.index, found?.end, found?.groups[2], found?.groups[3]], [2, text.length, undefined, 'c']);
  assert.is(hostile.find('a'.repeat(40)), undefined);
});

own('a pattern that backtracks without end is matched by the linear engine', () => {
  const hostile = `${'a'.repeat(60)}!`;
  assert.is(new GoRegExp('^(a+)+$').test(hostile), false);
  assert.is(new GoRegExp('^(?:a|a|aa)+$').test(hostile), false);
  const polynomial = new GoRegExp('.*a.*a.*a.*b$', 20);
  assert.is(polynomial.test('a'.repeat(3000)), false);
  assert.is(polynomial.test(`${'a'.repeat(3000)}b`), true);
  const nested = new GoRegExp('(x+x+)+y', 20);
  assert.is(
    watched(20, () => nested.test('x'.repeat(50)), nested),
    false,
  );
});

own('a quoted text matches itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: character }), (text) => {
      fc.pre(!/[\ud800-\udfff]/u.test(text));
      const [match] = new GoRegExp(text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')).findAll(
        `x${text}`.slice(text === '' ? 1 : 0),
      );
      assert.is(match?.groups[0], text === '' ? '' : text);
    }),
    { numRuns: draws(300) },
  );
});

own.run();
