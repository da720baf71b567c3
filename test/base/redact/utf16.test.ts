// Text in UTF-16 is redacted like any other, and stays UTF-16; what only begins like it fails.

import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createRedactor } from '../../../scripts/base/redact/redactor.ts';
import { utf16Of } from '../../../scripts/base/redact/utf16.ts';

const test = suite('base/redact/utf16');

const TEXT = 'password=hunter2hunter2\r\nuser=Jörg 🙂\r\n{"apiKey":"k-77Qabcdefgh"}\r\n';
const HIDDEN = 'password=***HIDDEN***\r\nuser=Jörg 🙂\r\n{"apiKey":"***HIDDEN***"}\r\n';

const encoded = (text: string, order: 'le' | 'be', mark = true): Buffer => {
  const bytes = Buffer.from(`${mark ? '\uFEFF' : ''}${text}`, 'utf16le');
  return order === 'le' ? bytes : bytes.swap16();
};

async function streamed(bytes: Buffer, step: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += step) parts.push(bytes.subarray(at, at + step));
  return buffer(Readable.from(parts).pipe(createRedactor().stream('a.log')));
}

test('both orders, with and without a mark, as a whole and cut anywhere', async () => {
  for (const order of ['le', 'be'] as const) {
    for (const mark of [true, false]) {
      const [given, wanted] = [encoded(TEXT, order, mark), encoded(HIDDEN, order, mark)];
      const name = `${order} ${mark}`;
      assert.equal(createRedactor().buffer('a.log', given), wanted, name);
      for (const step of [1, 7, 1000]) assert.equal(await streamed(given, step), wanted, `${name}, ${step}`);
    }
  }
});

test('nothing to hide: not a byte is changed', async () => {
  const given = encoded('Grüße\r\n\r\n🙂 no secret', 'le');
  assert.is(createRedactor().buffer('a.log', given), given);
  assert.equal(await streamed(given, 3), given);
});

test('a known value in UTF-16 within binary data is hidden, whose length stays', () => {
  for (const order of ['le', 'be'] as const) {
    const secret = encoded('Zugang-77', order, false);
    const given = Buffer.concat([Buffer.from([0, 1, 2, 3, 0x80, 0xff, 0, 5, 6, 7]), secret, Buffer.from([0, 9])]);
    const hidden = createRedactor({ values: ['Zugang-77'] }).buffer('a.bin', given);
    assert.is(hidden.length, given.length);
    assert.not.ok(hidden.includes(secret), order);
  }
});

test('what begins like it and is none is an error, so that it is left out', async () => {
  // A half of a pair alone, and an odd length.
  for (const bytes of [
    [0xff, 0xfe, 0x00, 0xd8, 0x41, 0x00],
    [0xff, 0xfe, 0x41, 0x00, 0x42],
  ]) {
    const given = Buffer.from(bytes);
    assert.throws(() => createRedactor().buffer('a.log', given), 'is none');
    const failure = await streamed(given, 2).catch((error: unknown) => error);
    assert.match(String(failure), 'is none');
  }
});

test('other texts and binary data are not taken for it', () => {
  for (const bytes of [
    Buffer.from('plain text of some length\n'),
    Buffer.from('Grüße und mehr davon\n'),
    Buffer.from([0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5]),
    Buffer.from('a line\0\0\0\0 with zeros, as a crash leaves them'),
    Buffer.from('\u00ff\u00fe bytes of another text that begin like a mark', 'latin1'),
    Buffer.alloc(64),
    Buffer.alloc(0),
  ])
    assert.is(utf16Of(bytes), undefined);
});

test('how many letters, and which, make it a text in UTF-16', () => {
  /** `letters` pairs of a letter and a zero, and others that are neither. */
  const of = (letters: number, others: number, mark: number[] = [], big = false, letter = 0x41): string | undefined => {
    const pairs = [
      ...Array<number[]>(letters).fill(big ? [0, letter] : [letter, 0]),
      ...Array<number[]>(others).fill([1, 1]),
    ];
    return utf16Of(Buffer.from([...mark, ...pairs.flat()]));
  };
  const [LE, BE] = [
    [0xff, 0xfe],
    [0xfe, 0xff],
  ];
  for (const [big, mark, name] of [
    [false, LE, 'utf-16le'],
    [true, BE, 'utf-16be'],
  ] as const) {
    assert.equal([of(1, 17, mark, big), of(1, 18, mark, big)], [name, undefined], 'with a mark one of 20 is too few');
    assert.equal([of(8, 0, [], big), of(7, 0, [], big)], [name, undefined], 'without one there are eight pairs');
    assert.equal([of(19, 1, [], big), of(18, 2, [], big)], [name, undefined], 'without one nearly all are letters');
    assert.is(of(1, 0, [mark[0] ?? 0, mark[0] ?? 0], big), undefined);
    const letters = [8, 9, 13, 14, 0x1f, 0x20, 0x7e, 0x7f, 0x80];
    assert.equal(
      letters.map((letter) => of(8, 0, [], big, letter) !== undefined),
      [false, true, true, false, false, true, true, false, false],
    );
  }
  assert.is(of(8, 0, LE, true), undefined, 'the mark of the other order');
  assert.is(of(8, 0, BE, false), undefined);
  const odd = Buffer.concat([Buffer.from('abcdefgh', 'utf16le'), Buffer.from('x')]);
  assert.is(utf16Of(odd), 'utf-16le', 'the last byte has no pair');
  assert.is(utf16Of(Buffer.from(Array<number>(17).fill(0).with(0, 0x41))), undefined);
});

test.run();
