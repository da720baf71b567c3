// Checks, before anything runs, that steps form a graph that can run.

import { GraphError } from './errors.ts';
import { nearest } from '../base/suggest.ts';
import type { Step } from './step.ts';

type Node = Pick<Step, 'name' | 'needs' | 'pool'>;

/**
 * Returns for each step the names of the steps that need it.
 * @throws GraphError with every duplicate, unknown need, unknown pool and one cycle of each knot.
 */
export function checkGraph(steps: readonly Node[], pools: Readonly<Record<string, number>>): Map<string, string[]> {
  const problems: string[] = [];
  const dependents = new Map<string, string[]>();
  for (const step of steps) {
    if (dependents.has(step.name)) problems.push(`two steps are named "${step.name}"`);
    dependents.set(step.name, []);
  }
  for (const [pool, limit] of Object.entries(pools)) {
    if (!(limit >= 1)) problems.push(`pool "${pool}" has a limit of ${limit}; at least 1 is needed`);
  }
  for (const step of steps) {
    for (const need of new Set(step.needs)) {
      const waiting = dependents.get(need);
      if (waiting) waiting.push(step.name);
      else
        problems.push(
          `step "${step.name}" needs "${need}", which does not exist${didYouMean(need, dependents.keys())}`,
        );
    }
    if (step.pool !== undefined && !Object.hasOwn(pools, step.pool)) {
      problems.push(
        `step "${step.name}" uses pool "${step.pool}", which does not exist${didYouMean(step.pool, Object.keys(pools))}`,
      );
    }
  }
  for (const cycle of findCycles(steps)) problems.push(`steps need each other in a cycle: ${cycle.join(' → ')}`);
  if (problems.length > 0) throw new GraphError(problems);
  return dependents;
}

/**
 * Checks needs that become known during a run.
 * @param needsOf all other needs, by step
 * @throws GraphError for an unknown one, and for one that waits for the step itself.
 */
export function checkLateNeeds(
  step: string,
  late: readonly string[],
  needsOf: ReadonlyMap<string, readonly string[]>,
): void {
  if (late.length === 0) return;
  const problems = late
    .filter((need) => !needsOf.has(need))
    .map((need) => `step "${step}" needs "${need}", which does not exist${didYouMean(need, needsOf.keys())}`);
  const nodes = [...needsOf].map(([name, needs]) => ({ name, needs: name === step ? [...needs, ...late] : needs }));
  for (const cycle of findCycles(nodes)) problems.push(`steps need each other in a cycle: ${cycle.join(' → ')}`);
  if (problems.length > 0) throw new GraphError(problems);
}

function didYouMean(name: string, known: Iterable<string>): string {
  const guess = nearest(name, known);
  return guess === undefined ? '' : `; did you mean "${guess}"?`;
}

/** One cycle of each knot, first name repeated at its end; iterative, so that long chains cost no stack. */
function findCycles(steps: readonly Node[]): string[][] {
  const byName = new Map(steps.map((s) => [s.name, s]));
  const state = new Map<string, 'open' | 'closed'>();
  const cycles: string[][] = [];
  for (const root of byName.keys()) {
    if (state.has(root)) continue;
    const path: { name: string; needs: readonly string[]; next: number }[] = [];
    const enter = (name: string): void => {
      state.set(name, 'open');
      path.push({ name, needs: byName.get(name)?.needs ?? [], next: 0 });
    };
    enter(root);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const need = top.needs[top.next++];
      if (need === undefined) {
        state.set(top.name, 'closed');
        path.pop();
      } else if (state.get(need) === 'open') {
        const names = path.map((p) => p.name);
        cycles.push([...names.slice(names.indexOf(need)), need]);
      } else if (!state.has(need) && byName.has(need)) {
        enter(need);
      }
    }
  }
  return cycles;
}
