// Lists the newest runs of a log, to find the ones to compare.

import { ConfigError } from '../../base/errors.ts';
import { pad } from '../format.ts';
import { count, exactDuration } from '../../base/units.ts';
import { listRuns } from '../read.ts';
import type { RunHead } from '../record.ts';
import type { CompareOptions, CompareResult } from './options.ts';
import { skippedNotes } from './sides.ts';
import { escaped } from './markdown.ts';
import { clean } from './text.ts';

/** A screen of text; programs get all. */
const SHOWN = 20;

/**
 * The newest runs as text or Markdown, or the heads of all as JSON, oldest first.
 * @throws ConfigError where there is none
 */
export async function listing({
  log,
  output,
  tool,
}: Pick<CompareOptions, 'log' | 'output' | 'tool'>): Promise<CompareResult> {
  const { runs: all, damaged, newer } = await listRuns(log);
  const runs = tool === undefined ? all : all.filter(({ head }) => head.tool === tool);
  const notes = skippedNotes({ damaged, newer, notDone: 0 });
  if (runs.length === 0) {
    const besides = notes.length === 0 ? '' : ` (${notes.join(', ')})`;
    throw new ConfigError(
      [{ where: log, message: `there is no run${tool === undefined ? '' : ` of ${tool}`} in this log${besides}` }],
      {
        hint: `Run \`hoist ${tool ?? 'up'}\` first.`,
      },
    );
  }
  const heads = runs.map(({ head }) => head);
  if (output === 'json')
    return { text: `${JSON.stringify({ format: 1, runs: heads, skipped: { damaged, newer } })}\n`, notes };
  const newest = heads.slice(-SHOWN);
  const more =
    heads.length > newest.length
      ? [`${heads.length - newest.length} older runs are not shown; --output json lists all`]
      : [];
  const rows = newest.map(({ id, tool, outcome, durationMs, label = '' }) => [
    id,
    tool,
    outcome,
    exactDuration(durationMs),
    output === 'markdown' ? escaped(label) : clean(label),
  ]);
  const text = output === 'markdown' ? markdown(rows) : table(newest, rows);
  return { text, notes: [...notes, ...more] };
}

const WIDTHS = [27, 9, 11, 12];

function table(heads: readonly RunHead[], rows: readonly string[][]): string {
  const lines = [['Run', 'Tool', 'Outcome', 'Took', 'Label'], ...rows].map((row) =>
    row
      .map((text, column) => pad(text, WIDTHS[column] ?? 0))
      .join('')
      .trimEnd(),
  );
  // Runs of different tools cannot be compared.
  const tool = heads.at(-1)?.tool ?? 'up';
  const last = `hoist compare last~1 last${tool === 'up' ? '' : ` --tool ${tool}`}`;
  const alike = heads.filter((head) => head.tool === tool).length;
  const plans = new Set(heads.map(({ planHash }) => planHash)).size;
  return [
    ...lines,
    '',
    `${count(heads.length, 'run')} of ${count(plans, 'plan')}${alike > 1 ? `; to compare the last two: ${last}` : ''}`,
    '',
  ].join('\n');
}

function markdown(rows: readonly string[][]): string {
  return [['Run', 'Tool', 'Outcome', 'Took', 'Label'], ['---', '---', '---', '--:', '---'], ...rows]
    .map((row) => `| ${row.join(' | ')} |\n`)
    .join('');
}
