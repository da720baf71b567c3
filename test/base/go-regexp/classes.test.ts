// Classes of characters: ranges, their complement, Go's folding of case, and the names of Unicode's classes.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  clean,
  fold,
  MAX_RUNE,
  negate,
  PERL,
  POSIX,
  rangesOfProperty,
  unicodeProperty,
  type Ranges,
} from '../../../scripts/base/go-regexp/classes.ts';

const classes = suite('base/go-regexp/classes');

/** The ASCII characters within ranges. */
function ascii(ranges: Ranges): string {
  let text = '';
  for (let c = 0; c <= 0x7f; c++) {
    const inside = ranges.some((lo, i) => i % 2 === 0 && lo <= c && c <= (ranges[i + 1] ?? -1));
    if (inside) text += String.fromCharCode(c);
  }
  return text;
}

const those = (pattern: RegExp): string =>
  Array.from({ length: 0x80 }, (_, c) => String.fromCharCode(c))
    .filter((char) => pattern.test(char))
    .join('');

classes('each class of Perl and POSIX, character by character', () => {
  const table: [name: string, pattern: RegExp][] = [
    ['alnum', /[0-9A-Za-z]/],
    ['alpha', /[A-Za-z]/],
    ['ascii', /[^]/],
    ['blank', /[\t ]/],
    ['cntrl', /\p{Cc}/u],
    ['digit', /[0-9]/],
    ['graph', /[!-~]/],
    ['lower', /[a-z]/],
    ['print', /[ -~]/],
    ['punct', /[!-/:-@[-`{-~]/],
    ['space', /[\t\n\v\f\r ]/],
    ['upper', /[A-Z]/],
    ['word', /[0-9A-Za-z_]/],
    ['xdigit', /[0-9A-Fa-f]/],
  ];
  assert.equal(
    [...POSIX.keys()],
    table.map(([name]) => name),
  );
  for (const [name, pattern] of table) assert.is(ascii(POSIX.get(name) ?? []), those(pattern), name);
  for (const [letter, pattern] of [
    ['d', /[0-9]/],
    ['s', /[\t\n\f\r ]/],
    ['w', /[0-9A-Za-z_]/],
  ] as const)
    assert.is(ascii(PERL[letter] ?? []), those(pattern), letter);
  for (const ranges of [...POSIX.values(), ...Object.values(PERL)]) assert.ok(ranges.every((code) => code <= 0x7f));
});

classes('sorted and merged, where they touch too', () => {
  const table: [ranges: Ranges, cleaned: Ranges][] = [
    [[], []],
    [
      [5, 9],
      [5, 9],
    ],
    [
      [5, 9, 1, 2],
      [1, 2, 5, 9],
    ],
    [
      [1, 4, 5, 9],
      [1, 9],
    ],
    [
      [1, 3, 5, 9],
      [1, 3, 5, 9],
    ],
    [
      [1, 9, 3, 4],
      [1, 9],
    ],
    [
      [1, 4, 4, 9],
      [1, 9],
    ],
    [
      [1, 1, 1, 1],
      [1, 1],
    ],
  ];
  for (const [ranges, cleaned] of table) assert.equal(clean(ranges), [...cleaned], ranges.join());
});

classes('the complement, up to both ends', () => {
  const table: [ranges: Ranges, others: Ranges][] = [
    [[], [0, MAX_RUNE]],
    [[0, MAX_RUNE], []],
    [
      [0, 9],
      [10, MAX_RUNE],
    ],
    [
      [1, 9],
      [0, 0, 10, MAX_RUNE],
    ],
    [
      [5, MAX_RUNE],
      [0, 4],
    ],
    [
      [5, MAX_RUNE - 1],
      [0, 4, MAX_RUNE, MAX_RUNE],
    ],
    [
      [7, 8, 2, 3],
      [0, 1, 4, 6, 9, MAX_RUNE],
    ],
  ];
  for (const [ranges, others] of table) assert.equal(negate(ranges), [...others], ranges.join());
});

classes('folding adds what differs in case only', () => {
  const code = (char: string): number => char.codePointAt(0) ?? 0;
  const folded = (from: string, to = from): string => {
    const ranges = fold([code(from), code(to)]);
    let text = '';
    for (let i = 0; i < ranges.length; i += 2)
      for (let c = ranges[i] ?? 0; c <= (ranges[i + 1] ?? -1); c++) text += String.fromCodePoint(c);
    return text;
  };
  const table: [from: string, to: string, all: string][] = [
    ['a', 'a', 'Aa'],
    ['A', 'A', 'Aa'],
    ['z', 'z', 'Zz'],
    ['Z', 'Z', 'Zz'],
    ['@', '@', '@'],
    ['[', '[', '['],
    ['`', '`', '`'],
    ['{', '{', '{'],
    ['Y', 'b', 'ABYZ[\\]^_`abyz'],
    ['k', 'k', 'Kk\u212a'],
    ['s', 's', 'Ss\u017f'],
    ['\u212a', '\u212a', 'Kk\u212a'],
    ['\u017f', '\u017f', 'Ss\u017f'],
    ['é', 'é', 'Éé'],
    ['ß', 'ß', 'ßẞ'],
    ['ǅ', 'ǅ', 'Ǆǅǆ'],
    ['σ', 'σ', 'Σςσ'],
    ['ı', 'ı', 'ı'],
    ['İ', 'İ', 'İ'],
    ['𐐀', '𐐀', '𐐀𐐨'],
    ['9', '9', '9'],
  ];
  for (const [from, to, all] of table) assert.is(folded(from, to), all, `${from}-${to}`);
});

classes("V8's spelling of a class", () => {
  const table: [name: string, property: string | undefined][] = [
    ['L', 'L'],
    ['Lu', 'Lu'],
    ['lu', 'Lu'],
    ['Any', 'Any'],
    ['any', 'Any'],
    ['Assigned', 'Assigned'],
    ['ASCII', 'ASCII'],
    ['LC', 'LC'],
    ['Greek', 'sc=Greek'],
    ['greek', 'sc=Greek'],
    ['Old_Italic', 'sc=Old_Italic'],
    ['OldItalic', 'sc=Old_Italic'],
    ['old italic', 'sc=Old_Italic'],
    ['Lowercase_Letter', 'gc=Lowercase_Letter'],
    ['lowercaseletter', 'gc=Lowercase_Letter'],
    ['Thai', 'sc=Thai'],
    ['Yi', undefined],
    ['Grek', undefined],
    ['Zyyy', undefined],
    ['Foo', undefined],
    ['X', undefined],
    ['', undefined],
  ];
  for (const [name, property] of table) assert.is(unicodeProperty(name), property, name);
});

classes('the code points of a class', () => {
  assert.equal(rangesOfProperty('ASCII'), [0, 0x7f]);
  assert.equal(rangesOfProperty('Any'), [0, MAX_RUNE]);
  assert.equal(rangesOfProperty('Zl'), [0x2028, 0x2028]);
  assert.is(rangesOfProperty('Zl'), rangesOfProperty('Zl'), 'kept');
});

classes.run();
