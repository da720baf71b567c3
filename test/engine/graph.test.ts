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

graph('weak edges count for cycles and unknown names too', () => {
  const steps = [
    { name: 'a', after: ['b'] },
    { name: 'b', needs: ['a'] },
    { name: 'c', after: ['d'] },
  ];
  assert.equal(
    problemsOf(() => checkGraph(steps, {})),
    ['step "c" needs "d", which does not exist', 'steps need each other in a cycle: a → b → a'],
  );
});

graph('a pool lies within one that exists, and not within itself', () => {
  assert.equal(
    problemsOf(() => checkGraph([], { jobs: 4, block: { limit: 2, within: 'job' } })),
    ['pool "block" is within "job", which does not exist; did you mean "jobs"?'],
  );
  assert.equal(
    problemsOf(() => checkGraph([], { a: { limit: 1, within: 'b' }, b: { limit: 1, within: 'a' } })),
    ['pools lie within each other: a → b → a'],
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
  assert.not.throws(() => checkGraph(steps, {}));
  const round = steps.map((step, i) => (i === 0 ? { ...step, needs: ['s99999'] } : step));
  assert.is(problemsOf(() => checkGraph(round, {})).length, 1);
});

graph.run();
