// What is known of a run: counts, and groups of steps as one.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Tally } from '../../scripts/progress/tally.ts';
import { ended, record, started } from './events.ts';

const test = suite('progress/tally');

test('steps that are added while the run goes on count too', () => {
  const tally = new Tally();
  tally.add(started('a', 'b'));
  tally.add({ type: 'steps-added', atMs: 1, by: 'a', steps: [{ name: 'c', needs: [], optional: false }] });
  tally.add(ended(record('a', 0, 5, { outcome: 'failed' })));
  tally.add(ended(record('b', 0, 5, { outcome: 'warned' })));
  assert.equal([tally.total, tally.ended, tally.failed, tally.warnings], [3, 2, 1, 1]);
});

test('in all it is what is known, what was expected, or what has been seen, whichever is most', () => {
  const of = (expected: number, known: readonly string[], begun: number, over: number): number => {
    const tally = new Tally(expected);
    tally.add(started(...known));
    for (let i = 0; i < begun; i++) tally.add({ type: 'step-started', atMs: 0, step: `s${i}`, attempt: 1 });
    for (let i = 0; i < over; i++) tally.add(ended(record(`s${i}`, 0, 5)));
    return tally.total;
  };
  assert.equal([of(0, [], 0, 0), of(0, ['a', 'b'], 0, 0), of(5, ['a'], 0, 0)], [0, 2, 5]);
  assert.equal([of(1, [], 3, 0), of(1, [], 3, 2), of(1, [], 3, 3)], [3, 3, 3]);
});

test('a group is shown as one step with its share, beside single steps, in the order of their starts', () => {
  const tally = new Tally();
  const steps = ['x/1', 'x/2', 'x/3'].map((name) => ({ name, group: 'x', needs: [], optional: false }));
  tally.add({ type: 'run-started', atMs: 0, steps: [...steps, { name: 'y', needs: [], optional: false }], pools: {} });
  assert.equal(tally.shown(), []);
  tally.add({ type: 'step-started', atMs: 10, step: 'x/1', attempt: 1 });
  tally.add({ type: 'step-started', atMs: 20, step: 'y', attempt: 1 });
  tally.add({ type: 'step-started', atMs: 30, step: 'x/2', attempt: 1 });
  tally.add(ended(record('x/1', 10, 40, { group: 'x' })));
  assert.equal(
    tally.shown().map(({ name, startedMs, progress }) => [name, startedMs, progress]),
    [
      ['x', 10, { done: 1, total: 3 }],
      ['y', 20, undefined],
    ],
  );
  tally.add(ended(record('x/2', 30, 50, { group: 'x' })));
  assert.equal(
    tally.shown().map(({ name }) => name),
    ['y'],
    'a group of which nothing runs is not shown',
  );
});

test.run();
