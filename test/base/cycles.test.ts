// Cycles in graphs that are given by names: each knot once, and none where there is none.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findCycles } from '../../scripts/base/cycles.ts';

const cycles = suite('base/cycles');

const find = (edges: Record<string, string[]>): string[][] => findCycles(new Map(Object.entries(edges)));

cycles('none in a tree, a diamond, or for a name that is not in the graph', () => {
  assert.equal(find({}), []);
  assert.equal(find({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }), []);
  assert.equal(find({ a: ['elsewhere'], b: ['a'] }), []);
});

cycles('a cycle begins and ends with the same name, without the way to it', () => {
  assert.equal(find({ a: ['a'] }), [['a', 'a']]);
  assert.equal(find({ start: ['a'], a: ['b'], b: ['c'], c: ['a'] }), [['a', 'b', 'c', 'a']]);
  assert.equal(find({ a: ['x', 'b'], x: [], b: ['a'], c: ['d'], d: ['c'] }), [
    ['a', 'b', 'a'],
    ['c', 'd', 'c'],
  ]);
});

cycles('a long chain costs no stack', () => {
  const edges = new Map(Array.from({ length: 50_000 }, (_, at) => [`n${at}`, [`n${at + 1}`]]));
  assert.equal(findCycles(edges), []);
  edges.set('n50000', ['n49998']);
  assert.equal(findCycles(edges), [['n49998', 'n49999', 'n50000', 'n49998']]);
});

cycles.run();
