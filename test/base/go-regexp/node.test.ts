// What a syntax tree says of its expression: whether V8 finds the same, how it may backtrack, and its spelling.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { countsWithin, loops, risky, toSource, unfaithful, type Node } from '../../../scripts/base/go-regexp/node.ts';
import { parse } from '../../../scripts/base/go-regexp/parse.ts';

const nodes = suite('base/go-regexp/node');

const root = (pattern: string): Node => parse(pattern).root;

nodes('where V8 would not find the same', () => {
  const nothing = 'repeats what can match nothing';
  const unset = 'repeats a group that not every turn sets';
  const table: [pattern: string, reason: string | undefined][] = [
    ['a*', undefined],
    ['(a)*', undefined],
    ['(?:a?)*', nothing],
    ['(?:a*)+', nothing],
    ['(?:|a){2}', nothing],
    ['(?:^)*', nothing],
    ['(?:a?b)*', undefined],
    ['(?:a?){1}', undefined],
    ['(?:a?)?', undefined],
    ['(?:a?){0,2}', nothing],
    ['(?:(a)|b)*', unset],
    ['(?:(a)|b)?', undefined],
    ['(?:(a)?b)*', unset],
    ['(?:(a)*b)*', unset],
    ['(?:(a)+b)*', undefined],
    ['(?:(a){2}b)*', undefined],
    ['(?:((?:a|b))c)*', undefined],
    ['(?:(?:a|b)c)*', undefined],
    ['((a)|b)*', unset],
    ['x|(?:a?)*', nothing],
    ['x((?:a?)*)', nothing],
    ['(?:b(?:a?)*)?', nothing],
    ['ab|c', undefined],
  ];
  for (const [pattern, reason] of table) assert.is(unfaithful(root(pattern))?.reason, reason, pattern);
  assert.is(unfaithful(root('xy(?:a?)*'))?.position, 8);
});

nodes('a loop with a choice within is risky', () => {
  const table: [pattern: string, risk: boolean][] = [
    ['a*', false],
    ['(?:ab)*', false],
    ['(?:a+)*', true],
    ['(?:a+){3}', false],
    ['(?:a+){4}', true],
    ['(?:a|b)*', true],
    ['(?:a{2})*', false],
    ['(?:a{2,3})*', true],
    ['(?:(a?)b)*', true],
    ['(?:x(?:a|b))*', true],
    ['x|(?:a+)*', true],
    ['((?:a+)*)', true],
    ['(?:(?:a+)*)?', true],
    ['^$', false],
  ];
  for (const [pattern, risk] of table) assert.is(risky(root(pattern)), risk, pattern);
});

nodes('how many loops without a bound are in a row', () => {
  const table: [pattern: string, count: number][] = [
    ['abc', 0],
    ['^', 0],
    ['a*', 1],
    ['a*b+', 2],
    ['a{30}', 0],
    ['a{31}', 1],
    ['a{2,}', 1],
    ['a*|b*c*', 2],
    ['(a*)', 1],
    ['(?:a*b)*', 2],
    ['(?:a*){2}', 1],
  ];
  for (const [pattern, count] of table) assert.is(loops(root(pattern)), count, pattern);
});

nodes('nested counts multiply', () => {
  const table: [pattern: string, limit: number, within: boolean][] = [
    ['abc', 0, true],
    ['^', 0, true],
    ['a{3}', 3, true],
    ['a{3}', 2, false],
    ['a{2,3}', 3, true],
    ['a{2,3}', 2, false],
    ['a{3,}', 3, true],
    ['a{3,}', 2, false],
    ['(?:a{2}){3}', 6, true],
    ['(?:a{2}){3}', 5, false],
    ['(?:(a{2})b){3}', 5, false],
    ['(?:a{2}|b){3}', 6, true],
    ['a{3}|b', 2, false],
    ['(?:a{9}){0}', 1, true],
    ['(?:a{2})*', 2, true],
    ['(?:a{3})*', 2, false],
    ['(?:a{2}){0,}', 2, true],
    ['(?:a{2}){0,}', 1, false],
    ['(?:a{2}){1}', 2, true],
    ['a*', 0, true],
  ];
  for (const [pattern, limit, within] of table)
    assert.is(countsWithin(root(pattern), limit), within, `${pattern} ${limit}`);
});

nodes("V8's spelling", () => {
  const table: [pattern: string, source: string][] = [
    ['ab|c', 'ab|c'],
    ['(a|b)c', '(a|b)c'],
    ['(?:a|b)c', '(?:a|b)c'],
    ['a*', 'a*'],
    ['a+', 'a+'],
    ['a?', 'a?'],
    ['a*?', 'a*?'],
    ['a+?', 'a+?'],
    ['a??', 'a??'],
    ['a{2}', 'a{2}'],
    ['a{2}?', 'a{2}?'],
    ['a{2,}', 'a{2,}'],
    ['a{2,5}', 'a{2,5}'],
    ['a{0,1}', 'a?'],
    ['a{1}', 'a{1}'],
    ['a{0,}', 'a*'],
    ['a{1,}', 'a+'],
    ['(?:ab)*', '(?:ab)*'],
    ['(ab)*', '(ab)*'],
    ['(?:a*)?', '(?:(?:a*)|)'],
    ['(?:a*)??', '(?:|a*)'],
    ['(a*)?', '(?:(a*)|)'],
    ['(?:^)?', '(?:(?:^)|)'],
    ['.', '[^\\n]'],
    ['(?s).', '[^]'],
    ['(?m)^a$', '(?<![^\\n])a(?![^\\n])'],
    ['^a$', '^a$'],
    ['\\A\\z\\b\\B', '^$\\b\\B'],
    ['(?U)a+', 'a+?'],
    ['(?U)a+?', 'a+'],
    ['{', '\\{'],
    ['a{,2}', 'a\\{,2\\}'],
    ['/', '\\/'],
    ['\\Qa.b\\E.', 'a\\.b[^\\n]'],
  ];
  for (const [pattern, source] of table) assert.is(toSource(root(pattern)), source, pattern);
});

nodes.run();
