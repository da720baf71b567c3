import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { character } from '../characters.ts';
import { draws } from '../draws.ts';
import {
  coloured,
  cutText,
  forStream,
  harmless,
  lastWritten,
  oneLine,
  visible,
} from '../../scripts/base/terminal-text.ts';

const texts = suite('text of others');

const ESC = '\u001b';

/** What servers, files and programs have been seen to send, and what an attacker would. */
const HOSTILE: readonly [name: string, text: string, left: string][] = [
  ['the clipboard', `a${ESC}]52;c;aGVsbG8=\u0007b`, 'ab'],
  ['a link', `${ESC}]8;;https://evil.example${ESC}\\click${ESC}]8;;${ESC}\\`, 'click'],
  ['a title that is not ended', `a${ESC}]0;pwn\nb`, 'a\nb'],
  ['a cleared screen', `a${ESC}[2J${ESC}[Hb`, 'ab'],
  ['C1 controls', 'a\u009b2Jb\u009d0;pwn\u0007c\u0085d', 'abcd'],
  ['a device control string', `a${ESC}P1$r0m${ESC}\\b`, 'ab'],
  ['turned text', 'user\u202etxt.exe\u2066x\u2069', 'usertxt.exex'],
  ['unseen text', 'de\u200bv\ufeff\u{e0041}\u{e0042}', 'dev'],
  ['a carriage return', 'sentence of hoist: \rall is well', 'sentence of hoist:  all is well'],
  ['concealed text', `a${ESC}[8mb${ESC}[0m`, 'ab'],
  ['bells and backspaces', 'a\u0007\b\bb\u0000\u007f', 'ab'],
  ['an escape alone', `a${ESC}`, 'a'],
];

for (const [name, text, left] of HOSTILE) {
  texts(`${name}: taken out`, () => {
    assert.is(harmless(text), left);
    assert.is(forStream(text), left);
  });
}

texts('whatever comes, nothing is left that a terminal obeys or a reader cannot see', () => {
  const part = fc.oneof(
    fc.constantFrom(
      ...HOSTILE.map(([, text]) => text),
      ESC,
      `${ESC}[`,
      `${ESC}]`,
      '\u009b',
      '\r',
      '\n',
      '\t',
      ';',
      '31m',
      '\u0007',
      '\\',
    ),
    fc.string({ unit: character, maxLength: 8 }),
  );
  const bad = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const text = parts.join('');
      assert.not.match(harmless(text), bad);
      assert.not.match(oneLine(text), /[\n\t]/);
      assert.not.match(lastWritten(text), /[\n\t\u001b\r]/);
      assert.not.match(forStream(text).replace(/\u001b\[\d{1,2}m/g, ''), bad);
      assert.is(harmless(harmless(text)), harmless(text));
    }),
    { numRuns: draws(2000) },
  );
});

texts('what people write stays as it is', () => {
  for (const text of ['für alle → ✓', '日本語', '👩‍👩‍👧 👍🏽', 'tab\tand\nline', 'naïve ½ “quotes”', 'مرحبا', 'שלום']) {
    assert.is(harmless(text), text);
    assert.is(forStream(text), text);
  }
});

texts("hoist's own styles pass the guard of a stream, others do not", () => {
  assert.is(
    forStream(`${ESC}[32m✓${ESC}[39m ${ESC}[1mready${ESC}[22m\n`),
    `${ESC}[32m✓${ESC}[39m ${ESC}[1mready${ESC}[22m\n`,
  );
  assert.is(forStream(`${ESC}[8mhidden${ESC}[48;5;1m${ESC}[2Kx`), 'hiddenx');
});

texts('a line of JSON keeps what it says', () => {
  const value = { type: 'x', text: 'a\u202eb\u009b2J\u007f\u{e0041}', more: ESC };
  const written = forStream(`${JSON.stringify(value)}\n`);
  assert.equal(JSON.parse(written), value);
  assert.not.match(written, /[\u001b\u007f-\u009f\u202e]/);
});

texts('of output that is drawn again the last is shown; of a message all', () => {
  assert.is(lastWritten('10 %\r50 %\r100 %\r'), '100 %');
  assert.is(oneLine('10 %\r50 %'), '10 % 50 %');
  assert.is(lastWritten('a\r\nb'), 'a b');
});

texts('a long text is cut, with a word about the rest', () => {
  assert.is(cutText('abc', 3), 'abc');
  assert.is(cutText('abcdef', 3), 'abc… (6 characters)');
  assert.is(cutText('ab👍', 3), 'ab… (4 characters)');
});

texts('no text keeps it busy: a pattern that goes back would take hours for these', () => {
  for (const piece of [
    `${ESC}[`,
    `${ESC}]`,
    `${ESC}[;`,
    `${ESC}[1;1`,
    '\r',
    `${ESC}];a`,
    `${ESC}P`,
    '\u009b0',
    ' ',
    '\n',
    ' \n',
    '\t',
  ]) {
    const text = piece.repeat(200_000);
    assert.not.ok(harmless(text).includes(ESC));
    assert.not.ok(forStream(text).includes(ESC));
    assert.not.ok(oneLine(text).includes('\n'));
    assert.not.ok(lastWritten(text).includes('\n'));
  }
});

texts('what would be obeyed or hidden can be seen, each character by its number', () => {
  const table: [text: string, shown: string][] = [
    ['plain\ttext\n', 'plain\ttext\n'],
    [`a${ESC}b`, 'a\\x1bb'],
    ['a\u0007b', 'a\\x07b'],
    ['a\u009bb', 'a\\x9bb'],
    ['a\u061cb', 'a\\u{61c}b'],
    ['a\u202eb', 'a\\u{202e}b'],
  ];
  for (const [text, shown] of table) assert.is(visible(text), shown);
});

texts("a program's own colours stay, and end with its text", () => {
  assert.is(coloured('plain'), 'plain');
  assert.is(coloured(`a${ESC}[31mred${ESC}[2Jb`), `a${ESC}[31mredb${ESC}[0m`);
  assert.is(coloured(`a${ESC}[2Jb`), 'ab');
  assert.is(coloured(`${ESC}[31m`), `${ESC}[31m${ESC}[0m`);
});

texts.run();
