// The table of settings in the README, from the settings themselves: `npm run schema` writes it.

import { valueAt } from '../base/tree.ts';
import { settingOptions } from './options.ts';
import { jsonSchema } from './schema.ts';

/** Defaults that are computed, or that are nothing to write into a settings file. */
const COMPUTED: Readonly<Record<string, string>> = {
  agents: 'from CPUs and memory',
  concurrency: '2 for each CPU, 4 to 16',
  kubeconfig: '`~/.kube/config`',
  'k3d.image': 'the k3s of the pinned Kubernetes version',
  'k3d.memoryLimitServer': 'an equal share for each node',
  'k3d.memoryLimitAgent': 'an equal share for each node',
  'k3d.concurrentDownloads': 'same as `concurrency`',
};

const START = '<!-- settings: written by `npm run schema` -->';
const END = '<!-- /settings -->';

/** A page with the table between its two marks made again. @throws RangeError where a mark is missing */
export function withSettingsTable(page: string): string {
  const [start, end] = [page.indexOf(START), page.indexOf(END)];
  if (start < 0 || end < start) throw new RangeError('the page has no place for the table of settings');
  return `${page.slice(0, start + START.length)}\n\n${settingsTable()}\n\n${page.slice(end)}`;
}

function settingsTable(): string {
  const schema = jsonSchema();
  const rows = settingOptions.map(({ key, env, flag }) => {
    const path = key.split('.').flatMap((part) => ['properties', part]);
    const value = valueAt(schema, [...path, 'default']);
    const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    return [`\`${key}\``, `\`${env}\``, `\`--${flag}\``, COMPUTED[key] ?? (isPlain ? `\`${String(value)}\`` : 'none')];
  });
  return aligned([['setting', 'env variable', 'flag', 'default'], ...rows]);
}

/** A markdown table with columns of equal width, as the formatter wants them. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}
