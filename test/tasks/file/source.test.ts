// Places in the text of a task file: lines and columns, excerpts, and the place of a part of a text.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lineOf, markWithin, problemAt, Source, whereOf } from '../../../scripts/tasks/file/source.ts';

const sources = suite('tasks/file/source');

const source = new Source('t.yaml', 'ab\ncde\n\nf');

sources('lines and columns of each offset', () => {
  const table: [offset: number, line: number, column: number][] = [
    [0, 1, 1],
    [1, 1, 2],
    [2, 1, 3],
    [3, 2, 1],
    [6, 2, 4],
    [7, 3, 1],
    [8, 4, 1],
    [9, 4, 2],
  ];
  for (const [offset, line, column] of table) {
    assert.equal(source.position(offset), { line, column }, String(offset));
    assert.is(whereOf({ source, offset }), `t.yaml:${line}:${column}`);
    assert.is(lineOf({ source, offset }), `t.yaml:${line}`);
  }
  assert.equal(
    [1, 2, 3, 4].map((line) => source.line(line)),
    ['ab', 'cde', '', 'f'],
  );
  assert.is(new Source('', 'a\r\nb').line(1), 'a');
  assert.equal(new Source('', '').position(0), { line: 1, column: 1 });
  assert.equal(new Source('', '\na').position(1), { line: 2, column: 1 });
});

sources('a problem shows its line, with a marker that stays within it', () => {
  assert.equal(problemAt({ source, offset: 4 }, 'odd'), {
    where: 't.yaml:2:2',
    message: 'odd',
    excerpt: '  2 | cde\n       ^',
  });
  assert.is(problemAt({ source, offset: 6 }, 'odd').excerpt, '  2 | cde\n         ^');
  assert.is(problemAt({ source, offset: 7 }, 'odd').excerpt, '  3 | \n      ^');
  const spaced = new Source('t', 'a    \n');
  assert.is(problemAt({ source: spaced, offset: 4 }, 'odd').excerpt, '  1 | a\n       ^');
});

sources('the place of a part of a text', () => {
  const text = 'cmd: "a x b x c"\nlater: x\n';
  const yaml = new Source('t', text);
  const at = { source: yaml, offset: 5 };
  const value = 'a x b x c';
  const place = (offset: number, part: string): number => markWithin({ value, at }, offset, part).offset;
  assert.is(place(2, 'x'), 8);
  assert.is(place(6, 'x'), 12);
  assert.is(place(0, ''), 5);
  assert.is(place(0, 'missing'), 5);
  assert.is(place(0, 'a x'), 6);
  const repeated = { value: 'x x xx', at: { source: new Source('t', 'x x xx'), offset: 0 } };
  assert.equal(
    [0, 2, 4, 5].map((offset) => markWithin(repeated, offset, 'x').offset),
    [0, 2, 4, 5],
  );
  const row = { value: 'xxx', at: { source: new Source('t', 'xxx'), offset: 0 } };
  assert.is(markWithin(row, 2, 'x').offset, 2);
  // Folding and escapes make a text longer in the file, at most twice as long and 4,096 more.
  for (const [away, found] of [
    [2 * 3 + 4096, 2 * 3 + 4096],
    [2 * 3 + 4097, 0],
  ] as const) {
    const padded = new Source('t', `${' '.repeat(away)}x`);
    assert.is(markWithin({ value: 'abx', at: { source: padded, offset: 0 } }, 2, 'x').offset, found);
  }
  const far = new Source('t', `a: "y"\n${' '.repeat(5000)}x`);
  assert.is(markWithin({ value: 'x', at: { source: far, offset: 3 } }, 0, 'x').offset, 3, 'too far away to be of it');
});

sources.run();
