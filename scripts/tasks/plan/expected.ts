// How many actions a run is expected to have, so that it can be said how far it is.

import type { Action, Loop, Task } from '../file/model.ts';
import type { Checked } from './check.ts';

/** A list that is not read to its end. */
const MOST = 1_000_000;

/** As the file stands: an `if` that turns out false, or a list that only the run gives, makes it another number. */
export function expectedActions({ tasks, reached }: Pick<Checked, 'tasks' | 'reached'>): number {
  const counts = new Map<Task, number>();
  const open = new Set<Task>();
  const ofTask = (task: Task): number => {
    if (open.has(task)) return 0;
    const known = counts.get(task);
    if (known !== undefined) return known;
    open.add(task);
    const calls = new Map((reached.get(task) ?? []).map(({ at, to }) => [at, to]));
    const ofAction = (action: Action): number => {
      if (/^\s*(failure|cancelled)\(\)\s*$/.test(action.if?.value ?? '')) return 0;
      const { work } = action;
      const turns = action.for === undefined ? 1 : turnsOf(action.for);
      if (work.kind === 'nothing') return 0;
      if (work.kind === 'parallel') return turns * sum(work.parallel.actions.map(ofAction));
      if (work.kind !== 'task') return turns;
      const called = calls.get(work.task.at);
      return called === undefined ? turns : turns * ofTask(called);
    };
    const count = Math.min(MOST, sum([...task.actions, ...task.finally].map(ofAction)));
    open.delete(task);
    // The second call of a task that runs once has nothing left to do.
    counts.set(task, task.once ? 0 : count);
    return count;
  };
  return Math.min(MOST, sum(tasks.map(ofTask)));
}

function turnsOf(loop: Loop): number {
  if (loop.kind === 'list') return loop.items.length;
  if (loop.kind === 'text') return 1;
  return [...loop.axes.values()].reduce((turns, axis) => turns * (Array.isArray(axis) ? axis.length : 1), 1);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
