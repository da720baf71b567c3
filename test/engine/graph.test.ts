// What the engine refuses before anything runs.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphError } from '../../scripts/engine/errors.ts';
import { checkGraph } from '../../scripts/engine/graph.ts';

const graph = suite('engine: graph');

function problemsOf(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof GraphError) return error.problems;
    throw error;
  }
  return [];
}

graph('knows who waits for whom', () => {
  const dependents = checkGraph([{ name: 'a' }, { name: 'b', needs: ['a', 'a'] }, { name: 'c', needs: ['a'] }], {});
  assert.equal(
    [...dependents],
    [
      ['a', ['b', 'c']],
      ['b', []],
      ['c', []],
    ],
  );
});

graph('prints a cycle as it goes round', () => {
  const steps = [
    { name: 'a', needs: ['c'] },
    { name: 'b', needs: ['a'] },
    { name: 'c', needs: ['b'] },
  ];
  assert.equal(
    problemsOf(() => checkGraph(steps, {})),
    ['steps need each other in a cycle: a → c → b → a'],
  );
});

graph('a step that needs itself is a cycle', () => {
  assert.equal(
    problemsOf(() => checkGraph([{ name: 'a', needs: ['a'] }], {})),
    ['steps need each other in a cycle: a → a'],
  );
});

graph('names everything that is wrong at once, with the nearest known name', () => {
  const steps = [
    { name: 'namespaces' },
    { name: 'namespaces' },
    { name: 'x', needs: ['namespace'], pool: 'aply' },
    { name: 'y', needs: ['kubernetes'] },
  ];
  assert.equal(
    problemsOf(() => checkGraph(steps, { apply: 4, pull: 0 })),
    [
      'two steps are named "namespaces"',
      'pool "pull" has a limit of 0; at least 1 is needed',
      'step "x" needs "namespace", which does not exist; did you mean "namespaces"?',
      'step "x" uses pool "aply", which does not exist; did you mean "apply"?',
      'step "y" needs "kubernetes", which does not exist',
    ],
  );
});

graph('a chain of 100,000 costs no stack', () => {
  const steps = Array.from({ length: 100_000 }, (_, i) => ({ name: `s${i}`, needs: i > 0 ? [`s${i - 1}`] : [] }));
  assert.is(checkGraph(steps, {}).size, 100_000);
});

graph.run();
