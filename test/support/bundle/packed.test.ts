// What is packed is redacted inside, stays what it is, and is left out where nobody can look into it.

import { Readable, type Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createRedactor } from '../../../scripts/base/redact/redactor.ts';
import { PackedBudget, redactBuffer, redactStream } from '../../../scripts/support/bundle/packed.ts';

const test = suite('support/bundle/packed');

const SECRET = 'hunter2hunter2';
const LINE = `password=${SECRET}\n`;
const HIDDEN = 'password=***HIDDEN***\n';

const inParts = (bytes: Buffer, step: number): Readable => {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += step) parts.push(bytes.subarray(at, at + step));
  return Readable.from(parts);
};

/** As a buffer, and as streams that are cut in several ways: all of them have to agree. */
async function redacted(content: Buffer, steps: readonly number[] = [1, 100, 1 << 20]): Promise<Buffer> {
  const packed = { path: 'a.bin', redactor: createRedactor() };
  const whole = await redactBuffer(content, packed);
  for (const step of steps) {
    const streamed = await buffer(await redactStream(inParts(content, step), packed));
    assert.ok(streamed.equals(whole), `in parts of ${step}`);
  }
  return whole;
}

async function tarOf(files: Readonly<Record<string, Buffer>>): Promise<Buffer> {
  const out = pack();
  for (const [name, content] of Object.entries(files)) out.entry({ name, mtime: new Date(0) }, content);
  out.entry({ name: 'link', type: 'symlink', linkname: 'a.txt', mtime: new Date(0) });
  out.finalize();
  return buffer(out);
}

async function membersOf(tar: Buffer): Promise<Record<string, string>> {
  const entries = extract();
  Readable.from([tar]).pipe(entries as unknown as Writable);
  const found: Record<string, string> = {};
  for await (const entry of entries) {
    const content = await buffer(entry);
    found[entry.header.name] = entry.header.type === 'symlink' ? `-> ${entry.header.linkname}` : content.toString();
  }
  return found;
}

test('what is packed in all files together has a bound, and ends with the run', async () => {
  const small = gzipSync('x'.repeat(1_000));
  const fail = async (budget: PackedBudget): Promise<string> => {
    const packed = { path: 'a.gz', redactor: createRedactor(), budget };
    const failures: string[] = [];
    for (const work of [
      () => redactBuffer(small, packed),
      async () => buffer(await redactStream(inParts(small, 10), packed)),
    ])
      failures.push(
        await work().then(
          () => 'redacted',
          (error: unknown) => (error as Error).message,
        ),
      );
    assert.is(failures[0], failures[1]);
    return failures[0] ?? '';
  };
  const budget = new PackedBudget();
  assert.is(await fail(budget), 'redacted');
  budget.spend(8 * 2 ** 30 - 2_000);
  assert.is(await fail(budget), 'all that is packed has, unpacked, more than 8 GiB');
  assert.is(await fail(new PackedBudget(AbortSignal.abort(new Error('interrupted')))), 'interrupted');
});

test('names in a tar are redacted, and so are the targets of its links', async () => {
  const secret = 'ghp_0123456789abcdefghijABCDEFGHIJ012345';
  const out = pack();
  out.entry({ name: `${secret}.txt`, mtime: new Date(0) }, 'text');
  out.entry({ name: 'soft', type: 'symlink', linkname: `a/${secret}.txt`, mtime: new Date(0) });
  out.entry({ name: 'hard', type: 'link', linkname: `${secret}.txt`, mtime: new Date(0) });
  out.finalize();
  const tar = await redacted(await buffer(out));
  assert.not.match(tar.toString('latin1'), secret);
  assert.match((await membersOf(tar))['soft'] ?? '', /^-> a\/\*\*\*HIDDEN\*\*\*/);
});

test('gzip is redacted inside, several members and packed twice too', async () => {
  assert.is(gunzipSync(await redacted(gzipSync(LINE))).toString(), HIDDEN);
  const members = Buffer.concat([gzipSync('first\n'), gzipSync(LINE)]);
  assert.is(gunzipSync(await redacted(members)).toString(), `first\n${HIDDEN}`);
  assert.is(gunzipSync(gunzipSync(await redacted(gzipSync(gzipSync(LINE))))).toString(), HIDDEN);
});

test('with nothing to hide in it a packed file is the same, byte by byte', async () => {
  const plain = gzipSync('just a line\n', { level: 1 });
  assert.ok((await redacted(plain)).equals(plain));
  const tar = gzipSync(await tarOf({ 'a.txt': Buffer.from('just a line\n') }));
  assert.ok((await redacted(tar)).equals(tar));
});

test('what a gzip file holds beside its content goes: a name, a comment, zeros behind its end', async () => {
  const plain = gzipSync('nothing\n');
  const named = Buffer.concat([plain.subarray(0, 3), Buffer.from([8 | 16]), plain.subarray(4, 10)]);
  const withName = Buffer.concat([named, Buffer.from(`${SECRET}.log\0${SECRET}\0`), plain.subarray(10)]);
  for (const content of [withName, Buffer.concat([plain, Buffer.alloc(99)])]) {
    assert.is(gunzipSync(content).toString(), 'nothing\n');
    const out = await redacted(content);
    assert.not.ok(out.includes(SECRET));
    assert.is(gunzipSync(out).toString(), 'nothing\n');
  }
  const text = Buffer.concat([plain, Buffer.from(LINE)]);
  assert.instance(await redacted(text).catch((error: unknown) => error), Error, 'a text behind it is no part of it');
});

test('files in a tar are redacted one by one; links, names and binary files stay', async () => {
  const binary = Buffer.from([0, 1, 2, 3, 255, 254, 253, 0]);
  const inner = gzipSync(LINE);
  const tar = await tarOf({ 'd/a.txt': Buffer.from(LINE), 'b.bin': binary, 'c.gz': inner });
  for (const [given, open] of [
    [tar, (bytes: Buffer) => bytes],
    [gzipSync(tar), gunzipSync],
  ] as const) {
    const whole = open(await redacted(given));
    const members = await membersOf(whole);
    assert.equal(Object.keys(members), ['d/a.txt', 'b.bin', 'c.gz', 'link']);
    assert.is(members['d/a.txt'], HIDDEN);
    assert.is(members['b.bin'], binary.toString());
    assert.is(members['link'], '-> a.txt');
    assert.not.ok(whole.includes(SECRET));
    assert.not.ok(whole.includes(inner));
  }
});

test('long ones are streamed', async () => {
  // Hardly to be compressed: more than is held.
  const noise = Array.from({ length: 90_000 }, (_, i) => `${((i * 2654435761) % 4294967296).toString(36)} ${i}\n`);
  const text = `${noise.join('')}${LINE}`.repeat(3);
  const given = gzipSync(text, { level: 1 });
  assert.ok(given.length > 1 << 20);
  const whole = gunzipSync(await redacted(given, [65_536])).toString();
  assert.is(whole, text.replaceAll(SECRET, '***HIDDEN***'));
});

test('what begins almost like gzip is a text', async () => {
  for (const head of [[0x1f], [0x1f, 0x8b], [0x1f, 0x8b, 7], [0x1f, 0x8a, 8], [0x1e, 0x8b, 8]]) {
    const text = Buffer.concat([Buffer.from(head), Buffer.from(`\n${LINE}`)]);
    assert.ok((await redacted(text)).toString('latin1').endsWith(HIDDEN), head.join());
  }
});

test('what cannot be looked into is an error: cut off, too deep, another way of packing', async () => {
  let nested = Buffer.from(LINE);
  for (let i = 0; i < 6; i++) nested = gzipSync(nested);
  const cases: readonly (readonly [Buffer, RegExp])[] = [
    [gzipSync(LINE.repeat(100)).subarray(0, 40), /unexpected end of file/],
    [nested, /packed in itself more than 4 times/],
    [Buffer.from('PK\u0003\u0004\u0014\u0000rest of a zip', 'latin1'), /cannot be looked into: zip/],
    [Buffer.from('\u00fd7zXZ\u0000rest', 'latin1'), /cannot be looked into: xz/],
    [Buffer.from('BZh91AY&SY rest', 'latin1'), /cannot be looked into: bzip2/],
  ];
  for (const [content, reason] of cases) {
    const packed = { path: 'a', redactor: createRedactor() };
    assert.match(String(await redactBuffer(content, packed).catch((error: unknown) => error)), reason);
    const streamed = redactStream(inParts(content, 5), packed).then(buffer);
    assert.match(String(await streamed.catch((error: unknown) => error)), reason);
  }
  for (const [depth, isGood] of [
    [4, true],
    [5, false],
  ] as const) {
    let content = Buffer.from(LINE);
    for (let i = 0; i < depth; i++) content = gzipSync(content);
    const found = await redactBuffer(content, { path: 'a', redactor: createRedactor() }).catch(() => undefined);
    assert.is(found !== undefined, isGood, String(depth));
  }
  const text = Buffer.from('BZh is how a text begins\n');
  assert.is(await redactBuffer(text, { path: 'a', redactor: createRedactor() }), text);
});

test('an error of the source is one of the result', async () => {
  const broken = async function* (): AsyncGenerator<Buffer> {
    yield gzipSync(LINE).subarray(0, 15);
    await Promise.resolve();
    throw new Error('the pod is gone');
  };
  const packed = { path: 'a', redactor: createRedactor() };
  const streamed = redactStream(Readable.from(broken()), packed).then(buffer);
  assert.match(String(await streamed.catch((error: unknown) => error)), 'the pod is gone');
});

test.run();
