// A comparison as text tables that fit 80 columns.

import stringWidth from 'fast-string-width';
import { oneLine } from '../../base/terminal-text.ts';
import { workOf } from '../record.ts';
import { percent, percentRange } from '../format.ts';
import { exactDuration } from '../../base/units.ts';
import type { Comparison, Row, Side } from './comparison.ts';
import type { Statistics } from '../../base/statistics.ts';

const NAME = 22;
const TIME = 9;
const CHANGE = 8;
const RANGE = 12;

/** The tables of all plans that were compared, with what limits the verdicts below each. Ends with a newline. */
export function comparisonText(comparisons: readonly Comparison[]): string {
  return comparisons.map((comparison) => one(comparison, comparisons.length > 1)).join('\n');
}

function one(comparison: Comparison, several: boolean): string {
  const { a, b, whole, steps, warnings } = comparison;
  const rows = [whole, ...steps];
  return [
    ...(several ? [`Plan ${a.records[0] ? workOf(a.records[0]) : ''}`, ''] : []),
    `A  ${sideText(a)}`,
    `B  ${sideText(b)}`,
    '',
    `${cell('Median', NAME)}${'A'.padStart(TIME)}${'B'.padStart(TIME)}${'change'.padStart(CHANGE)}  ${'interval'.padEnd(RANGE)}verdict`,
    ...rows.flatMap(verdictLines),
    ...(rows.some((row) => Math.max(row.a?.n ?? 0, row.b?.n ?? 0) > 1) ? spread(rows) : []),
    ...(warnings.length === 0 ? [] : ['', ...warnings.flatMap((warning) => wrapped(`Mind: ${clean(warning)}.`))]),
    '',
  ].join('\n');
}

function sideText({ name, records, load }: Side): string {
  const [first, last] = [records[0], records.at(-1)];
  const count =
    records.length === 1
      ? (first?.id ?? '')
      : `${records.length} runs, ${day(first?.startedAt)} to ${day(last?.startedAt)}`;
  return `${cell(clean(name), 24)} ${count}${load === undefined ? '' : `, load ${load.toFixed(2)} per CPU`}`;
}

function day(iso = ''): string {
  return iso.slice(0, 10);
}

function verdictLines({ name, a, b, difference, verdict }: Row): string[] {
  const times = [a, b].map((side) => (side === undefined ? '-' : exactDuration(side.median)).padStart(TIME)).join('');
  if (difference === undefined)
    return named(name, `${times}${' '.repeat(CHANGE)}  ${' '.repeat(RANGE)}only in ${a ? 'A' : 'B'}`);
  const change = percent(difference.ratio).padStart(CHANGE);
  const range = verdict === 'too few runs' ? '-' : percentRange(difference.ratioInterval);
  return named(name, `${times}${change}  ${range.padEnd(RANGE)}${verdict ?? ''}`);
}

function spread(rows: readonly Row[]): string[] {
  return [
    '',
    `${cell('Spread', NAME)}  runs   MAD A   MAD B    min–max A          min–max B`,
    ...rows.flatMap(spreadLines),
  ];
}

function spreadLines({ name, a, b }: Row): string[] {
  const runs = `${a?.n ?? 0}/${b?.n ?? 0}`.padStart(6);
  const mad = [a, b].map((side) => (side === undefined ? '-' : exactDuration(side.mad)).padStart(8)).join('');
  return named(name, `${runs}${mad}${extent(a)}${extent(b)}`);
}

/** A name that is too long for its column gets a line of its own: cut names would look alike. */
function named(name: string, figures: string): string[] {
  const title = clean(name);
  return stringWidth(title) < NAME
    ? [`${cell(title, NAME)}${figures}`]
    : [cell(title, 81).trimEnd(), `${' '.repeat(NAME)}${figures}`];
}

function extent(side: Statistics | undefined): string {
  return (side === undefined ? '-' : `${exactDuration(side.min)}–${exactDuration(side.max)}`).padStart(18);
}

/** Text of others on one line, unable to move the cursor. */
export function clean(text: string): string {
  return oneLine(text).replace(/\s+/g, ' ').trim();
}

/** Exactly `cells` wide, with a space at the end: shortened in its middle, for names mostly differ at both ends. */
export function cell(text: string, cells: number): string {
  const room = cells - 1;
  if (stringWidth(text) <= room) return text + ' '.repeat(cells - stringWidth(text));
  const letters = Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
  while (stringWidth(letters.join('')) > room - 1) letters.splice(Math.ceil(letters.length / 2) - 1, 1);
  const half = Math.ceil(letters.length / 2);
  return cell(`${letters.slice(0, half).join('')}…${letters.slice(half).join('')}`, cells);
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && stringWidth(line) + 1 + stringWidth(word) > 80) {
      lines.push(line);
      line = `  ${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
