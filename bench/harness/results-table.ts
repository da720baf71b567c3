// The results of all benches as Markdown: one table of ratios and one of medians for each machine.

import { describeMachine } from './machine.ts';
import { figure, medianCpus, type Result } from './report.ts';

/** Load differs from bench to bench; everything else has to be the same to be one machine. */
function machineOf(result: Result): string {
  return describeMachine(result.machine).replace(/, load [\d.]+$/, '');
}

export function resultsTable(results: readonly Result[]): string {
  const machines = [...new Set(results.map(machineOf))];
  const sections = machines.map((machine) =>
    section(
      machine,
      results.filter((one) => machineOf(one) === machine),
    ),
  );
  return sections.join('\n\n');
}

function section(machine: string, results: readonly Result[]): string {
  const days = [...new Set(results.map(({ measured }) => measured.slice(0, 10)))].sort();
  const parts = [
    `Measured ${days.join(', ')} on ${machine}.`,
    markdown(ratioRows(results)),
    markdown(sideRows(results)),
  ];
  const skipped = results.flatMap(({ bench, skipped: missing }) =>
    Object.entries(missing).map(([side, why]) => `- ${bench}: ${side} skipped, ${why}`),
  );
  return [...parts, ...(skipped.length > 0 ? [skipped.join('\n')] : [])].join('\n\n');
}

function ratioRows(results: readonly Result[]): string[][] {
  const rows = results.flatMap(({ bench, ratios }) =>
    Object.entries(ratios).map(([name, { value, target, ok, good }]) => [
      bench,
      name,
      figure(value),
      `${good} ${target}`,
      ok ? 'ok' : '**missed**',
    ]),
  );
  return [['bench', 'ratio', 'value', 'target', ''], ...rows];
}

function sideRows(results: readonly Result[]): string[][] {
  const rows = results.flatMap(({ bench, unit, sides }) =>
    sides.map(({ name, samples, median }) => {
      const values = samples.map(({ value }) => value);
      const range = `${figure(Math.min(...values))}–${figure(Math.max(...values))}`;
      return [
        bench,
        name,
        String(samples.length),
        `${figure(median)} ${unit}`,
        range,
        medianCpus(samples, 'foreignCpus'),
      ];
    }),
  );
  return [['bench', 'side', 'n', 'median', 'range', 'foreign CPUs'], ...rows];
}

function markdown([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
