// What branches wrote, joined: the last writer where their order says which that is, else a conflict of all of them.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Value, Variables, merged } from '../../../scripts/tasks/variables/variables.ts';

const test = suite('tasks/variables/variables');

const value = (text: string, more: Partial<Value> = {}): Value => ({ text, source: 's', sensitive: false, ...more });
const branch = (written: Record<string, Value>, after: readonly number[] = []) => ({
  written: new Map(Object.entries(written)),
  after: new Set(after),
});
const texts = (values: ReadonlyMap<string, Value>) =>
  Object.fromEntries([...values].map(([name, { text, conflict }]) => [name, conflict?.map((one) => one.text) ?? text]));

test('one writer, writers that agree, and writers that do not', () => {
  assert.equal(texts(merged([])), {});
  assert.equal(texts(merged([branch({ A: value('a') }), branch({ B: value('b') })])), { A: 'a', B: 'b' });
  assert.equal(texts(merged([branch({ A: value('a') }), branch({ A: value('a') })])), { A: 'a' });
  assert.equal(texts(merged([branch({ A: value('a') }), branch({ A: value('b') })])), { A: ['a', 'b'] });
  assert.equal(texts(merged([branch({ A: value('') }), branch({ A: value('b') })])), { A: ['', 'b'] });
});

test('where branches follow one another the last one counts, whatever the others wrote', () => {
  assert.equal(texts(merged([branch({ A: value('a') }), branch({ A: value('b') }, [0])])), { A: 'b' });
  assert.equal(texts(merged([branch({ A: value('a') }, [1]), branch({ A: value('b') })])), { A: 'a' });
  const three = [branch({ A: value('a') }), branch({ A: value('b') }, [0]), branch({ A: value('c') })];
  assert.equal(texts(merged(three)), { A: ['b', 'c'] });
  // One that wrote nothing orders nothing by itself.
  assert.equal(texts(merged([branch({ A: value('a') }), branch({}, [0]), branch({ A: value('b') }, [0, 1])])), {
    A: 'b',
  });
});

test('a conflict of a branch stays one, with all of its values', () => {
  const conflict = [value('x'), value('y')];
  const inner = branch({ A: value('x', { conflict }) });
  assert.equal(texts(merged([inner])), { A: ['x', 'y'] });
  assert.equal(texts(merged([inner, branch({ A: value('z') })])), { A: ['x', 'y', 'z'] });
  // The same text as one of a conflict is no agreement.
  assert.equal(texts(merged([inner, branch({ A: value('x') })])), { A: ['x', 'y', 'x'] });
  assert.equal(texts(merged([inner, branch({ A: value('z') }, [0])])), { A: 'z' });
});

test('what one of the writers keeps secret is secret', () => {
  const of = (...flags: boolean[]): boolean | undefined =>
    merged(flags.map((sensitive) => branch({ A: value('a', { sensitive }) }))).get('A')?.sensitive;
  assert.equal(
    [of(false), of(true), of(false, true), of(true, false), of(false, false)],
    [false, true, true, true, false],
  );
});

test('a branch sees what was before, and writes for itself until it is joined', () => {
  const all = new Variables([['A', value('a')]]);
  assert.is(all.written.size, 0);
  const one = all.branch();
  one.set('A', value('b'));
  one.set('B', value('c'));
  assert.equal([all.get('A')?.text, all.get('B'), one.get('A')?.text], ['a', undefined, 'b']);
  assert.equal([...one.written.keys()], ['A', 'B']);
  all.join([{ written: one.written, after: new Set() }]);
  assert.equal([all.get('A')?.text, all.get('B')?.text], ['b', 'c']);
  assert.equal([...all.written.keys()], ['A', 'B']);
  assert.equal([[...all.names()], [...all.entries()].length], [['A', 'B'], 2]);
});

test.run();
