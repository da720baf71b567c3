// How a bench's result reads: a table for people, two JSON lines for programs.

import { describeMachine } from './machine.ts';
import { median } from './stats.ts';
import type { CpuUse } from './cpu.ts';
import type { Machine } from './machine.ts';

/** One measured turn. */
export interface Taken extends CpuUse {
  value: number;
  extra: Readonly<Record<string, number>>;
}

export interface SideResult {
  name: string;
  median: number;
  samples: readonly Taken[];
}

export interface RatioResult {
  value: number;
  target: number;
  ok: boolean;
  good: 'at most' | 'at least';
}

export interface Report {
  bench: string;
  question: string;
  unit: string;
  machine: Machine;
  sides: readonly SideResult[];
  ratios: Readonly<Record<string, RatioResult>>;
  /** Missing sides, each with the reason. */
  skipped: Readonly<Record<string, string>>;
}

/** What is kept in results/NAME.json. */
export interface Result extends Report {
  /** When it was measured, in ISO 8601. */
  measured: string;
}

/** Four digits at most before the point gives way. */
export function figure(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

export function medianCpus(samples: readonly Taken[], key: keyof CpuUse): string {
  const values = samples.map((sample) => sample[key]).filter((value) => value !== undefined);
  return values.length ? median(values).toFixed(2) : 'not known';
}

/** Pads all columns but the first to the right. */
function align(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n');
}

function sideRows({ sides, unit }: Report): string[][] {
  const extras = [...new Set(sides.flatMap((side) => side.samples.flatMap((sample) => Object.keys(sample.extra))))];
  const head = ['side', 'n', `median ${unit}`, 'min', 'max', 'own CPUs', 'foreign CPUs', ...extras];
  return [
    head,
    ...sides.map(({ name, samples, median: middle }) => {
      const values = samples.map((sample) => sample.value);
      const own = [medianCpus(samples, 'ownCpus'), medianCpus(samples, 'foreignCpus')];
      const further = extras.map((key) => {
        const found = samples.map((sample) => sample.extra[key]).filter((value) => value !== undefined);
        return found.length ? figure(median(found)) : '';
      });
      const range = [Math.min(...values), Math.max(...values)].map(figure);
      return [name, String(values.length), figure(middle), ...range, ...own, ...further];
    }),
  ];
}

export function table(report: Report): string {
  const ratios = Object.entries(report.ratios).map(([name, { value, target, ok, good }]) => [
    name,
    String(value),
    `${good} ${target}`,
    ok ? 'ok' : 'MISSED',
  ]);
  const parts = [`${report.bench}: ${report.question}\n${describeMachine(report.machine)}`];
  if (report.sides.length) parts.push(align(sideRows(report)));
  if (ratios.length) parts.push(align([['ratio', 'value', 'target', ''], ...ratios]));
  const notes = Object.entries(report.skipped).map(([name, why]) => `skipped: ${name} (${why})`);
  if (report.sides.some((side) => side.samples.length < 5)) notes.push('fewer than 5 runs: a look, not a measurement');
  if (notes.length) parts.push(notes.join('\n'));
  return parts.join('\n\n');
}

/** Everything that was measured, as one line of JSON. */
export function detailLine(report: Report): string {
  return JSON.stringify(report);
}

/** The last line of `--output json`: the ratios alone, and who was missing. */
export function verdictLine({ bench, ratios, skipped }: Report): string {
  const plain = Object.entries(ratios).map(([name, { value, target, ok }]) => [name, { value, target, ok }] as const);
  return JSON.stringify({ bench, ratios: Object.fromEntries(plain), skipped: Object.keys(skipped) });
}

export function progressLine(
  bench: { name: string; unit?: string },
  side: string,
  index: number,
  runs: number,
  taken: Taken,
): string {
  const turn = index < 0 ? 'warm-up' : `${index + 1}/${runs}`;
  const foreign = taken.foreignCpus === undefined ? '' : `, foreign CPUs ${taken.foreignCpus.toFixed(2)}`;
  return `${bench.name} ${turn} ${side}: ${figure(taken.value)} ${bench.unit ?? 'ms'}${foreign}`;
}
