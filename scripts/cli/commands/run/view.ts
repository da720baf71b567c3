// What `hoist run --list` shows.

import type { TaskFile } from '../../../tasks/file/model.ts';

export function listLines(file: TaskFile): string {
  const rows = [...file.tasks.values()].filter(({ internal }) => !internal);
  const cells = Math.max(0, ...rows.map(({ name }) => name.length));
  return rows.map(({ name, description = '' }) => `${name.padEnd(cells)}  ${description}`.trimEnd() + '\n').join('');
}
