// The figures of one group of runs, where there is nothing to compare it with.

import { exactDuration } from '../../base/units.ts';
import { byWork, stepTimes, type Row, type Side } from './comparison.ts';
import { summarize } from '../../base/statistics.ts';
import { escaped } from './markdown.ts';
import { cell, clean } from './text.ts';

/** The whole run and each step of a side, without a verdict. */
export function groupRows({ records }: Side): { whole: Row; steps: Row[] } {
  return {
    whole: { name: 'whole run', a: summarize(records.map(({ durationMs }) => durationMs)) },
    steps: [...stepTimes(records)].map(([name, times]) => ({ name, a: summarize(times) })),
  };
}

/** A table for each plan of each side; ends with a newline. */
export function summaryText(sides: readonly Side[], output: 'text' | 'markdown'): string {
  return sides
    .flatMap((side) => [...byWork(side.records)].map(([hash, records]) => ({ ...side, records, hash })))
    .map(({ hash, ...side }) => {
      const { whole, steps } = groupRows(side);
      const count = side.records.length === 1 ? '1 run' : `${side.records.length} runs`;
      const bad = side.records.filter(({ outcome }) => outcome !== 'done').map(({ outcome }) => `, ${outcome}`);
      const about = `${count} of plan ${hash}${bad.join('')}`;
      const title = `${output === 'markdown' ? escaped(side.name) : clean(side.name)}: ${about}`;
      return output === 'markdown' ? markdown(title, [whole, ...steps]) : table(title, [whole, ...steps]);
    })
    .join('\n');
}

function table(title: string, rows: readonly Row[]): string {
  const name = 34;
  return [
    title,
    '',
    `${cell('Step', name)}runs    median       MAD       min       max`,
    ...rows.map(
      (row) =>
        `${cell(clean(row.name), name)}${String(row.a?.n ?? 0).padStart(4)}${figures(row)
          .map((text) => text.padStart(10))
          .join('')}`,
    ),
    '',
  ].join('\n');
}

function markdown(title: string, rows: readonly Row[]): string {
  const lines = rows.map((row) => [escaped(row.name), String(row.a?.n ?? 0), ...figures(row)]);
  return [
    `### ${title}`,
    '',
    '| step | n | median | MAD | min | max |',
    '| --- | --: | --: | --: | --: | --: |',
    ...lines.map((line) => `| ${line.join(' | ')} |`),
    '',
  ].join('\n');
}

function figures({ a }: Row): string[] {
  return a === undefined ? [] : [a.median, a.mad, a.min, a.max].map(exactDuration);
}
