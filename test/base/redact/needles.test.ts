// Every form of a known secret, and how they are found.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { needlesOf, NeedleSet, startOf } from '../../../scripts/base/redact/needles.ts';

const needles = suite('base/redact/needles');

const forms = (...values: string[]): string[] => needlesOf(values).map(({ form }) => form);

needles('values of fewer than four characters are no secrets', () => {
  assert.equal(forms('abc', ''), []);
  assert.ok(forms('abcd').includes('abcd'));
});

needles('escapes of JSON, Go, URLs and shells', () => {
  const all = forms('a"b<c\'d é');
  const latin1 = (text: string): string => Buffer.from(text).toString('latin1');
  for (const form of [
    'a"b<c\'d é',
    'a\\"b<c\'d é',
    'a\\\\\\"b<c\'d é',
    'a\\\\\\\\\\\\\\"b<c\'d é',
    'a\\"b\\u003cc\'d é',
    'a\\\\\\"b\\u003cc\'d é',
    "a%22b%3Cc'd%20%C3%A9",
    "a%22b%3Cc'd+%C3%A9",
    "a%22b%3cc'd%20%c3%a9",
    'a%22b%3Cc%27d%20%C3%A9',
    "a\"b<c''d é",
    "a\"b<c'\\''d é",
    'a"b<c\'"\'"\'d é',
  ])
    assert.ok(all.includes(latin1(form)), form);
});

needles('JSON in ASCII: what Python escapes, the delete character too', () => {
  assert.ok(forms('pass\u007fwörd').includes('pass\\u007fw\\u00f6rd'));
});

needles('base64 at each offset, with both alphabets', () => {
  for (const value of ['secret', 'secret1', 'secret12', 'sécr??>>']) {
    const all = forms(value);
    for (const before of ['', 'x', 'xy', 'xyz'])
      for (const behind of ['', 'x', 'xy']) {
        for (const encoding of ['base64', 'base64url'] as const) {
          const text = Buffer.from(before + value + behind).toString(encoding);
          assert.ok(
            all.some((form) => text.includes(form) && form.length >= 6),
            `${before}|${value}|${behind} as ${encoding}`,
          );
        }
      }
    const twice = Buffer.from(Buffer.from(value).toString('base64')).toString('base64').replace(/=+$/, '');
    assert.ok(all.some((form) => twice.startsWith(form) && form.length > twice.length - 4));
  }
});

needles('parts of base64 that are too short for one secret alone are left out', () => {
  const short = forms('abcd');
  assert.ok(
    short.every((form) => form === 'abcd' || form.length >= 6),
    short.join(' '),
  );
  assert.ok(forms('abcde').includes(Buffer.from('abcde').toString('base64').slice(0, 6)));
});

needles('lines of a longer secret stand for it', () => {
  const all = needlesOf([`${'a'.repeat(16)}\r\n${'b'.repeat(15)}\n   ${'c'.repeat(15)}`]);
  const has = (form: string): boolean => all.some((one) => one.form === form);
  assert.is(has('a'.repeat(16)), true);
  assert.is(has('b'.repeat(15)), false);
  assert.is(has(`   ${'c'.repeat(15)}`), false);
});

needles('longest first, and each form belongs to the first of its secrets', () => {
  const list = needlesOf(['secret', 'secret-longer']);
  for (const [i, { form }] of list.entries()) {
    const before = list[i - 1]?.form;
    if (before === undefined) continue;
    assert.ok(before.length > form.length || (before.length === form.length && before < form), `${before} ${form}`);
  }
  const set = new NeedleSet(list);
  assert.is(set.longest, list[0]?.form.length);
  assert.is(set.at('it is secret-longer', 6)?.secret, 'secret-longer');
  assert.is(set.at('it is secret-long', 6)?.secret, 'secret');
  assert.is(set.at('it is secret', 5), undefined);
  assert.is(set.at('it is secrex', 6), undefined);
  assert.is(new NeedleSet([]).longest, 0);
  assert.ok([...set.starts].includes(startOf('secret', 0)));
});

needles('starts are the same for both cases, and tell letters apart', () => {
  assert.is(startOf('abc', 0), startOf('ABC', 0));
  assert.is(startOf('xabc', 1), startOf('abc', 0));
  assert.is(startOf('abc', 0), (1 << 10) | (2 << 5) | 3);
  assert.is.not(startOf('abc', 0), startOf('bac', 0));
});

needles('the longest of those that begin alike, in whatever order they came', () => {
  const [short, middle, long] = ['abcdefgh', 'abcdefghij', 'abcdefghijkl'].map((form) => ({ form, secret: form }));
  for (const order of [
    [short, middle, long],
    [long, middle, short],
    [middle, long, short],
  ]) {
    const set = new NeedleSet(order.flatMap((one) => one ?? []));
    assert.is(set.at('xabcdefghijklm', 1)?.form, 'abcdefghijkl');
    assert.is(set.at('xabcdefghijk', 1)?.form, 'abcdefghij');
    assert.is(set.at('xabcdefghi', 1)?.form, 'abcdefgh');
    assert.is(set.at('xabcdefg', 1), undefined);
  }
});

needles('a text may end within a needle', () => {
  const set = new NeedleSet(['abcdefgh', 'abcxyz12', 'abd', 'xyz'].map((form) => ({ form, secret: form })));
  const ends = (text: string): boolean => set.mayBeginAt(text, 0);
  for (const text of ['a', 'x', 'ab', 'xy', 'abc', 'abcd', 'abcdefg', 'abcxyz1']) assert.is(ends(text), true, text);
  for (const text of ['b', 'ax', 'abx', 'abce', 'abcdefgx', 'abcdefgh', 'abd', 'abcxyz12', 'xyz', 'zzz'])
    assert.is(ends(text), false, text);
  assert.is(set.mayBeginAt('..abcd', 2), true);
  assert.is(set.mayBeginAt('..ab', 2), true);
});

needles.run();
