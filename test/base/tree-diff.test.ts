import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { treeDifferences } from '../../scripts/base/tree-diff.ts';

const trees = suite('where trees differ');
const paths = (have: unknown, want: unknown): string[] => treeDifferences(have, want).map(({ path }) => path);

trees('equal trees do not, whatever the order of their keys', () => {
  assert.equal(treeDifferences({ a: 1, b: { c: [1, { d: null }] } }, { b: { c: [1, { d: null }] }, a: 1 }), []);
});

trees('each leaf that is another one, is missing or is there in addition', () => {
  assert.equal(treeDifferences({ a: { b: 1, c: 2 } }, { a: { b: 3, d: 4 } }), [
    { path: 'a.b', have: 1, want: 3 },
    { path: 'a.c', have: 2, want: undefined },
    { path: 'a.d', have: undefined, want: 4 },
  ]);
  assert.equal(treeDifferences({ a: null }, { a: {} }), [{ path: 'a', have: null, want: {} }]);
});

trees('items with names are compared by name, others by place', () => {
  const containers = (...names: string[]): object[] => names.map((name) => ({ name, image: name }));
  assert.equal(paths({ c: containers('a', 'b') }, { c: containers('b', 'a') }), []);
  assert.equal(paths({ c: containers('a') }, { c: [{ name: 'a', image: 'x' }] }), ['c[name=a].image']);
  assert.equal(paths({ c: [1, 2] }, { c: [1, 3, 4] }), ['c[1]', 'c[2]']);
  // Two of one name: by place.
  assert.equal(paths({ c: containers('a', 'a') }, { c: containers('a', 'b') }), ['c[1].name', 'c[1].image']);
});

trees('keys with dots are quoted', () => {
  assert.equal(paths({ data: { 'a.b': 1 } }, { data: { 'a.b': 2 } }), ['data["a.b"]']);
});

trees('a list, a tree, nothing and a leaf are four things', () => {
  const kinds = [{}, [], null, 1, '', undefined];
  for (const [i, have] of kinds.entries())
    for (const [j, want] of kinds.entries())
      assert.is(treeDifferences({ a: have }, { a: want }).length, i === j ? 0 : 1, `${i} ${j}`);
});

trees.run();
