// A comparison as a Markdown table, for a pull request.

import { percent } from '../format.ts';
import { exactDuration } from '../../base/units.ts';
import type { Comparison, Row } from './comparison.ts';
import { clean } from './text.ts';

/** One table a plan, with all figures of each row; ends with a newline. */
export function comparisonMarkdown(comparisons: readonly Comparison[]): string {
  return comparisons.map(one).join('\n');
}

function one({ a, b, whole, steps, warnings }: Comparison): string {
  return [
    `### ${escaped(a.name)} (A, ${a.records.length}) against ${escaped(b.name)} (B, ${b.records.length})`,
    '',
    '| | n | A: median ± MAD | A: min – max | B: median ± MAD | B: min – max | change | 95 % interval | verdict |',
    '| --- | --: | --: | --: | --: | --: | --: | --: | --- |',
    ...[whole, ...steps].map((row, index) => line(row, index === 0)),
    ...(warnings.length === 0 ? [] : ['', ...warnings.map((warning) => `- Mind: ${escaped(warning)}.`)]),
    '',
  ].join('\n');
}

function line({ name, a, b, difference, verdict }: Row, strong: boolean): string {
  const sides = [a, b].flatMap((side) =>
    side === undefined
      ? ['–', '–']
      : [
          `${exactDuration(side.median)} ± ${exactDuration(side.mad)}`,
          `${exactDuration(side.min)} – ${exactDuration(side.max)}`,
        ],
  );
  const judged =
    difference === undefined
      ? ['', '', `only in ${a ? 'A' : 'B'}`]
      : [
          percent(difference.ratio),
          `${percent(difference.ratioInterval.low)} … ${percent(difference.ratioInterval.high)}`,
          verdict === 'faster' || verdict === 'slower' ? `**${verdict}**` : (verdict ?? ''),
        ];
  const title = strong ? `**${escaped(name)}**` : escaped(name);
  return `| ${[title, `${a?.n ?? 0}/${b?.n ?? 0}`, ...sides, ...judged].join(' | ')} |`;
}

/** Labels and step names must not be read as Markdown or HTML. */
export function escaped(text: string): string {
  return clean(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_[\]|~@#]/g, '\\$&');
}
