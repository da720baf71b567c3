import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { itemLabel, itemsOfLoop } from '../../../../scripts/tasks/actions/kinds/loop.ts';
import type { Loop } from '../../../../scripts/tasks/file/model.ts';
import { Source } from '../../../../scripts/tasks/file/source.ts';

const loops = suite('tasks: loops');

const at = { source: new Source('t', ''), offset: 0 };
const texts = (...values: string[]) => values.map((value) => ({ value, at }));
const items = (loop: Loop): unknown[] =>
  itemsOfLoop(loop, ({ value }) => value.toUpperCase()).map((item) =>
    typeof item === 'string' ? item : Object.fromEntries(item),
  );

loops('the items of a list, the words of a text, all combinations of a matrix', () => {
  assert.equal(items({ kind: 'list', items: texts('a', 'b c'), at }), ['A', 'B C']);
  assert.equal(items({ kind: 'text', text: { value: ' a\n b ', at }, at }), ['A', 'B']);
  assert.equal(items({ kind: 'text', text: { value: '', at }, at }), []);
  const axes = new Map([
    ['os', texts('l', 'd')],
    ['arch', { value: 'x y', at }],
  ] as [string, ReturnType<typeof texts>][]);
  assert.equal(items({ kind: 'matrix', axes, at }), [
    { os: 'L', arch: 'X' },
    { os: 'L', arch: 'Y' },
    { os: 'D', arch: 'X' },
    { os: 'D', arch: 'Y' },
  ]);
  assert.equal(items({ kind: 'matrix', axes: new Map(), at }), []);
  assert.equal(
    [
      itemLabel('a'),
      itemLabel(
        new Map([
          ['os', 'l'],
          ['arch', 'x'],
        ]),
      ),
    ],
    ['a', 'l, x'],
  );
});

loops('no more than 10,000 turns', () => {
  const list = (count: number): Loop => ({
    kind: 'list',
    items: Array.from({ length: count }, () => ({ value: 'a', at })),
    at,
  });
  assert.is(items(list(10_000)).length, 10_000);
  assert.throws(() => items(list(10_001)), /"for" has 10001 turns; at most 10000 are allowed/);
  const axis = texts(...Array.from({ length: 101 }, (_, i) => `${i}`));
  assert.throws(
    () =>
      items({
        kind: 'matrix',
        axes: new Map([
          ['a', axis],
          ['b', axis],
        ]),
        at,
      }),
    /has 10201 turns/,
  );
});

loops.run();
