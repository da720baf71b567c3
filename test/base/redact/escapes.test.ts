// Known secrets of which some or all characters are escapes: found at any place and cut, and nothing else is.

import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createRedactor, HIDDEN } from '../../../scripts/base/redact/redactor.ts';
import { draws } from '../../draws.ts';
import { streamed } from './streamed.ts';

const escapes = suite('base/redact/escapes');

const hex = (code: number, digits = 2): string => code.toString(16).padStart(digits, '0');
const octal = (code: number): string => code.toString(8).padStart(3, '0');
const bytesOf = (char: string): number[] => [...Buffer.from(char, 'utf8')];
const unitsOf = (char: string): number[] => Array.from({ length: char.length }, (_, at) => char.charCodeAt(at));
const codeOf = (char: string): number => char.codePointAt(0) ?? 0;

/** Ways to write a character; those of one family may be mixed in one text. */
const FAMILIES: Readonly<Record<string, readonly ((char: string) => string)[]>> = {
  bytes: [
    (char) => char,
    (char) =>
      bytesOf(char)
        .map((byte) => `\\x${hex(byte)}`)
        .join(''),
    (char) =>
      bytesOf(char)
        .map((byte) => `\\x${hex(byte).toUpperCase()}`)
        .join(''),
    (char) =>
      bytesOf(char)
        .map((byte) => `\\${octal(byte)}`)
        .join(''),
  ],
  units: [
    (char) => char,
    (char) =>
      unitsOf(char)
        .map((unit) => `\\u${hex(unit, 4)}`)
        .join(''),
    (char) =>
      unitsOf(char)
        .map((unit) => `\\\\u${hex(unit, 4).toUpperCase()}`)
        .join(''),
    (char) => `\\u{${hex(codeOf(char))}}`,
    (char) => `\\U${hex(codeOf(char), 8)}`,
    // As Python and JavaScript write what is in Latin-1.
    (char) => (codeOf(char) < 0x100 ? `\\x${hex(codeOf(char))}` : char),
  ],
  entities: [
    (char) => char,
    (char) => `&#${codeOf(char)};`,
    (char) => `&#x${hex(codeOf(char))};`,
    (char) => `&#X${hex(codeOf(char), 4).toUpperCase()};`,
    (char) => `&amp;#${codeOf(char)};`,
    (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' })[char] ?? char,
  ],
};

const character = fc.oneof(
  fc.constantFrom(...Array.from('abcXYZ0189')),
  fc.constantFrom(...Array.from('$&<>"\'!#%+/=@_-. \n\\')),
  fc.constantFrom('ö', 'é', '€', '漢', '😀'),
);
/** Its ends are letters, so that the text around it does not become part of an escape. */
const secrets = fc.array(character, { minLength: 4, maxLength: 30 }).map((chars) => ['q', ...chars, 'Z']);

for (const [family, ways] of Object.entries(FAMILIES)) {
  escapes(`a secret written in ${family}, some of them plain: hidden whole, and the rest stays`, async () => {
    await fc.assert(
      fc.asyncProperty(
        secrets,
        fc.array(fc.nat(), { minLength: 32, maxLength: 32 }),
        fc.array(fc.nat(), { maxLength: 6 }),
        async (chars, choices, cuts) => {
          const redactor = createRedactor({ values: [chars.join('')] });
          const written = chars.map((char, at) => (ways[(choices[at] ?? 0) % ways.length] ?? String)(char)).join('');
          const around = ['level=info msg=\\"it\\\\n\\u003cwas\\u003e ', ' \\x1b[0m &amp; &#8212; \\t done\n'];
          const text = around.join(written);
          const hidden = redactor.buffer('a.log', Buffer.from(text)).toString('utf8');
          assert.is(hidden, around.join(HIDDEN), written);
          const whole = Buffer.from(text);
          const places = [0, ...cuts.map((cut) => cut % whole.length).sort((a, b) => a - b), whole.length];
          const parts = places.slice(1).map((end, at) => whole.subarray(places[at], end));
          assert.is((await streamed(redactor, parts)).toString(), around.join(HIDDEN), written);
        },
      ),
      { numRuns: draws(100) },
    );
  });
}

const hide = (value: string, text: string): string =>
  createRedactor({ values: [value] })
    .buffer('a.log', Buffer.from(text))
    .toString('utf8');

escapes('as shells quote', () => {
  // `printf %q` of bash, and of zsh; shlex.quote of Python.
  assert.is(hide('p&ss w$rd!', 'x p\\&ss\\ w\\$rd\\! y'), `x ${HIDDEN} y`);
  assert.is(hide('pä\tss"w', "x $'p\\303\\244\\tss\"w' y"), `x $'${HIDDEN}' y`);
  assert.is(hide("don't tell", "x $'don\\'t tell' y"), `x $'${HIDDEN}' y`);
  assert.is(hide("don't tell", `x 'don'"'"'t tell' y`), `x '${HIDDEN}' y`);
});

escapes('escapes of a secret that has backslashes itself', () => {
  const value = 'C:\\new\\x41\\pass';
  for (const text of [
    value,
    JSON.stringify(value).slice(1, -1),
    bytesOf(value)
      .map((byte) => `\\x${hex(byte)}`)
      .join(''),
  ])
    assert.is(hide(value, `a ${text} b`), `a ${HIDDEN} b`, text);
});

escapes('in base64, and over the end of what is held of a stream', async () => {
  const value = 'correct&horse';
  const written = Array.from(value)
    .map((char) => `&#${codeOf(char)};`)
    .join('');
  const encoded = Buffer.from(`<password-of-x>${written}</password-of-x>`).toString('base64');
  assert.is(hide(value, `a ${encoded} b`), `a ${HIDDEN} b`);
  const filler = 'a line of a log that has nothing to hide\n'.repeat(3000);
  const parts = [filler, written.slice(0, 40), written.slice(40), filler].map((part) => Buffer.from(part));
  assert.is((await streamed(createRedactor({ values: [value] }), parts)).toString(), filler + HIDDEN + filler);
});

escapes('in base32 at each offset', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const base32 = (text: string): string =>
    (
      [...Buffer.from(text)]
        .map((byte) => byte.toString(2).padStart(8, '0'))
        .join('')
        .match(/.{1,5}/g) ?? []
    )
      .map((bits) => alphabet.charAt(Number.parseInt(bits.padEnd(5, '0'), 2)))
      .join('');
  assert.is(base32('foobar'), 'MZXW6YTBOI', 'as RFC 4648 has it');
  for (const before of ['', 'x', 'xy', 'xyz', 'xyzw', 'xyzwv']) {
    const text = base32(`${before}correct-horse=${before}`);
    assert.match(hide('correct-horse', `a ${text} b`), HIDDEN, before);
    assert.not.match(hide('correct-horse', `a ${text} b`), base32('correct-horse').slice(2, -2));
    assert.match(hide('correct-horse', `a ${text.toLowerCase()} b`), HIDDEN, before);
  }
});

escapes('long secrets: many lines, and more than is looked for with escapes', () => {
  const lines = Array.from({ length: 1200 }, (_, at) => `line ${at} of a long secret`).join('\n');
  const text = `a ${JSON.stringify(lines).slice(1, -1)} b`;
  assert.is(hide(lines, text), `a ${HIDDEN} b`);
  const some = lines.slice(0, 2000);
  assert.is(hide(some, `a ${some.replaceAll(' ', '\\x20')} b`), `a ${HIDDEN} b`);
});

escapes('what is not the secret stays', () => {
  for (const text of [
    'C:\\pass\\word\\1234',
    '\\x70\\x61\\x73\\x73',
    '&#112;&#97;&#115;&#115;word',
    '\\u{110000}\\Uffffffff&#9999999;',
    '\\',
    '\\\\\\',
    '&#;&amp;#&#x;',
  ])
    assert.is(hide('pass:word', text), text);
});

escapes.run();
