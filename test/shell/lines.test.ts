// Output cut into lines: whatever the chunks, each stream for itself, and of progress bars what a terminal would show.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Lines } from '../../scripts/shell/lines.ts';

const test = suite('shell/lines');

function cut(chunks: [stream: string, chunk: string | Uint8Array][], end = true): string[] {
  const found: string[] = [];
  const lines = new Lines((line) => found.push(line));
  for (const [stream, chunk] of chunks) lines.push(stream, Buffer.from(chunk));
  if (end) lines.end();
  return found;
}

test('lines over chunks, and several in one', () => {
  assert.equal(
    cut([
      ['out', 'a'],
      ['out', 'b\nc\n\nd'],
      ['out', '\n'],
    ]),
    ['ab', 'c', '', 'd'],
  );
  assert.equal(cut([['out', 'a\nrest']]), ['a', 'rest']);
  assert.equal(cut([['out', 'a\nrest']], false), ['a']);
  assert.equal(cut([['out', 'a\n']]), ['a']);
  assert.equal(cut([]), []);
});

test('each stream for itself', () => {
  assert.equal(
    cut([
      ['out', 'a'],
      ['err', 'x\ny'],
      ['out', 'b\n'],
    ]),
    ['x', 'ab', 'y'],
  );
});

test('characters that are cut in the middle', () => {
  const bytes = Buffer.from('é🙂\n');
  assert.equal(cut([...bytes].map((byte) => ['out', Uint8Array.of(byte)])), ['é🙂']);
  assert.equal(cut([['out', bytes.subarray(0, 1)]]), ['\ufffd']);
});

test('the last of what was written over', () => {
  assert.equal(cut([['out', '10 %\r50 %\rdone\r\nnext\r\n\rx']]), ['done', 'next', 'x']);
});

test('after the end a stream begins again', () => {
  const found: string[] = [];
  const lines = new Lines((line) => found.push(line));
  lines.push('out', Buffer.from('a'));
  lines.end();
  lines.push('out', Buffer.from('b\n'));
  lines.end();
  assert.equal(found, ['a', 'b']);
});

test.run();
