// The redactor as a whole: any secret in any form and at any border of chunks is gone, and every other byte stays.

import { once } from 'node:events';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { character } from '../../characters.ts';
import { draws } from '../../draws.ts';
import { createRedactor, HIDDEN } from '../../../scripts/base/redact/redactor.ts';
import { streamed } from './streamed.ts';

const redactor = suite('base: redactor');

function split(bytes: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...cuts].map((from, i) => bytes.subarray(from, cuts[i] ?? bytes.length));
}

const b64 = (text: string): string => Buffer.from(text).toString('base64');
const json = (text: string): string => JSON.stringify(text).slice(1, -1);

const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Every way of writing a value of which the redactor was told. */
const ENCODINGS: Readonly<Record<string, (secret: string) => string>> = {
  plain: (secret) => secret,
  base64: b64,
  'base64 of user:password': (secret) => b64(`ann:${secret}`),
  'base64 in the middle': (secret) => b64(`{"a":"${secret}","b":1}`),
  'base64 without padding': (secret) => Buffer.from(`x${secret}`).toString('base64url'),
  'base64 twice': (secret) => b64(b64(secret)),
  'URL-encoded': encodeURIComponent,
  'JSON-escaped': json,
  'JSON-escaped twice': (secret) => json(json(secret)),
  'quoted for YAML': (secret) => secret.replaceAll("'", "''"),
  'JSON of PHP': (secret) => json(secret).replaceAll('/', '\\/'),
  'JSON of Python': (secret) => json(secret).replace(/[^\x20-\x7e]/g, escaped),
  'JSON of Python in JSON of Python': (secret) => python(python(secret)),
  'JSON of Python in JSON twice': (secret) => json(json(python(secret))),
  'JSON of PHP in JSON of Go': (secret) => go(json(secret).replaceAll('/', '\\/')),
  'JSON of Go in JSON of Python': (secret) => python(go(secret)),
  'JSON of Go in JSON': (secret) => json(json(secret).replace(/[<>&]/g, escaped)),
  'escaped for XML': (secret) => secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
  'URL-encoded twice': (secret) => encodeURIComponent(encodeURIComponent(secret)),
  'base64 in lines': (secret) =>
    b64(`${'log line '.repeat(8)}${secret}${' more'.repeat(20)}`).replace(/.{76}/g, '$&\n'),
  hexadecimal: (secret) => Buffer.from(`x${secret}y`).toString('hex'),
  'hexadecimal, upper case': (secret) => Buffer.from(secret).toString('hex').toUpperCase(),
  'base64 of UTF-16': (secret) => Buffer.from(`echo ${secret}`, 'utf16le').toString('base64'),
};

function python(text: string): string {
  return json(text).replace(/[^\x20-\x7e]/g, escaped);
}

function go(text: string): string {
  return json(text).replace(/[<>&]/g, escaped);
}

const secrets = fc.oneof(
  fc.string({ unit: fc.constantFrom(...Array.from('abcXYZ0189-_/+"\\&<%é🙂 ')), minLength: 8, maxLength: 40 }),
  fc.string({ unit: character, minLength: 9, maxLength: 30 }).filter((text) => !/[\ud800-\udfff]/u.test(text)),
);

const fillers = fc
  .array(
    fc.constantFrom(
      'INFO ok',
      '\n',
      '\r\n',
      '{"a":1}',
      '  key: value',
      'é🙂',
      '====',
      '\\"',
      "'",
      'x'.repeat(300),
      '\t',
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(' '));

redactor('a known value in any form, split at any byte, is nowhere in what comes out', async () => {
  for (const [name, encode] of Object.entries(ENCODINGS)) {
    await fc.assert(
      fc.asyncProperty(
        secrets,
        fillers,
        fillers,
        fc.array(fc.nat(), { maxLength: 6 }),
        async (secret, before, after, places) => {
          const planted = encode(secret);
          const text = Buffer.from(`${before} ${planted} ${after} ${planted}\n`);
          const hiding = createRedactor({ values: [secret] });
          const out = (await streamed(hiding, split(text, places))).toString();
          assert.not.ok(out.includes(planted), `${name}: ${out}`);
          assert.not.ok(hiding.text(text.toString()).includes(planted), name);
          assert.not.ok(hiding.buffer('a', text).toString().includes(planted), name);
        },
      ),
      { numRuns: draws(60) },
    );
  }
});

/** Secrets that no one told of, each with a way to stand in a text. */
const PLANTS: readonly ((secret: string) => string)[] = [
  (secret) => JSON.stringify({ a: 1, password: secret, b: [1] }),
  (secret) => JSON.stringify({ log: JSON.stringify({ apiKey: secret }) }),
  (secret) => JSON.stringify({ log: JSON.stringify({ log: JSON.stringify({ token: secret }) }) }),
  (secret) => JSON.stringify({ env: [{ name: 'DB_PASSWORD', value: secret }] }, undefined, 2),
  (secret) => `env:\n- name: DB_PASSWORD\n  value: ${JSON.stringify(secret)}\nnext: 1\n`,
  (secret) => `  dbPassword: ${secret}\n  next: 1\n`,
  (secret) => `proxy=http://ann:${encodeURIComponent(secret)}@proxy:8080/ used\n`,
  (secret) => JSON.stringify({ kind: 'Secret', data: { any: b64(secret) } }),
  (secret) => JSON.stringify({ data: { any: b64(secret) }, kind: 'Secret' }, undefined, 1),
  (secret) => `apiVersion: v1\ndata:\n  any: ${b64(secret)}\nkind: Secret\n`,
  (secret) => `dump: ${b64(JSON.stringify({ password: secret }))}\n`,
  (secret) => `Authorization: Basic ${b64(`ann:${secret}`)}\n`,
  (secret) => `-----BEGIN PRIVATE KEY-----\n${b64(secret)}\n-----END PRIVATE KEY-----\n`,
];

redactor('a planted secret of each kind, split at any byte, is nowhere in what comes out', async () => {
  const words = fc.string({ unit: fc.constantFrom(...Array.from('abcdefXYZ0189')), minLength: 10, maxLength: 40 });
  for (const plant of PLANTS) {
    await fc.assert(
      fc.asyncProperty(
        words,
        fillers,
        fillers,
        fc.array(fc.nat(), { maxLength: 6 }),
        async (word, before, after, places) => {
          const secret = `s3${word}`;
          const text = Buffer.from(`${before}\n${plant(secret)}\n${after}`);
          const out = (await streamed(createRedactor(), split(text, places))).toString();
          for (const form of [secret, b64(secret), encodeURIComponent(secret)]) assert.not.ok(out.includes(form), out);
          assert.is(out, createRedactor().buffer('a.log', text).toString(), 'the same as at once');
        },
      ),
      { numRuns: draws(60) },
    );
  }
});

redactor('bytes outside of what is hidden stay, whatever they are and however they come', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 3000 }),
      fc.array(fc.nat(), { maxLength: 6 }),
      async (bytes, places) => {
        const text = Buffer.concat([Buffer.from(bytes), Buffer.from('\npassword=hunter2\n'), Buffer.from(bytes)]);
        const expected = Buffer.concat([Buffer.from(bytes), Buffer.from(`\npassword=${HIDDEN}\n`), Buffer.from(bytes)]);
        const out = await streamed(createRedactor(), split(text, places));
        if (!out.equals(text)) assert.equal(out, expected);
        else assert.ok(bytes.includes(0), 'only binary data keeps what looks like a password');
      },
    ),
    { numRuns: draws(200) },
  );
});

redactor('binary data stays, but for known values, which keep their length', async () => {
  const binary = Buffer.from([
    0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 3, 0, 200, 255, 254, 0, 7, 6, 5, 0xfe, 0x80, 1, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4,
    5, 6, 7, 8, 9, 0, 0, 0, 1,
  ]);
  assert.equal(await streamed(createRedactor(), [binary]), binary);
  const hiding = createRedactor({ values: ['hunter2x'] });
  const planted = Buffer.concat([binary, Buffer.from('hunter2x'), binary]);
  const out = await streamed(hiding, split(planted, [41, 44, 47]));
  assert.is(out.length, planted.length);
  assert.not.ok(out.includes('hunter2x'));
  assert.equal(out.subarray(0, 40), binary);
});

redactor(
  'binary data comes out the same however it is cut, with a known value at its very beginning, too',
  async () => {
    const binary = Buffer.concat([Buffer.from('hunter2x'), Buffer.from([0, 1, 2, 3, 4, 5, 6, 7, 0xfe, 0x80])]);
    const hidden = Buffer.concat([Buffer.from('********'), binary.subarray(8)]);
    const hiding = createRedactor({ values: ['hunter2x', 'a-longer-one-that-is-not-there'] });
    for (let at = 0; at <= binary.length; at++)
      assert.equal(await streamed(hiding, split(binary, [at])), hidden, `${at}`);
  },
);

redactor('lines without end are held in part only, and their secrets are hidden', async () => {
  const part = Buffer.from('x'.repeat(1 << 20));
  const hiding = createRedactor();
  const stream = hiding.stream('long.log');
  let length = 0;
  let tail = '';
  stream.on('data', (chunk: Buffer) => {
    length += chunk.length;
    tail = (tail + chunk.toString()).slice(-400);
  });
  const ended = once(stream, 'end');
  for (let i = 0; i < 6; i++) if (!stream.write(part)) await once(stream, 'drain');
  stream.end('{"password":"hunter2"}');
  await ended;
  assert.is(length, 6 * part.length + `{"password":"${HIDDEN}"}`.length);
  assert.ok(tail.endsWith(`{"password":"${HIDDEN}"}`));
});

redactor('a secret that is too long to be held is dropped up to its end', async () => {
  const value = 'abc/DEF+'.repeat(700_000);
  const out = (
    await streamed(
      createRedactor(),
      split(Buffer.from(`{"a":1,"password":"${value}\\"","b":2}`), [70_000, 3_000_000, 5_000_000]),
    )
  ).toString();
  assert.is(out, `{"a":1,"password":"${HIDDEN}","b":2}`);
});

redactor('hostile texts need linear time: a pattern that is not linear would not end', () => {
  for (const unit of [
    'a.',
    '"a":',
    'password',
    '"token":"',
    '-----BEGIN PRIVATE KEY-----',
    '"data":{',
    'QUJD',
    '\\',
    '{"name":"',
    'eyJhbGciOi',
    '://',
    'u:',
    '- ',
  ]) {
    const text = unit.repeat(Math.ceil(400_000 / unit.length));
    const out = createRedactor().text(`${text}://`);
    assert.ok(out.length > 0);
  }
  assert.is(createRedactor().text(`${'a.'.repeat(200_000)}://`), `${'a.'.repeat(200_000)}://`);
});

redactor('one value has one token in all files and forms, and another one has another', () => {
  const hiding = createRedactor({ tokenize: true, values: ['pa"ss w0rd'] });
  const token = (text: string): string => /\*\*\*TOKEN_SECRET_[0-9A-F]{10}\*\*\*/.exec(text)?.[0] ?? 'none';
  const hide = (text: string): string => token(hiding.buffer('f', Buffer.from(text)).toString());
  const first = hide('{"password":"hunter2-x"}');
  assert.match(first, /^\*\*\*TOKEN/);
  const same = [
    'password=hunter2-x',
    '"{\\"apiKey\\":\\"hunter2-x\\"}"',
    `{"kind":"Secret","data":{"x":"${b64('hunter2-x')}"}}`,
    'env:\n- name: TOKEN\n  value: hunter2-x',
  ];
  for (const text of same) assert.is(hide(text), first, text);
  assert.is.not(hide('password=hunter2-y'), first);
  const known = token(hiding.text('it is pa"ss w0rd'));
  for (const text of [json('pa"ss w0rd'), b64('pa"ss w0rd'), encodeURIComponent('pa"ss w0rd')])
    assert.is(token(hiding.text(`it is ${text}`)), known, text);
  assert.is.not(
    token(createRedactor({ tokenize: true }).text('password=hunter2-x')),
    first,
    'tokens of another run differ',
  );
});

redactor('the report counts by file and rule, and holds no value', () => {
  const hiding = createRedactor({ values: ['hunter22'] });
  hiding.buffer('a.json', Buffer.from('{"password":"geheim1"} hunter22 {"token":"geheim2"}'));
  hiding.text('hunter22');
  const report = hiding.report();
  assert.equal(report, {
    files: [{ path: 'a.json', rules: { 'value of a secret key': 2, 'known value': 1 } }],
    rules: { 'value of a secret key': 2, 'known value': 2 },
  });
  assert.not.ok(/geheim|hunter/.test(JSON.stringify(report)));
});

redactor('values that are masked later count from then on; too short ones are no secrets', () => {
  const hiding = createRedactor();
  assert.is(hiding.text('it is geheimnis abc'), 'it is geheimnis abc');
  hiding.mask(['geheimnis', 'abc', '']);
  assert.is(hiding.text('it is geheimnis abc'), `it is ${HIDDEN} abc`);
});

redactor('binary data is what has a NUL and more than a few bytes that no text has', () => {
  const SECRET = '\npassword=hunter2\n';
  const isBinary = (bytes: readonly number[]): boolean =>
    createRedactor()
      .buffer('a', Buffer.concat([Buffer.from(bytes), Buffer.from(SECRET)]))
      .includes('hunter2');
  const others = 100 - SECRET.length;
  /** 100 bytes beside the NUL, so many of them this one. */
  const withOdd = (count: number, byte: number): boolean =>
    isBinary([0, ...Array<number>(count).fill(byte), ...Array<number>(others - count).fill(0x61)]);
  assert.equal([withOdd(2, 1), withOdd(3, 1)], [false, true]);
  const table: [byte: number, odd: boolean][] = [
    [0x01, true],
    [0x08, true],
    [0x09, false],
    [0x0d, false],
    [0x0e, true],
    [0x1a, true],
    [0x1b, false],
    [0x1c, true],
    [0x1f, true],
    [0x20, false],
    [0x7e, false],
    [0x7f, true],
    [0x80, false],
    [0xf4, false],
    [0xf5, true],
  ];
  for (const [byte, odd] of table) assert.is(withOdd(50, byte), odd, byte.toString(16));
  assert.is(isBinary(Array<number>(50).fill(1)), false, 'without a NUL it is a text');
  assert.is(isBinary([0, 0, 0]), false);
});

redactor.run();
