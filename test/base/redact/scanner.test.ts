// The pass over a text: runs of base64 at each offset, spans that overlap, and what a stream holds back.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { needlesOf } from '../../../scripts/base/redact/needles.ts';
import { scanAll, Scanner, Vocabulary } from '../../../scripts/base/redact/scanner.ts';

const scanner = suite('base/redact/scanner');

const NONE = new Vocabulary([]);
const hits = (text: string, vocabulary = NONE, options = {}): [rule: string, found: string][] =>
  scanAll(text, vocabulary, options).map(({ rule, start, end }) => [rule, text.slice(start, end)]);
const b64 = (text: string): string => Buffer.from(text).toString('base64');

scanner('runs of 20 characters of base64 and more, wherever they begin', () => {
  const shortest = b64('password=abc12x');
  assert.is(shortest.length, 20);
  for (let offset = 0; offset < 21; offset++) {
    const text = `${'.'.repeat(offset)}${shortest}.`;
    assert.equal(hits(text), [['value of a secret key in base64', shortest]], `at ${offset}`);
    assert.equal(hits(`${'.'.repeat(offset)}${b64('pwd=abc12xyz')}.`), [], 'of 16 none is looked at');
  }
  const padded = b64('{"password":"hunter2"}');
  assert.ok(padded.endsWith('='));
  assert.equal(hits(`x: ${padded}=\n`)[0]?.[1], padded, 'padding of two at most');
  assert.equal(hits(`x: ${b64('nothing that is secret here')}`), []);
});

scanner('runs of hexadecimal digits that hold a secret; hashes are left alone', () => {
  const hex = (text: string): string => Buffer.from(text).toString('hex');
  const secret = hex('password=abc12x');
  for (const text of [`data: ${secret}\n`, `${secret.toUpperCase()}.`])
    assert.equal(
      hits(text).map(([rule, found]) => [rule, found.toLowerCase()]),
      [['value of a secret key in hex', secret]],
    );
  assert.equal(hits(hex('nothing that is secret here')), []);
  assert.equal(hits('sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'), []);
});

scanner('what is no text is not decoded, and base64 of base64 of base64 neither', () => {
  assert.equal(hits(Buffer.from(`\u0001${'password=abc12x'.repeat(2)}`).toString('base64')), []);
  assert.equal(hits(Buffer.from(`\t\n\rpassword=abc12x`).toString('base64')).length, 1);
  assert.equal(hits(Buffer.from(`\u007fpassword=abc12x`).toString('base64')), []);
  const once = b64('{"password":"hunter2"}');
  assert.is(hits(b64(once)).length, 1);
  assert.is(hits(b64(b64(once))).length, 0);
  assert.is(hits(once, NONE, { depth: 2 }).length, 0);
});

scanner('known values, and spans that overlap', () => {
  const known = new Vocabulary(needlesOf(['hunter2-secret', 'secret-long']));
  assert.equal(hits('a hunter2-secret b', known), [['known value', 'hunter2-secret']]);
  assert.equal(hits('a hunter2-secret-long b', known), [['known value', 'hunter2-secret-long']]);
  assert.equal(hits('password=hunter2-secret;', known), [['value of a secret key', 'hunter2-secret']]);
  assert.equal(hits('password=hunter2-secret-more;', known), [['value of a secret key', 'hunter2-secret-more']]);
  assert.equal(hits('a hunter2-secretsecret-long b', known), [
    ['known value', 'hunter2-secret'],
    ['known value', 'secret-long'],
  ]);
  assert.equal(hits('hunter2-secret', known), [['known value', 'hunter2-secret']]);
  assert.equal(hits('secret: created', NONE, { prose: true }), []);
});

/** What comes out part by part. */
function pushed(parts: readonly string[], vocabulary = NONE): string[] {
  const scan = new Scanner(
    () => vocabulary,
    () => '#',
  );
  return parts.map((part, i) => scan.push(part, i === parts.length - 1));
}

scanner('a text in parts is the text as a whole', () => {
  const line = 'INFO all is well\n'.repeat(20);
  const text = `${line}password=hunter2\n${line.repeat(40)}{"token":"abc"}\n${line}`;
  const expected = text.replace('hunter2', '#').replace('"abc"', '"#"');
  for (const size of [1, 7, 100, 4096, 5000, text.length]) {
    const parts: string[] = [];
    for (let at = 0; at < text.length; at += size) parts.push(text.slice(at, at + size));
    if (size > 1 || text.length < 20_000) assert.is(pushed(parts).join(''), expected, String(size));
  }
});

scanner('most of a text comes out before its end', () => {
  const [first = '', second = ''] = pushed(['x\n'.repeat(10_000), 'end']);
  assert.ok(first.length > 10_000 && first.length < 20_000, String(first.length));
  assert.is((first + second).length, 20_003);
});

scanner('a secret that is too long to be held is one mark, up to its end', () => {
  const big = 'ab/+'.repeat(200_000);
  const quoted = pushed([`{"password":"`, big, big, big, big, `","x":1}`]).join('');
  assert.is(quoted, '{"password":"#","x":1}');
  const pem = pushed(['-----BEGIN PRIVATE KEY-----\n', big, big, big, big, '"after"']).join('');
  assert.is(pem, '#"after"');
  const open = pushed(['{"password":"', big, big, big, big, 'end']).join('');
  assert.is(open, '{"password":"#');
});

scanner.run();
