// Sprint and Sprintf print what Go 1.26 prints, also for what does not fit a verb.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { print, printf } from '../../../scripts/base/go-template/printf.ts';

const test = suite('base/go-template/printf');

test('a space between operands where neither is a string', () => {
  assert.is(print(1, 2), '1 2');
  assert.is(print('a', 1, 2, 'b', 'c', true, false), 'a1 2bctrue false');
  assert.is(print(), '');
});

const table: [format: string, args: unknown[], text: string][] = [
  ['100%%', [], '100%'],
  ['%s|%v|%q', ['a', 'b', 'c"'], 'a|b|"c\\""'],
  ['%.2s|%.0s|%.9s', ['äbc', 'abc', 'ab'], 'äb||ab'],
  ['%5d|%-5d|%05d|%05d', [42, 42, 42, -42], '   42|42   |00042|-0042'],
  ['%1d|%0d', [42, 7], '42|7'],
  ['%5s|%-5s|%05s', ['ab', 'ab', 'ab'], '   ab|ab   |   ab'],
  ['%+d|%+d|%+d|%+s', [3, -3, 0, 'x'], '+3|-3|+0|x'],
  ['%x|%X|%x|%X', [255, 255, 'hi', 'jk'], 'ff|FF|6869|6A6B'],
  ['%f|%.1f|%.0f|%8.2f', [0.5, 1.27, 2.6, 3.14159], '0.500000|1.3|3|    3.14'],
  ['%.0f|%.0f|%.0f|%.0f|%.0f', [0.5, 1.5, 2.5, -0.5, -2.5], '0|2|2|-0|-2'],
  ['%.1f|%.1f|%.2f|%.2f|%.1f', [0.25, 0.75, 0.125, 0.375, 0.35], '0.2|0.8|0.12|0.38|0.3'],
  ['%t|%v', [true, false], 'true|false'],
  ['%v|%v|%v', [[1, 'a'], { b: 1 }, null], '[1 a]|map[b:1]|<nil>'],
  ['%d|%d', ['a', 1.5], '%!d(string=a)|%!d(float64=1.5)'],
  [
    '%s|%s|%s|%s',
    [1, true, [1], { a: 1 }],
    '%!s(int=1)|%!s(bool=true)|%!s([]interface {}=[1])|%!s(map[string]interface {}=map[a:1])',
  ],
  ['%f|%t', ['a', 1], '%!f(string=a)|%!t(int=1)'],
  ['%d|%s', [null, undefined], '%!d(<nil>)|%!s(<nil>)'],
  ['%s %s', ['a'], 'a %!s(MISSING)'],
  ['%s', ['a', 1, 'b'], 'a%!(EXTRA int=1, string=b)'],
  ['%.3d|%.3d', [7, -7], '007|-007'],
];
for (const [format, args, text] of table) {
  test(`${format} of ${JSON.stringify(args)}`, () => {
    assert.is(printf(format, ...args), text);
  });
}

test('fields are not wider than 1000, nor numbers finer than 100 places', () => {
  assert.is(printf('%999999d', 1).length, 1000);
  assert.is(printf('%.999999f', 0.5).length, 102);
  assert.is(printf('%1000d', 1).length, 1000);
  assert.is(printf('%.100f', 0.5).length, 102);
});

test.run();
