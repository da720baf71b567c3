// Checks, before steps run, that they form a graph that can run.

import { findCycles } from '../base/cycles.ts';
import { didYouMean } from '../base/suggest.ts';
import { GraphError } from './errors.ts';
import type { Pool, Step } from './step.ts';

type Node = Pick<Step, 'name' | 'needs' | 'after' | 'pool'>;

/** What a run has already, where steps are added to it. */
export interface Known {
  has(name: string): boolean;
  keys(): Iterable<string>;
  /** The steps from one to the step that adds the new ones, each waiting for the next; undefined where it does not wait. */
  pathToAdder(name: string): readonly string[] | undefined;
}

const NOTHING: Known = { has: () => false, keys: () => [], pathToAdder: () => undefined };

/** @throws GraphError with every duplicate, unknown need, unknown pool and one cycle of each knot. */
export function checkGraph(
  steps: readonly Node[],
  pools: Readonly<Record<string, Pool>>,
  known: Known = NOTHING,
): void {
  const names = new Set<string>();
  const problems: string[] = [];
  for (const { name } of steps) {
    if (names.has(name) || known.has(name)) problems.push(`two steps are named "${name}"`);
    names.add(name);
  }
  problems.push(...poolProblems(pools));
  const near = (name: string): string => didYouMean(name, [...names, ...known.keys()]);
  for (const step of steps) {
    for (const need of new Set(edgesOf(step))) {
      if (names.has(need)) continue;
      const path = known.pathToAdder(need);
      if (!known.has(need)) {
        problems.push(`step "${step.name}" needs "${need}", which does not exist${near(need)}`);
      } else if (path) {
        problems.push(cycleSentence([step.name, ...path, step.name]));
      }
    }
    if (step.pool !== undefined && !Object.hasOwn(pools, step.pool)) {
      const guess = didYouMean(step.pool, Object.keys(pools));
      problems.push(`step "${step.name}" uses pool "${step.pool}", which does not exist${guess}`);
    }
  }
  const edges = new Map(steps.map((step) => [step.name, edgesOf(step)]));
  for (const cycle of findCycles(edges)) problems.push(cycleSentence(cycle));
  if (problems.length > 0) throw new GraphError(problems);
}

/** All steps that one waits for. */
function edgesOf({ needs = [], after = [] }: Node): readonly string[] {
  return after.length === 0 ? needs : [...needs, ...after];
}

function poolProblems(pools: Readonly<Record<string, Pool>>): string[] {
  const within = new Map<string, string[]>();
  const problems = Object.entries(pools).flatMap(([name, pool]) => {
    const { limit, outer } = typeof pool === 'number' ? { limit: pool } : { limit: pool.limit, outer: pool.within };
    within.set(name, outer === undefined ? [] : [outer]);
    return [
      ...(limit >= 1 ? [] : [`pool "${name}" has a limit of ${limit}; at least 1 is needed`]),
      ...(outer === undefined || Object.hasOwn(pools, outer)
        ? []
        : [`pool "${name}" is within "${outer}", which does not exist${didYouMean(outer, Object.keys(pools))}`]),
    ];
  });
  return [...problems, ...findCycles(within).map((cycle) => `pools lie within each other: ${cycle.join(' → ')}`)];
}

/**
 * The steps from `from` to `target`, each waiting for the next, or undefined where `from` does not wait for it.
 * @param waitsFor what a step still waits for; nothing for one that has ended, so that only what is open is searched
 */
export function waitingPath(
  from: string,
  target: string,
  waitsFor: (name: string) => readonly string[],
): string[] | undefined {
  const cameFrom = new Map<string, string | undefined>([[from, undefined]]);
  const work = [from];
  for (let name = work.pop(); name !== undefined; name = work.pop()) {
    if (name === target) {
      const path: string[] = [];
      for (let at: string | undefined = name; at !== undefined; at = cameFrom.get(at)) path.unshift(at);
      return path;
    }
    for (const next of waitsFor(name)) {
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, name);
      work.push(next);
    }
  }
  return undefined;
}

/** The sentence for a cycle, given as names with the first one repeated at the end. */
export function cycleSentence(cycle: readonly string[]): string {
  return `steps need each other in a cycle: ${cycle.join(' → ')}`;
}
