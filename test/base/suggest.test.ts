// The nearest known name.

import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { didYouMean, nearest } from '../../scripts/base/suggest.ts';

const helpers = suite('base/suggest');

helpers('a typing error finds its name, another word does not', () => {
  const known = ['namespaces', 'name', 'agents'];
  assert.is(nearest('namespaecs', known), 'namespaces');
  assert.is(nearest('Agent', known), 'agents');
  assert.is(nearest('kubernetes', known), undefined);
  assert.is(nearest('x', []), undefined);
});

helpers('how many letters may be wrong: two, a third of a longer name, and never all', () => {
  const table: [name: string, known: string, isNear: boolean][] = [
    ['a', 'b', false],
    ['a', 'ab', false],
    ['ab', 'ax', true],
    ['ab', 'xy', false],
    ['abc', 'axy', true],
    ['abc', 'xyz', false],
    ['abcdefgh', 'abcdefxy', true],
    ['abcdefgh', 'abcdexyz', false],
    ['abcdefghi', 'abcdefxyz', true],
    ['abcdefghi', 'abcdewxyz', false],
    ['abcdef', 'abcd', true],
    ['abcdef', 'abc', false],
  ];
  for (const [name, known, isNear] of table)
    assert.is(nearest(name, [known]), isNear ? known : undefined, `${name} ${known}`);
});

/** By the definition. */
function distance(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  if (a.startsWith(b.charAt(0))) return distance(a.slice(1), b.slice(1));
  return 1 + Math.min(distance(a.slice(1), b), distance(a, b.slice(1)), distance(a.slice(1), b.slice(1)));
}

helpers('of several it is the first of the nearest ones, by the distance of Levenshtein', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'C', 'c'), minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(word, fc.array(word, { maxLength: 6 }), (name, known) => {
      const distances = known.map((one) => distance(name.toLowerCase(), one.toLowerCase()));
      const most = Math.min(2, name.length - 1);
      const least = Math.min(...distances);
      assert.is(nearest(name, known), least <= most ? known[distances.indexOf(least)] : undefined);
    }),
  );
});

helpers('the end of a message quotes a name, and leaves a flag as it is typed', () => {
  assert.is(didYouMean('agent', ['agents', 'name']), '; did you mean "agents"?');
  assert.is(didYouMean('agent', ['agents'], '--'), '; did you mean --agents?');
  assert.is(didYouMean('agent', ['agents'], 'k3d.'), '; did you mean "k3d.agents"?');
  assert.is(didYouMean('zzz', ['agents'], '--'), '');
});

helpers.run();
