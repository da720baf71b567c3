// What of a bundle is not there, in so many lines and no more.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { leftOutLines } from '../../../../scripts/cli/commands/collect/left-out.ts';

const test = suite('cli/commands/collect/left-out');

const lines = (count: number): string[] =>
  leftOutLines(Array.from({ length: count }, (_, at) => ({ path: `p${at}`, reason: 'a link' })));

test('up to twenty lines, then how many more there are', () => {
  assert.equal(lines(0), []);
  assert.equal(lines(1), ['p0 was left out: a link']);
  assert.is(lines(20).length, 20);
  assert.is(lines(20).at(-1), 'p19 was left out: a link');
  assert.equal([lines(21).length, lines(21).at(-1)], [21, '1 more were left out']);
  assert.equal([lines(1_000).length, lines(1_000).at(-1)], [21, '980 more were left out']);
});

test('names of anybody stay on their line', () => {
  const [line] = leftOutLines([{ path: 'a\nb\u001b[2J', reason: 'x\ny' }]);
  assert.not.match(line ?? '', /[\n\u001b]/);
});

test.run();
