import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { globToRegExp } from '../../scripts/base/glob.ts';

const glob = suite('globs');

/** Pattern, what it matches, what it does not. */
const CASES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['a/*.txt', ['a/b.txt', 'a/.txt'], ['a/b/c.txt', 'a/b.txt.gz', 'xa/b.txt']],
  ['a/**', ['a/b', 'a/b/c', 'a/'], ['b/a/c']],
  ['**/c', ['a/b/c', '/c'], ['c', 'a/c/d']],
  ['a/***/b', ['a/x/y/b'], ['a/b']],
  ['*a*b', ['ab', 'xayb'], ['xyb', 'b']],
  ['**a/**', ['xa/y', 'a/'], ['x/y']],
  ['?.md', ['a.md'], ['ab.md', '/.md', '.md']],
  ['{a,b}/c', ['a/c', 'b/c'], ['a,b/c', 'a', 'c']],
  ['{a,{b,c}}d', ['ad', 'bd', 'cd'], ['d', 'a']],
  // Outside of braces a comma and a closing brace are themselves.
  ['a,b', ['a,b'], ['a', 'b']],
  ['a}b', ['a}b'], ['ab']],
  // An open brace ends with the pattern.
  ['{a,b', ['a', 'b'], ['{a,b']],
  ['[ab]c', ['ac', 'bc'], ['c', 'cc', '[ab]c']],
  ['[!ab]c', ['cc'], ['ac', 'bc']],
  ['[^ab]c', ['cc', '!c'], ['ac']],
  ['[]a]x', [']x', 'ax'], ['bx']],
  ['[a-c]', ['b'], ['d', '-']],
  // Without its end it is a bracket.
  ['[ab', ['[ab'], ['a']],
  ['[]', ['[]'], ['']],
  ['[]]', [']'], ['', '[]]']],
  ['x[]a', ['x[]a'], ['xa']],
  ['[a]', ['a'], ['[a]', '']],
  ['a\\*b', ['a*b'], ['axb', 'a\\*b']],
  ['a\\', ['a\\'], ['a']],
  ['a.b+(c)|^$', ['a.b+(c)|^$'], ['axb+(c)|^$', 'a.bb(c)']],
  ['', [''], ['a']],
];

for (const [pattern, matching, others] of CASES) {
  glob(`${JSON.stringify(pattern)} matches as in Go's gobwas/glob`, () => {
    const expression = globToRegExp(pattern);
    assert.equal(
      [...matching, ...others].filter((path) => expression.test(path)),
      matching,
    );
  });
}

glob('a set whose range is backwards is a syntax error', () => {
  assert.throws(
    () => globToRegExp('[c-a]'),
    (error: unknown) => error instanceof SyntaxError,
  );
});

glob.run();
