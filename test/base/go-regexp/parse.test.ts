// Reading Go's syntax: the spelling of each character, names and numbers of groups, and each refusal with its place.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { toSource } from '../../../scripts/base/go-regexp/node.ts';
import { GoRegExpError, parse } from '../../../scripts/base/go-regexp/parse.ts';

const reading = suite('base/go-regexp/parse');

const source = (pattern: string): string => toSource(parse(pattern).root);

reading('characters', () => {
  const table: [pattern: string, spelled: string][] = [
    ['\u001f', '\\u{1f}'],
    [' ', ' '],
    ['!', '!'],
    ['~', '~'],
    ['\u007f', '\\u{7f}'],
    ['é', '\\u{e9}'],
    ['𝒜', '\\u{1d49c}'],
    ['\\a\\f\\n\\r\\t\\v', '\\u{7}\\u{c}\\u{a}\\u{d}\\u{9}\\u{b}'],
    ['\\.\\/\\-\\~\\ ', '\\.\\/-~ '],
    ['\\x41\\x{1d49c}\\x{10ffff}', 'A\\u{1d49c}\\u{10ffff}'],
    ['\\101\\0\\07\\012\\0123', 'A\\u{0}\\u{7}\\u{a}\\u{a}3'],
    ['\\12', '\\u{a}'],
    ['(?i)a', '[Aa]'],
    ['(?i)k', '[Kk\\u{212a}]'],
    ['(?i)9', '[9]'],
    ['\\Q(*\\E+', '\\(\\*+'],
    ['\\Qa', 'a'],
    ['\\Q\\E', ''],
    ['a}', 'a\\}'],
  ];
  for (const [pattern, spelled] of table) assert.is(source(pattern), spelled, pattern);
});

reading('classes', () => {
  const table: [pattern: string, spelled: string][] = [
    ['[abc]', '[a-c]'],
    ['[^ab]', '[^a-b]'],
    ['[]a]', '[\\u{5d}a]'],
    ['[^]a]', '[^\\u{5d}a]'],
    ['[a-]', '[\\u{2d}a]'],
    ['[-a]', '[\\u{2d}a]'],
    ['[/09:@AZ[`az{]', '[\\u{2f}-09-\\u{3a}\\u{40}-AZ-\\u{5b}\\u{60}-az-\\u{7b}]'],
    ['[\\]]', '[\\u{5d}]'],
    ['[\\n-\\r]', '[\\u{a}-\\u{d}]'],
    ['[a\\-z]', '[\\u{2d}az]'],
    ['[\\d_]', '[0-9\\u{5f}]'],
    ['[\\D]', '[\\u{0}-\\u{2f}\\u{3a}-\\u{10ffff}]'],
    ['[[:digit:]x]', '[0-9x]'],
    ['[[:^digit:]]', '[\\u{0}-\\u{2f}\\u{3a}-\\u{10ffff}]'],
    ['[[:x]', '[\\u{3a}\\u{5b}x]'],
    ['\\d', '[0-9]'],
    ['\\s', '[\\u{9}-\\u{a}\\u{c}-\\u{d}\\u{20}]'],
    ['\\W', '[\\u{0}-\\u{2f}\\u{3a}-\\u{40}\\u{5b}-\\u{5e}\\u{60}\\u{7b}-\\u{10ffff}]'],
    ['\\pL', '[\\p{L}]'],
    ['\\PL', '[\\P{L}]'],
    ['\\p{^L}', '[\\P{L}]'],
    ['\\P{^L}', '[\\p{L}]'],
    ['[\\pLx]', '[\\p{L}x]'],
    ['(?i)\\p{Any}', '[\\p{Any}]'],
    ['(?i)\\P{Assigned}', '[\\P{Assigned}]'],
    ['(?i)[b-c]', '[B-Cb-c]'],
    ['(?i)[^b]', '[^Bb]'],
  ];
  for (const [pattern, spelled] of table) assert.is(source(pattern), spelled, pattern);
  assert.is(source('(?i)\\p{Zl}'), '[\\u{2028}]');
});

reading('flags hold to the end of their group', () => {
  const table: [pattern: string, spelled: string][] = [
    ['(?i:a)a', '[Aa]a'],
    ['((?i)a)a', '([Aa])a'],
    ['(?i)a(?-i)a', '[Aa]a'],
    ['(?s-i:.a).', '[^]a[^\\n]'],
    ['(?im)^a', '(?<![^\\n])[Aa]'],
    ['(?U)a*(?-U)a*', 'a*?a*'],
    ['(?i)a|b', '[Aa]|[Bb]'],
  ];
  for (const [pattern, spelled] of table) assert.is(source(pattern), spelled, pattern);
});

reading('groups: names, numbers, and the pattern without names', () => {
  const { names, unnamed } = parse('(a)(?P<n>b)(?:c)(?<m>d(e))');
  assert.equal(names, ['', '', 'n', 'm', '']);
  assert.is(unnamed, '(a)(b)(?:c)(d(e))');
  assert.equal(parse('(?P<n>a)(?P<n>b)').names, ['', 'n', 'n'], 'Go takes a name twice');
  assert.is(parse('ab').unnamed, 'ab');
});

reading('each refusal with its place and its reason', () => {
  const table: [pattern: string, position: number, reason: string][] = [
    ['a(b', 1, 'missing closing )'],
    ['(a)(b(c)', 3, 'missing closing )'],
    ['ab)', 2, 'unexpected )'],
    ['x(?P<a', 1, 'invalid named capture: `(?P<a`'],
    ['x(?P<>a)', 1, 'invalid named capture: `(?P<>`'],
    ['x(?P<a-b>c)', 1, 'invalid named capture: `(?P<a-b>`'],
    ['x(?=a)', 1, 'invalid or unsupported Perl syntax: `(?=`'],
    ['(?i', 0, 'invalid or unsupported Perl syntax: `(?i`'],
    ['(?i-)', 0, 'invalid or unsupported Perl syntax: `(?i-)`'],
    ['(?i--s)', 0, 'invalid or unsupported Perl syntax: `(?i--`'],
    ['(?-)', 0, 'invalid or unsupported Perl syntax: `(?-)`'],
    ['ab**', 3, 'invalid nested repetition operator: `*`'],
    ['ab*{2}', 3, 'invalid nested repetition operator: `{2}`'],
    ['ab??+', 4, 'invalid nested repetition operator: `+`'],
    ['a|*?', 2, 'missing argument to repetition operator: `*?`'],
    ['*', 0, 'missing argument to repetition operator: `*`'],
    ['({2})', 1, 'missing argument to repetition operator: `{2}`'],
    ['a{1001}', 1, 'invalid repeat count: `{1001}`'],
    ['a{1,1001}', 1, 'invalid repeat count: `{1,1001}`'],
    ['a{1001,}', 1, 'invalid repeat count: `{1001,}`'],
    ['a{2,1}', 1, 'invalid repeat count: `{2,1}`'],
    ['(?:a{7}){143}', 8, 'invalid repeat count: `{143}`'],
    ['(?:a{1000}){1,2}', 11, 'invalid repeat count: `{1,2}`'],
    ['(?:a{1000}){2,}', 11, 'invalid repeat count: `{2,}`'],
    ['(?:a{40}){40}?', 9, 'invalid repeat count: `{40}?`'],
    ['ab\\', 2, 'trailing backslash at end of expression'],
    ['ab\\q', 2, 'invalid escape sequence: `\\q`'],
    ['ab\\é', 2, 'invalid escape sequence: `\\é`'],
    ['ab\\8', 2, 'invalid escape sequence: `\\8`'],
    ['\\1', 0, 'invalid escape sequence: `\\1`'],
    ['\\x{110000}', 0, 'invalid escape sequence: `\\x`'],
    ['a\\C', 1, 'invalid escape sequence: `\\C` (a single byte)'],
    ['a\\p', 1, 'invalid character class range: `\\p`'],
    ['a\\p{L', 1, 'invalid character class range: `\\p{L`'],
    ['a\\p{Nope}b', 1, 'invalid character class range: `\\p{Nope}`'],
    ['a\\pXb', 1, 'invalid character class range: `\\pX`'],
    ['a[b', 1, 'missing closing ]: `[b`'],
    ['a[b-', 1, 'missing closing ]: `[b-`'],
    ['a[', 1, 'missing closing ]: `[`'],
    ['a[c-b]', 2, 'invalid character class range: `c-b`'],
    ['a[b[:no:]]', 3, 'invalid character class range: `[:no:]`'],
    ['a[b\\', 3, 'trailing backslash at end of expression'],
    ['a\ud800', 1, 'invalid UTF-8'],
  ];
  for (const [pattern, position, reason] of table) {
    try {
      parse(pattern);
      assert.unreachable(pattern);
    } catch (error) {
      assert.instance(error, GoRegExpError, pattern);
      const { position: at, reason: why } = error as GoRegExpError;
      assert.equal([at, why], [position, reason], pattern);
    }
  }
  for (const fine of [
    'a{1000}',
    'a{1000,}',
    'a{0,1000}',
    '(?:a{10}){100}',
    '(?:a{1000}){1}',
    '(?:a{1000}){0,1}',
    '(?:a*){1000}',
    '(?i)',
    '(?i-s:a)',
    'a{01}',
    'a{',
    '[[:a]',
  ])
    parse(fine);
});

reading('bounds: depth and length', () => {
  parse('('.repeat(998) + ')'.repeat(998));
  assert.throws(() => parse('('.repeat(999) + ')'.repeat(999)), /expression nests too deeply/);
  assert.throws(() => parse('a'.repeat(1_000_001)), /expression too large/);
});

reading.run();
