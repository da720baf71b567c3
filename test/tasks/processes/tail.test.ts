// The last lines of what a process wrote, at a bounded cost.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Tail } from '../../../scripts/tasks/processes/tail.ts';

const test = suite('tasks/processes/tail');

const lines = (count: number, ...chunks: (string | Buffer)[]): string[] => {
  const tail = new Tail();
  for (const chunk of chunks) tail.add(Buffer.from(chunk));
  return tail.lines(count);
};

test('at most so many, the last one last, without empty ones at the end', () => {
  assert.equal(lines(2, 'a\nb\r\nc\n'), ['b', 'c']);
  assert.equal(lines(9, 'a\n', 'b', 'c\n\n\n'), ['a', 'bc']);
  assert.equal(lines(9, 'a\n\nb\n'), ['a', '', 'b']);
  assert.equal(lines(2, ''), []);
  assert.equal(lines(2), []);
  assert.equal(lines(2, '\n\n'), []);
});

test('of much output the end, however it came', () => {
  const all = Array.from({ length: 5_000 }, (_, at) => `line ${at}\n`);
  assert.equal(lines(2, all.join('')), ['line 4998', 'line 4999']);
  assert.equal(lines(2, ...all), ['line 4998', 'line 4999']);
  const kept = lines(10_000, ...all);
  assert.ok(kept.length > 600 && kept.length < 1_000, String(kept.length));
  assert.ok(lines(10_000, ...all.join('').split('')).length > 600, 'in single bytes');
});

test('a character that was cut is not shown', () => {
  const text = `${'ü'.repeat(6_000)}\nend`;
  assert.is(lines(1, text)[0], 'end');
  assert.match(lines(2, `x${text}`)[0] ?? '', /^ü+$/);
});

test.run();
