// Where a value begins and ends: strings at each depth of escaping, words, lines, lists and blocks, whole and cut off.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  block,
  doubleQuoted,
  findingOf,
  harmless,
  list,
  looksRandom,
  quoteAt,
  quoted,
  stringEnd,
  until,
  word,
  type Value,
} from '../../../scripts/base/redact/values.ts';
import type { View } from '../../../scripts/base/redact/view.ts';

const values = suite('base/redact/values');

const view = (text: string, final = true): View => ({ text, final, prose: false, kind: '' });

/** The texts of the spans, and where reading goes on; `more` where more text is needed. */
function shown({ text }: View, value: Value): unknown {
  if (!value) return undefined;
  if ('more' in value) return 'more';
  return [...value.spans.map(({ start, end }) => text.slice(start, end)), value.end];
}

values('what has to be hidden by no key, and by a weak one only', () => {
  const table: [value: string, weak: boolean, strong: boolean][] = [
    ['', true, true],
    ['true', true, true],
    ['None', true, true],
    ['~', true, true],
    ['12345', true, false],
    ['123', true, true],
    ['1234', true, false],
    ['123456', false, false],
    ['-1.5', true, true],
    ['***', true, true],
    ['xxx', true, true],
    ['xx', false, false],
    ['${A.b:-c}', true, true],
    ['$(A)', true, true],
    ['$NAME', true, true],
    ['$name', true, true],
    ['{{ .X }}', true, true],
    ['${{ secrets.X }}', true, true],
    ['<my-pass>', true, true],
    [`<${'a'.repeat(40)}>`, true, true],
    [`<${'a'.repeat(41)}>`, false, false],
    ['<redacted>', true, true],
    ['***HIDDEN***', true, true],
    ['***TOKEN_SECRET_01AB***', true, true],
    ['v1.2.3', true, false],
    ['1.2.3-rc.1', true, false],
    ['30s', true, false],
    ['16Gi', true, false],
    ['/var/run/token', true, false],
    ['./config/x', true, false],
    ['hunter2', false, false],
    ['a'.repeat(401), false, false],
    [`{{${' '.repeat(396)}}}`, true, true],
    [`{{${' '.repeat(397)}}}`, false, false],
  ];
  for (const [value, weak, strong] of table)
    assert.equal([harmless(value, false), harmless(value, true)], [weak, strong], value);
});

values('words that nobody writes in a sentence', () => {
  const table: [word: string, random: boolean][] = [
    ['abc1234', false],
    ['abcd123x', true],
    ['abcdefgh', false],
    ['12345678', false],
    ['a1b2c3d4', true],
    ['a1b2c3d', false],
    ['replica-12', false],
    ['replica-1234', true],
    ['abcdefghijklmnopqrstuvwx', false],
    ['abcdefghijklmnopqrstuv-x', false],
    ['abcdefghijklmnopqrstuv_+x', true],
    ['abcdefghijklmnopqrst+/=', false],
    ['a/b.c-d_e:f/g.h-i_j:k/l.m', false],
  ];
  for (const [text, random] of table) assert.is(looksRandom(text), random, text);
});

values('quotes behind backslashes', () => {
  const table: [text: string, quote: unknown][] = [
    ['"a', { level: 0, length: 1, single: false }],
    ['\\"a', { level: 1, length: 2, single: false }],
    ['\\\\\\"a', { level: 3, length: 4, single: false }],
    ["'a", { level: 0, length: 1, single: true }],
    ["\\'a", { level: 1, length: 2, single: true }],
    ['a"', undefined],
    ['\\a', undefined],
    ['', undefined],
    [`${'\\'.repeat(64)}"`, { level: 64, length: 65, single: false }],
    [`${'\\'.repeat(65)}"`, undefined],
  ];
  for (const [text, quote] of table) assert.equal(quoteAt(text, 0), quote, text);
  assert.equal(quoteAt('xx"', 2), { level: 0, length: 1, single: false });
  assert.equal(quoteAt('xx\\"', 2), { level: 1, length: 2, single: false });
  assert.equal(quoteAt("xx'", 2), { level: 0, length: 1, single: true });
  assert.equal(quoteAt("xx\\'", 2), { level: 1, length: 2, single: true });
});

values('the end of a string at its depth of escaping', () => {
  const table: [text: string, level: number, end: number][] = [
    ['ab"', 0, 2],
    ['"', 0, 0],
    ['a\\"b"', 0, 4],
    ['a\\\\"b"', 0, 3],
    ['a\\\\\\"b"', 0, 6],
    ['a\\""', 0, 3],
    ['ab', 0, -1],
    ['ab\\"', 1, 2],
    ['a\\\\\\"b\\"', 1, 6],
    ['a\\\\\\\\\\"b', 1, 5],
    ['a"b\\"', 1, 1],
    ['a"', 1, 1],
    ['a\\\\\\"', 3, 1],
    ['a\\"', 3, 1],
  ];
  for (const [text, level, end] of table) assert.is(stringEnd(text, 0, level), end, `${text} at ${level}`);
  assert.is(stringEnd('"a"', 1, 0), 2, 'what stands before does not count');
  assert.is(stringEnd('\\"', 1, 0), 1, 'neither does a backslash');
});

values('strings, and the secret without its escapes', () => {
  const of = (text: string, final = true): unknown => {
    const quote = quoteAt(text, 0);
    assert.ok(quote);
    return doubleQuoted(view(text, final), 0, quote);
  };
  assert.equal(of('"ab"x'), { spans: [{ start: 1, end: 3 }], end: 4, text: 'ab' });
  assert.equal(of('"a\\"b"'), { spans: [{ start: 1, end: 5, value: 'a"b' }], end: 6, text: 'a"b' });
  assert.equal(of('\\"ab\\"x'), { spans: [{ start: 2, end: 4 }], end: 6, text: 'ab' });
  assert.equal(of('\\"a\\\\\\"b\\"'), { spans: [{ start: 2, end: 8, value: 'a"b' }], end: 10, text: 'a"b' });
  assert.equal(of('"a\\\\b"'), { spans: [{ start: 1, end: 5, value: 'a\\b' }], end: 6, text: 'a\\b' });
  assert.equal(of('"a\\qb"'), { spans: [{ start: 1, end: 5 }], end: 6, text: 'a\\qb' }, 'no escape of JSON');
  assert.equal(of('"ab'), { spans: [{ start: 1, end: 3 }], end: 3, text: 'ab' });
  assert.equal(of('"ab', false), { more: true, body: { kind: 'quote', level: 0 }, from: 1 });
  assert.equal(of('\\"ab', false), { more: true, body: { kind: 'quote', level: 1 }, from: 2 });
});

values('single quotes: doubled ones belong to the text, a line ends it', () => {
  const of = (text: string, final = true): unknown => {
    const whole = view(text, final);
    return shown(whole, quoted(whole, 0));
  };
  assert.equal(of("'ab'x"), ['ab', 4]);
  assert.equal(of("'it''s'x"), ["it''s", 7]);
  assert.equal(of("''x"), ['', 2]);
  assert.equal(of("'ab\ncd'"), ['ab', 4]);
  assert.equal(of("'ab"), ['ab', 4]);
  assert.is(of("'ab", false), 'more');
  assert.is(of(`'${'a'.repeat(16_385)}`, false), undefined);
  assert.is(of(`'${'a'.repeat(16_384)}`, false), 'more');
  assert.is(of('ab'), undefined);
  assert.equal(of('"ab"'), ['ab', 4]);
});

values('words end at what ends them in a list, a URL or a sentence', () => {
  const of = (text: string): unknown => {
    const whole = view(text);
    return shown(whole, word(whole, 0));
  };
  const table: [text: string, found: string][] = [
    ['ab cd', 'ab'],
    ['ab"', 'ab'],
    ['ab,cd', 'ab,cd'],
    ['ab, cd', 'ab'],
    ['ab,k=v', 'ab'],
    ['ab;cd', 'ab;cd'],
    ['ab;k=v', 'ab'],
    ['ab; c', 'ab'],
    ['ab&k=v', 'ab'],
    ['ab&cd', 'ab&cd'],
    ['ab)', 'ab'],
    ['ab)c', 'ab)c'],
    ['ab]}', 'ab'],
    ["ab'c", "ab'c"],
    ["ab' c", 'ab'],
    ['ab|c', 'ab|c'],
    ['ab\\qc', 'ab\\qc'],
    ['ab\\nc', 'ab'],
    ['ab.', 'ab'],
    ['ab!', 'ab'],
    ['ab:', 'ab'],
    ['ab?', 'ab'],
    ['ab.c', 'ab.c'],
    ['.', '.'],
  ];
  for (const [text, found] of table) assert.equal(of(text), [found, found.length], text);
  assert.is(of(' x'), undefined);
  assert.is(of(''), undefined);
});

values('a word near the end of the window waits for what follows', () => {
  const of = (length: number, behind: number): unknown => {
    const whole = view('a'.repeat(length) + ' '.repeat(behind), false);
    const value = word(whole, 0);
    return value && 'more' in value ? 'more' : value?.end;
  };
  assert.is(of(5, 79), 'more');
  assert.is(of(5, 80), 5);
  assert.is(of(0, 79), 'more');
  assert.is(of(0, 80), undefined);
  assert.is(of(16_384, 0), 16_384);
  assert.is(of(20_000, 0), 16_384);
});

values('the rest of a line', () => {
  const of = (text: string, enders = '', final = true): unknown => {
    const whole = view(text, final);
    return shown(whole, until(whole, 0, enders));
  };
  assert.equal(of('a b\nc'), ['a b', 3]);
  assert.equal(of('a b \t\r\nc'), ['a b', 5]);
  assert.equal(of('a b'), ['a b', 3]);
  assert.is(of('a b', '', false), 'more');
  assert.equal(of('a b, c', ',}'), ['a b', 3]);
  assert.equal(of('a}', ',}'), ['a', 1]);
  assert.equal(of('a # note\n'), ['a', 2]);
  assert.equal(of('a#b\n'), ['a#b', 3]);
  assert.is(of('\nx'), undefined);
  assert.is(of('  \n'), undefined);
  assert.is(of(',x', ','), undefined);
  assert.equal(of('x'.repeat(16_384), '', false), ['x'.repeat(16_384), 16_384]);
  assert.is(of('x'.repeat(16_383), '', false), 'more');
});

values('lists of strings and bare words', () => {
  const of = (text: string, final = true): unknown => {
    const whole = view(text, final);
    return shown(whole, list(whole, 0));
  };
  assert.equal(of('["ab", "cd"]'), ['ab', 'cd', 11]);
  assert.equal(of('[ab,cd]x'), ['ab', 'cd', 6]);
  assert.equal(of('["ab",true,7]'), ['ab', 12]);
  assert.equal(of('[true,"no"]'), [10]);
  assert.equal(of('["12345",123456]'), ['123456', 15], 'a short number hides nothing');
  assert.equal(of('[]'), [1]);
  assert.equal(of('[\\"ab\\",\\"cd\\"]'), ['ab', 'cd', 14]);
  assert.equal(of('["ab"'), ['ab', 5]);
  assert.is(of('["ab"', false), 'more');
  assert.is(of('["ab', false), 'more');
  assert.equal(of('["ab",{"c":1}]'), ['ab', 6]);
});

values('blocks of lines that stand deeper', () => {
  const of = (text: string, indent: number, final = true): unknown => {
    const whole = view(text, final);
    return shown(whole, block(whole, 0, indent));
  };
  assert.equal(of('k: |\n  a\n  b\nn: 1', 0), ['a\n  b', 12]);
  assert.equal(of('k: |\n  a\n\n  b\n', 0), ['a\n\n  b', 13]);
  assert.equal(of('k: |\r\n  a\r\nn: 1', 0), ['a', 9]);
  assert.equal(of('k:\n a\nb', 1), [3]);
  assert.equal(of('k:\n  a\n b', 1), ['a', 6]);
  assert.equal(of('k:\nn: 1', 0), [3]);
  assert.is(of('k:', 0), undefined);
  assert.is(of('k:', 0, false), 'more');
  assert.is(of('k:\n  a', 0, false), 'more');
  assert.equal(of('k:\n  a\nb: 1\n', 0, false), ['a', 6]);
});

values('as a rule reports it: it goes on behind the value, and never stays', () => {
  assert.is(findingOf(undefined, 3), undefined);
  assert.equal(findingOf({ spans: [], end: 2 }, 3), { spans: [], resume: 4 });
  assert.equal(findingOf({ spans: [], end: 9 }, 3), { spans: [], resume: 9 });
  assert.equal(findingOf({ more: true }, 3), { more: 3 });
  assert.equal(findingOf({ more: true, from: 5, body: { kind: 'pem' } }, 3), { more: 5, body: { kind: 'pem' } });
});

values.run();
