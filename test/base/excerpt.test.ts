// The line of an error and its marker, whole or the part around, and what a parser's full stack is called.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { excerptOf, yamlMessage } from '../../scripts/base/excerpt.ts';

const test = suite('base/excerpt');

/** The character that the marker is below. */
const marked = (excerpt: string): string => {
  const [line = '', marker = ''] = excerpt.split('\n');
  assert.match(marker, /^ *\^$/);
  return line[marker.length - 1] ?? 'end';
};

test('a short line is whole, and a marker never stands far behind it', () => {
  assert.is(excerptOf('a: b', 3, 4), '  3 | a: b\n         ^');
  assert.is(marked(excerptOf('a: b', 12, 1)), 'a');
  assert.is(excerptOf('', 1, 1), '  1 | \n      ^');
  assert.is(excerptOf('ab', 1, 99), excerptOf('ab', 1, 3));
});

test('of a long line there is the part around the marker, wherever that is', () => {
  const line = `${'-'.repeat(5000)}X${'-'.repeat(5000)}`;
  const middle = excerptOf(line, 1, 5001);
  assert.is(marked(middle), 'X');
  assert.match(middle, /^ {2}1 \| …-+X-+…\n/);
  for (const column of [1, 50, 101, 102, 5001, 9999, 10_001, 10_002, 99_999]) {
    const excerpt = excerptOf(line, 1, column);
    assert.ok(excerpt.length < 350, `${column}`);
    assert.is(marked(excerpt), column > 10_001 ? 'end' : column === 5001 ? 'X' : '-', `${column}`);
  }
});

test('a full stack is a file that is nested too deeply', () => {
  assert.is(yamlMessage('Maximum call stack size exceeded'), 'is nested too deeply');
  assert.is(yamlMessage('Map keys must be unique'), 'Map keys must be unique');
});

test.run();
