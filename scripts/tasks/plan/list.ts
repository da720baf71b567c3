// The tasks of a file for --list and --list-all: names, descriptions and inputs, those of includes below them.

import { oneLine } from '../../base/terminal-text.ts';
import type { Input, Task, TaskFile } from '../file/model.ts';
import type { Program } from '../includes/program.ts';

export interface Listed {
  /** The include that the tasks come from, as in `include:task`; empty for the file's own. */
  prefix: string;
  tasks: readonly Task[];
}

/** Includes within includes that are listed. */
const DEEPEST = 5;

/** The file's own tasks, and with `all` those of its includes; an include that cannot be had is reported to `warn`. */
export async function listTasks(program: Program, all: boolean, warn: (message: string) => void): Promise<Listed[]> {
  const lists: Listed[] = [];
  const visit = async (file: TaskFile, prefix: string, path: readonly TaskFile[]): Promise<void> => {
    lists.push({ prefix, tasks: [...file.tasks.values()].filter(({ internal }) => !internal) });
    if (!all || path.length >= DEEPEST) return;
    for (const include of file.includes) {
      const included = await program.load(include, file).catch((error: unknown) => {
        warn(`include "${include.key}" is not listed: ${error instanceof Error ? error.message : String(error)}`);
        return undefined;
      });
      if (included !== undefined && !path.includes(included) && included !== file) {
        await visit(included, `${prefix}${include.key}:`, [...path, file]);
      }
    }
  };
  await visit(program.root, '', []);
  return lists;
}

export function listText(lists: readonly Listed[]): string {
  const rows = lists.flatMap(({ prefix, tasks }) => tasks.map(({ name }) => oneLine(prefix + name)));
  const cells = Math.max(0, ...rows.map((name) => name.length));
  return lists
    .filter(({ tasks }) => tasks.length > 0)
    .map(({ prefix, tasks }) => {
      const lines = tasks.flatMap((task) => [
        `${oneLine(prefix + task.name).padEnd(cells)}  ${oneLine(task.description ?? '')}`.trimEnd(),
        ...[...task.inputs.values()].map((input) => `${' '.repeat(cells)}    ${oneLine(inputLine(input))}`),
      ]);
      return `${lines.join('\n')}\n`;
    })
    .join('\n');
}

/** `--with zone=…  (required) where to build`, `--with zone=eu  where to build` */
function inputLine({ name, default: given, required, description }: Input): string {
  const value = given === undefined || given.value === '' ? '…' : given.value.split('\n')[0];
  const must = required && (given?.value ?? '') === '' ? ' (required)' : '';
  return `--with ${name}=${value ?? ''}${must}  ${description ?? ''}`.trimEnd();
}

/** maru's table. */
export function listMarkdown(lists: readonly Listed[]): string {
  const rows = lists.flatMap(({ prefix, tasks }) =>
    tasks.map(
      ({ name, description = '' }) => `| **${prefix}${name}** | ${description.trim().replace(/\s*\n\s*/g, ' ')} |\n`,
    ),
  );
  return ['| Name | Description |\n', '|------|-------------|\n', ...rows].join('');
}
