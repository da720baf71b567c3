// The tasks that a run reaches, and who calls whom, as a Mermaid flowchart.

import type { Action, Task } from '../file/model.ts';
import type { Edge } from './check.ts';

export function mermaid(
  asked: readonly Task[],
  reached: ReadonlyMap<Task, readonly Edge[]>,
  nameOf: (task: Task) => string,
): string {
  const ids = new Map([...reached.keys()].map((task, at) => [task, `t${at}`]));
  const nodes = [...ids].map(([task, id]) => {
    const label = escaped(nameOf(task));
    return `  ${id}${asked.includes(task) ? `(["${label}"])` : `["${label}"]`}`;
  });
  const edges = [...reached].flatMap(([task, calls]) => {
    const lines = calls.map(({ to, at, free }) => {
      const parallel = inParallel([...task.actions, ...task.finally], at.offset) ? '|parallel|' : '';
      return `  ${ids.get(task) ?? ''} ${free ? '-->' : '-.->'}${parallel} ${ids.get(to) ?? ''}`;
    });
    return [...new Set(lines)];
  });
  return ['flowchart TD', ...nodes, ...edges, ''].join('\n');
}

/** Whether the call at that place stands in a parallel block. */
function inParallel(actions: readonly Action[], offset: number): boolean {
  return actions.some(({ work }) => work.kind === 'parallel' && holds(work.parallel.actions, offset));
}

function holds(actions: readonly Action[], offset: number): boolean {
  return actions.some(
    ({ work }) =>
      (work.kind === 'task' && work.task.at.offset === offset) ||
      (work.kind === 'parallel' && holds(work.parallel.actions, offset)),
  );
}

function escaped(text: string): string {
  return text.replace(/["<>&#]/g, (char) => `#${char.charCodeAt(0)};`);
}
