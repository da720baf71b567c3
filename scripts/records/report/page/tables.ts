// The tables of the page: verdicts, and the facts of two machines in two columns.

import { select } from 'd3-selection';
import { exactDuration } from '../../../base/units.ts';
import type { ReportComparison, ReportFigures } from '../model.ts';

/** Draws the verdicts of a comparison, and what makes them doubtful. */
export function drawVerdicts(host: HTMLElement, { a, b, rows, warnings }: ReportComparison): void {
  const scroll = select(host)
    .append('div')
    .attr('class', 'scroll')
    .attr('tabindex', '0')
    .attr('role', 'region')
    .attr('aria-label', `Verdicts, ${a} against ${b}`);
  const table = scroll.append('table').attr('class', 'verdicts');
  const head = table.append('thead').append('tr');
  for (const title of ['', `A: ${a}`, `B: ${b}`, 'change', '95 % interval', 'verdict'])
    head.append('th').attr('scope', 'col').text(title);
  const body = table.append('tbody');
  for (const row of rows) {
    const line = body.append('tr');
    line.append('th').attr('scope', 'row').text(row.name);
    for (const side of [row.a, row.b]) {
      const cell = line.append('td');
      cell.text(side === undefined ? '–' : exactDuration(side.median));
      if (side !== undefined) cell.append('small').text(spreadOf(side));
    }
    line.append('td').text(row.change ?? '');
    line.append('td').text(row.range ?? '–');
    line
      .append('td')
      .attr('class', `verdict ${row.verdict === 'faster' || row.verdict === 'slower' ? row.verdict : ''}`)
      .text(row.verdict ?? '');
  }
  for (const warning of warnings) select(host).append('p').attr('class', 'mind').text(`Mind: ${warning}.`);
}

function spreadOf({ n, mad, min, max }: ReportFigures): string {
  return n === 1 ? '1 run' : `± ${exactDuration(mad)}, ${exactDuration(min)} to ${exactDuration(max)}, n ${n}`;
}

type Facts = readonly (readonly [string, string])[];

/** Draws the facts of one machine, or of two with the rows marked in which they differ. */
export function drawFacts(host: HTMLElement, a: Facts, b: Facts | undefined): void {
  host.replaceChildren();
  const table = select(host).append('table').attr('class', 'facts');
  if (b !== undefined) {
    const head = table.append('thead').append('tr');
    for (const title of ['', 'A', 'B']) head.append('th').attr('scope', 'col').text(title);
  }
  const [one, other] = [new Map(a), new Map(b)];
  const body = table.append('tbody');
  for (const name of new Set([...one.keys(), ...other.keys()])) {
    const [left = '–', right = '–'] = [one.get(name), other.get(name)];
    const differs = b !== undefined && left !== right;
    const line = body.append('tr').attr('class', differs ? 'differs' : null);
    line.append('th').attr('scope', 'row').text(name);
    line.append('td').text(left);
    if (b !== undefined)
      line
        .append('td')
        .text(right)
        .append('small')
        .text(differs ? ' differs' : '');
  }
}
