// What `hoist run` shows instead of running: --list, --list-all, --graph, --explain.

import { UsageError } from '../../../base/errors.ts';
import { explain } from '../../../tasks/plan/explain.ts';
import { mermaid } from '../../../tasks/plan/graph.ts';
import { listMarkdown, listTasks, listText } from '../../../tasks/plan/list.ts';
import { type RunTasksOptions, openProgram, prepareTasks } from '../../../tasks/run-tasks.ts';
import type { Io } from '../../command.ts';
import type { RunFlags } from './flags.ts';

/** The exit code where one of these was asked for; undefined where tasks are to be run. */
export async function show(flags: RunFlags, options: RunTasksOptions, io: Io): Promise<number | undefined> {
  const list = flags['list-all'] ?? flags.list;
  if (list !== undefined) {
    if (list !== 'text' && list !== 'md' && list !== 'true')
      throw new UsageError(`--list takes "md" or nothing, not "${list}"`);
    const { program } = await openProgram(options);
    const all = flags['list-all'] !== undefined;
    const lists = await listTasks(program, all, (message) => io.stderr.write(`warning: ${message}\n`));
    io.stdout.write(list === 'md' ? listMarkdown(lists) : listText(lists));
    return 0;
  }
  const name = flags.explain;
  if (name !== undefined) {
    const { declarations, setters } = await prepareTasks({ ...options, strict: false });
    io.stdout.write(explain(name, declarations, setters));
    return 0;
  }
  if (!flags.graph) return undefined;
  const { tasks, reached, root } = await prepareTasks(options);
  io.stdout.write(
    mermaid(tasks, reached, (task) => (task.file === root ? task.name : `${task.file.source.name}: ${task.name}`)),
  );
  return 0;
}
