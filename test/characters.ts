// Text of any characters for property tests: fast-check's own units write a table of a million code points first.

import fc from 'fast-check';

const isHalf = (point: number): boolean => point >= 0xd800 && point <= 0xdfff;
const points = (min: number, max: number): fc.Arbitrary<string> =>
  fc
    .integer({ min, max })
    .filter((point) => !isHalf(point))
    .map((point) => String.fromCodePoint(point));
const COMBINED = [
  'e\u0301',
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
  '\u{1f1e9}\u{1f1ea}',
  '\u0e01\u0e33',
  '\u{1f44d}\u{1f3fd}',
];
/** One character as a reader sees it: wide, combined or of one byte, also control characters. */
export const character: fc.Arbitrary<string> = fc.oneof(
  points(0, 0xff),
  points(0x20, 0x7e),
  points(0, 0xffff),
  points(0, 0x10ffff),
  fc.constantFrom(...COMBINED),
);
