// Redactors of the user's own: by file, value, Go regular expression and path; what they do not name stays byte for byte.

import { once } from 'node:events';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { globToRegExp } from '../../../scripts/base/glob.ts';
import { GoRegExpError } from '../../../scripts/base/go-regexp.ts';
import { CustomRedactors, type RedactorSpec } from '../../../scripts/base/redact/custom.ts';
import { createRedactor, HIDDEN } from '../../../scripts/base/redact/redactor.ts';

const custom = suite("base: the user's redactors");

async function redacted(spec: RedactorSpec, text: string, path = 'a/b.txt'): Promise<string> {
  const hiding = createRedactor({ custom: new CustomRedactors([spec]) });
  const atOnce = hiding.buffer(path, Buffer.from(text)).toString();
  for (const size of [1, 7, 4096]) {
    const stream = hiding.stream(path);
    const parts: Buffer[] = [];
    stream.on('data', (part: Buffer) => parts.push(part));
    const ended = once(stream, 'end');
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += size) stream.write(bytes.subarray(at, at + size));
    stream.end();
    await ended;
    assert.is(Buffer.concat(parts).toString(), atOnce, `in parts of ${size}`);
  }
  return atOnce.replaceAll(HIDDEN, 'H');
}

const regex = (redactor: string, selector?: string): RedactorSpec => ({
  removals: { regex: [{ redactor, ...(selector === undefined ? {} : { selector }) }] },
});

custom('regular expressions: mask is hidden, drop goes, other groups stay, what is in no group goes', async () => {
  assert.is(await redacted(regex('(?i)(user: )(?P<mask>\\w+)( at)'), 'x USER: ann at y\n\nz'), 'x USER: H at y\n\nz');
  assert.is(await redacted(regex('(a)(?P<drop>b+)(c)'), '1abbc2\r\n'), '1ac2\r\n');
  assert.is(await redacted(regex('(card=)\\d+'), 'card=4111 end'), 'card= end');
  assert.is(await redacted(regex('(?P<mask>é+)'), 'aéé🙂b'), 'aH🙂b');
  assert.is(await redacted(regex('(x(?P<mask>s+)y)'), '-xssy-'), '-xHy-');
  assert.is(await redacted(regex('^(b)(?P<mask>.)$'), 'ab1\nb2\nb3c'), 'ab1\nbH\nb3c', 'a line at a time');
});

custom('bytes that are no UTF-8 stay as they are, each of them', () => {
  const odd = Buffer.from(Array.from({ length: 128 }, (_, i) => 0x80 + i));
  const hiding = createRedactor({ custom: new CustomRedactors([regex('(card=)(?P<mask>\\d+)')]) });
  const out = hiding.buffer('a.txt', Buffer.concat([odd, Buffer.from('card=4111'), odd]));
  assert.equal(out, Buffer.concat([odd, Buffer.from(`card=${HIDDEN}`), odd]));
});

custom('with a selector the next line is meant', async () => {
  const spec = regex('(value: )(?P<mask>.*)', 'name: .*card');
  assert.is(await redacted(spec, 'name: my card\nvalue: 1\nvalue: 2\n'), 'name: my card\nvalue: H\nvalue: 2\n');
});

custom('values, and files by their globs', async () => {
  const spec: RedactorSpec = {
    fileSelector: { file: 'a/*.txt', files: ['logs/**'] },
    removals: { values: ['ab', 'abc'] },
  };
  assert.is(await redacted(spec, 'abc ab b'), 'H H b');
  assert.is(await redacted(spec, 'abc', 'a/b/c.txt'), 'abc');
  assert.is(await redacted(spec, 'abc', 'logs/x/y.log'), 'H');
});

custom('paths: JSON stays JSON with its order, YAML keeps its comments', async () => {
  const at = (...yamlPath: string[]): RedactorSpec => ({ removals: { yamlPath } });
  const json =
    '{\n  "z": 1,\n  "spec": {"colour": "a\\"b", "list": [{"x": 1}, {"x": {"deep": [1]}}]},\n  "a": null\n}\n';
  assert.is(await redacted(at('spec.colour'), json, 'cr.json'), json.replace('"a\\"b"', '"H"'));
  assert.is(
    await redacted(at('spec.list.*.x'), json, 'cr.json'),
    json.replace('{"x": 1}', '{"x": "H"}').replace('{"deep": [1]}', '"H"'),
  );
  assert.is(await redacted(at('spec.list.0.x', 'nope.x'), json, 'cr.json'), json.replace('"x": 1', '"x": "H"'));
  const yaml = '# ünï\nb: 1 # one\na:\n  - x: |\n      1\n      2\n  - x: three # c\n';
  assert.is(await redacted(at('a.1.x'), yaml, 'cr.yaml'), yaml.replace('three', '"H"'));
  assert.is(await redacted(at('a.*.x'), yaml, 'cr.yaml'), '# ünï\nb: 1 # one\na:\n  - x: "H"\n  - x: "H" # c\n');
  assert.is(await redacted(at('a.b'), 'just a log line: x\n', 'a.log'), 'just a log line: x\n');
});

custom('what cannot be done is an error, and none of the file comes out', async () => {
  assert.throws(
    () => new CustomRedactors([regex('(x')]),
    (error: unknown) => error instanceof GoRegExpError && error.position === 0,
  );
  const hiding = createRedactor({ custom: new CustomRedactors([{ removals: { yamlPath: ['a'] } }]) });
  assert.throws(() => hiding.buffer('a.json', Buffer.from('{"a": ')), /neither JSON nor YAML/);
  const stream = hiding.stream('a.json');
  const out: Buffer[] = [];
  stream.on('data', (part: Buffer) => out.push(part));
  const failed = once(stream, 'error');
  stream.end('{"a": ');
  const [error] = (await failed) as [Error];
  assert.match(error.message, 'neither JSON nor YAML');
  assert.is(out.length, 0);
});

custom('a pattern that would backtrack forever ends', async () => {
  const line = `${'a'.repeat(5000)}!`;
  assert.is(await redacted(regex('(?P<mask>(a+)+)$'), `${line}\nb\n`), `${line}\nb\n`);
});

custom('globs: a star stays within a part of a path', () => {
  const cases: [string, string, boolean][] = [
    ['*.json', 'a.json', true],
    ['*.json', 'a/b.json', false],
    ['**/*.json', 'a/b/c.json', true],
    ['a/{b,c*}.txt', 'a/cd.txt', true],
    ['a/{b,c*}.txt', 'a/d.txt', false],
    ['[!a]b?', 'cbd', true],
    ['[!a]b?', 'abd', false],
    ['a\\*b', 'a*b', true],
    ['a.b', 'axb', false],
  ];
  for (const [glob, path, expected] of cases) assert.is(globToRegExp(glob).test(path), expected, `${glob} ${path}`);
});

custom.run();
