// Selectors of sets that anybody wrote: whatever stands in them is a problem with a sentence, and never an exception.

import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseSet } from '../../../scripts/fleet/sets/parse.ts';
import { type LabelSelector, matches, selectorProblems } from '../../../scripts/fleet/sets/selector.ts';

const selectors = suite('fleet: selectors');

const ODD: readonly unknown[] = [1, 'x', true, {}, { a: null }, [1], [null], ['x'], [[]], [{ key: 1, operator: 'In' }]];

selectors('terms of another shape are problems, of the whole set too', () => {
  for (const odd of ODD) {
    assert.ok(selectorProblems({ matchExpressions: odd } as LabelSelector).length > 0, JSON.stringify(odd));
    const { problems } = parseSet(
      {
        apiVersion: 'hive.openshift.io/v1',
        kind: 'SelectorSyncSet',
        metadata: { name: 's' },
        spec: { clusterDeploymentSelector: { matchExpressions: odd } },
      },
      'here',
    );
    assert.ok(
      problems.some(({ level }) => level === 'error'),
      JSON.stringify(odd),
    );
  }
  for (const odd of [1, 'x', [], ['a'], { a: 1 }, { a: null }]) {
    assert.equal(selectorProblems({ matchLabels: odd } as unknown as LabelSelector).length, 1, JSON.stringify(odd));
  }
});

selectors('a selector without problems can be matched', () => {
  const term = fc.oneof(
    fc.record({ key: fc.anything(), operator: fc.constantFrom('In', 'NotIn', 'Exists', 7), values: fc.anything() }),
    fc.anything(),
  );
  const selector = fc.record(
    {
      matchLabels: fc.oneof(fc.dictionary(fc.string(), fc.string()), fc.anything()),
      matchExpressions: fc.oneof(fc.array(term), fc.anything()),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(selector, (given) => {
      const read = given as LabelSelector;
      if (selectorProblems(read).length === 0) assert.type(matches(read, { a: 'b' }), 'boolean');
    }),
    { numRuns: 300 },
  );
});

selectors('ordinary ones are none', () => {
  const matchExpressions = [
    { key: 'a', operator: 'In', values: ['b'] },
    { key: 'c', operator: 'DoesNotExist', values: null },
    { key: 'c', operator: 'DoesNotExist' },
  ];
  assert.equal(selectorProblems({ matchLabels: { a: 'b' }, matchExpressions }), []);
  assert.equal(selectorProblems({ matchLabels: null, matchExpressions: null }), []);
  assert.is(matches({ matchLabels: { a: 'b' }, matchExpressions }, { a: 'b' }), true);
});

selectors('operators: listed or not, there or not; one that is none matches nothing', () => {
  const has = (operator: string, values: string[] | undefined, labels: Record<string, string>): boolean =>
    matches({ matchExpressions: [{ key: 'a', operator, values }] } as LabelSelector, labels);
  const table: [operator: string, values: string[] | undefined, on: boolean[]][] = [
    ['In', ['x', 'y'], [true, false, false]],
    ['NotIn', ['x', 'y'], [false, true, true]],
    ['NotIn', undefined, [true, true, true]],
    ['Exists', undefined, [true, true, false]],
    ['DoesNotExist', undefined, [false, false, true]],
    ['Near', ['x'], [false, false, false]],
  ];
  for (const [operator, values, on] of table)
    assert.equal(
      [{ a: 'x' }, { a: 'z' }, {}].map((labels) => has(operator, values, labels)),
      on,
      operator,
    );
  assert.is(has('Exists', undefined, Object.create({ a: 'x' }) as Record<string, string>), false, 'not its own');
  assert.is(matches({ matchLabels: { a: 'x' } }, { a: 'y' }), false);
});

selectors.run();
