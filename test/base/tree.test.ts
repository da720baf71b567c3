// Trees of plain values: looked into, and laid over each other.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isTree, mergeTrees, valueAt } from '../../scripts/base/tree.ts';

const test = suite('base/tree');

test('a path leads to a value, through lists too, and never into what is inherited', () => {
  const tree = { a: [{ b: null }, 'text'] };
  assert.is(valueAt(tree, ['a', 0, 'b']), null);
  assert.is(valueAt(tree, ['a', 1, 'length']), undefined);
  assert.is(valueAt(tree, ['constructor']), undefined);
  assert.is(valueAt(tree, ['a', 'map']), undefined);
  assert.is(valueAt(tree, []), tree);
  assert.is(valueAt(undefined, ['a']), undefined);
});

test('maps merge key by key, lists and scalars replace, and null stays', () => {
  const merged = mergeTrees({ a: { x: 1, y: [1] }, b: 1, c: { z: 1 } }, { a: { y: [2] }, b: { n: 1 }, c: null });
  assert.equal(merged, { a: { x: 1, y: [2] }, b: { n: 1 }, c: null });
});

test('a key like __proto__ is a key like any other', () => {
  const above = JSON.parse('{"__proto__": {"polluted": true}}') as Record<string, unknown>;
  const merged = mergeTrees({}, above);
  assert.is(({} as Record<string, unknown>)['polluted'], undefined);
  assert.ok(Object.hasOwn(merged, '__proto__'));
});

test('only maps are trees', () => {
  assert.equal([{}, [], null, 'x', undefined].map(isTree), [true, false, false, false, false]);
});

test.run();
