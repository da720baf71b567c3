import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { styleFor, wantsColour, wantsUnicode } from '../../scripts/progress/style.ts';

const test = suite('style');

test('who decides on colour', () => {
  const table: [Record<string, string>, boolean, boolean][] = [
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ FORCE_COLOR: 'false' }, true, false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
  ];
  for (const [env, isTTY, colour] of table) assert.is(wantsColour(env, isTTY), colour, JSON.stringify(env));
});

test('where Unicode is drawn', () => {
  const table: [Record<string, string>, boolean][] = [
    [{}, true],
    [{ LANG: 'C.UTF-8' }, true],
    [{ LANG: 'de_DE.utf8' }, true],
    [{ LANG: 'C' }, false],
    [{ LANG: 'en_US.UTF-8', LC_ALL: 'POSIX' }, false],
    [{ LANG: 'C', LC_ALL: '', LC_CTYPE: 'C.UTF-8' }, true],
    [{ TERM: 'linux', LANG: 'C.UTF-8' }, false],
    [{ TERM: 'dumb' }, false],
  ];
  for (const [env, unicode] of table) assert.is(wantsUnicode(env), unicode, JSON.stringify(env));
});

test('styles are escape sequences with colour and nothing without', () => {
  const plain = styleFor({ colour: false, unicode: true });
  const painted = styleFor({ colour: true, unicode: true });
  assert.is(plain.bad('x'), 'x');
  assert.is(painted.bad('x'), '\x1b[31mx\x1b[39m');
  assert.is(painted.bold(''), '');
});

test('without Unicode every mark is ASCII', () => {
  const { marks } = styleFor({ colour: false, unicode: false });
  for (const mark of Object.values(marks) as string[]) assert.match(mark, /^[\x20-\x7e]+$/);
});

test.run();
