// The timeline: a Gantt chart of one run, or of two overlaid, row by row.

import { axisTop } from 'd3-axis';
import { scaleLinear, type ScaleLinear } from 'd3-scale';
import { select, type Selection } from 'd3-selection';
import { percent } from '../../format.ts';
import { exactDuration } from '../../../base/units.ts';
import { arrowKeys, detailsOn } from './details.ts';
import type { PageStep } from './runs.ts';

type Group = Selection<SVGGElement, unknown, null, undefined>;
type Sides = readonly [PageStep | undefined, PageStep | undefined];

const LETTERS = ['A', 'B'] as const;
const BAR = 12;
const GAP = 8;
const TOP = 28;

/** Draws into `host`, replacing its content; `b` is undefined for a single run. */
export function drawTimeline(host: HTMLElement, a: readonly PageStep[], b: readonly PageStep[] | undefined): void {
  const rows = paired(a, b ?? []);
  const bars = b === undefined ? 1 : 2;
  const rowHeight = bars * BAR + GAP;
  const width = Math.max(320, host.clientWidth);
  const gutter = Math.min(280, width * 0.34);
  const height = TOP + rows.length * rowHeight + 4;
  const end = Math.max(1, ...[...a, ...(b ?? [])].map((step) => step.ended));
  const x = scaleLinear([0, end], [gutter, width - 26]);
  host.replaceChildren();
  const svg = select(host)
    .append('svg')
    .attr('viewBox', `0 0 ${width} ${height}`)
    .attr('role', 'list')
    .attr('aria-label', 'Steps in the order in which they started; move with the arrow keys');
  hatch(svg.append('defs'));
  grid(svg.append('g'), x, height, width);
  for (const [side, steps] of [a, b ?? []].entries())
    criticalLine(svg.append('g'), steps, side, { rows, x, rowHeight });
  const groups = rows.map((sides, index) => {
    const group = svg
      .append('g')
      .attr('class', 'row')
      .attr('role', 'listitem')
      .attr('transform', `translate(0,${TOP + index * rowHeight})`);
    row(group, sides, x, { gutter, width, rowHeight, bars });
    return group.node();
  });
  arrowKeys(
    groups.filter((group) => group !== null),
    'ArrowUp',
    'ArrowDown',
  );
}

/** The steps of both runs by name: in A's order, then those that only B has. */
function paired(a: readonly PageStep[], b: readonly PageStep[]): Sides[] {
  const other = new Map(b.map((step) => [step.name, step]));
  const names = new Set(a.map(({ name }) => name));
  return [
    ...a.map((step): Sides => [step, other.get(step.name)]),
    ...b.filter(({ name }) => !names.has(name)).map((step): Sides => [undefined, step]),
  ];
}

function grid(group: Group, x: ScaleLinear<number, number>, height: number, width: number): void {
  const ticks = Math.max(2, Math.floor(width / 130));
  group
    .attr('class', 'axis')
    .attr('transform', `translate(0,${TOP - 6})`)
    .attr('aria-hidden', 'true')
    .call(
      axisTop<number>(x as never)
        .ticks(ticks)
        .tickFormat((ms) => exactDuration(ms))
        .tickSizeInner(-height),
    );
}

/** Failed attempts differ from what runs by more than their colour. */
function hatch(defs: Selection<SVGDefsElement, unknown, null, undefined>): void {
  const tile = defs
    .append('pattern')
    .attr('id', 'hatch')
    .attr('width', 5)
    .attr('height', 5)
    .attr('patternUnits', 'userSpaceOnUse');
  tile.append('rect').attr('width', 5).attr('height', 5);
  tile.append('path').attr('d', 'M-1,1L1,-1M0,5L5,0M4,6L6,4');
}

interface Layout {
  gutter: number;
  width: number;
  rowHeight: number;
  bars: number;
}

function row(
  group: Group,
  sides: Sides,
  x: ScaleLinear<number, number>,
  { gutter, width, rowHeight, bars }: Layout,
): void {
  const name = (sides[0] ?? sides[1])?.name ?? '';
  const critical = sides.some((step) => step?.critical);
  group.append('rect').attr('class', 'hit').attr('width', width).attr('height', rowHeight);
  const label = group
    .append('text')
    .attr('class', critical ? 'name critical' : 'name')
    .attr('x', gutter - 10)
    .attr('y', (rowHeight - GAP) / 2 + GAP / 2)
    .text(name);
  shorten(label.node(), gutter - 18);
  for (const [side, step] of sides.entries()) {
    if (step !== undefined)
      bar(group.append('g').attr('class', side === 0 ? 'a' : 'b'), step, x, GAP / 2 + (bars === 1 ? 0 : side * BAR));
  }
  const details = {
    title: name,
    lines: sides
      .flatMap((step, side) => (step ? describe(step, bars === 1 ? '' : `${LETTERS[side] ?? ''}: `) : []))
      .concat(change(sides)),
  };
  group.attr('aria-label', [name, ...details.lines].join('; '));
  const node = group.node();
  if (node !== null) detailsOn(node, () => details);
}

function bar(group: Group, step: PageStep, x: ScaleLinear<number, number>, y: number): void {
  const { queued, started, ended, outcome, attempts = [] } = step;
  const span = (from: number, to: number, kind: string): void => {
    group
      .append('rect')
      .attr('class', kind)
      .attr('x', x(from))
      .attr('y', y + 1)
      .attr('width', Math.max(1.5, x(to) - x(from)))
      .attr('height', BAR - 2)
      .attr('rx', 2);
  };
  if (started === undefined) {
    group
      .append('text')
      .attr('class', 'never')
      .attr('x', x(0) + 4)
      .attr('y', y + BAR / 2)
      .text(outcome);
    return;
  }
  if (queued !== undefined && started - queued > 0.5) span(queued, started, 'waiting');
  span(started, ended, `running ${outcome}${step.critical ? ' critical' : ''}`);
  for (const { from, to, failure } of attempts) if (failure !== undefined) span(from, to, 'attempt');
}

/** Links the end of each step of the critical path with the start of the next. */
function criticalLine(
  group: Group,
  steps: readonly PageStep[],
  side: number,
  { rows, x, rowHeight }: { rows: readonly Sides[]; x: ScaleLinear<number, number>; rowHeight: number },
): void {
  const path = steps.filter((step) => step.critical && step.started !== undefined);
  const y = (step: PageStep): number =>
    TOP + rows.findIndex((row) => row[side] === step) * rowHeight + GAP / 2 + side * BAR + BAR / 2;
  group.attr('class', `links ${side === 0 ? 'a' : 'b'}`).attr('aria-hidden', 'true');
  for (const [index, step] of path.entries()) {
    const next = path[index + 1];
    if (next?.started === undefined) continue;
    group.append('path').attr('d', `M${x(step.ended)},${y(step)}H${x(next.started)}V${y(next)}`);
  }
}

function describe(step: PageStep, prefix: string): string[] {
  const { queued, started, ended, tries, outcome, attempts = [] } = step;
  if (started === undefined) return [`${prefix}${outcome}${step.reason === undefined ? '' : `: ${step.reason}`}`];
  const waited = started - (queued ?? started);
  return [
    `${prefix}ran ${exactDuration(ended - started)}, from ${exactDuration(started)} to ${exactDuration(ended)}`,
    ...(waited > 0.5 ? [`${prefix}waited ${exactDuration(waited)} for a slot`] : []),
    ...(step.critical ? [`${prefix}on the critical path`] : []),
    ...(tries > 1 ? [`${prefix}${tries} attempts`] : []),
    ...attempts.flatMap(({ failure }) => (failure === undefined ? [] : [`${prefix}failed attempt: ${failure}`])),
    ...(outcome === 'done' ? [] : [`${prefix}${outcome}${step.reason === undefined ? '' : `: ${step.reason}`}`]),
    ...(step.notes ?? []).map((note) => `${prefix}${note}`),
  ];
}

function change([a, b]: Sides): string[] {
  if (a?.started === undefined || b?.started === undefined) return [];
  const [one, other] = [a.ended - a.started, b.ended - b.started];
  return [
    `B against A: ${other >= one ? '+' : ''}${exactDuration(other - one)}${one > 0 ? ` (${percent(other / one - 1)})` : ''}`,
  ];
}

/** Cuts the middle out of a label that is wider than its room: names mostly differ at both ends. */
function shorten(label: SVGTextElement | null, room: number): void {
  const text = label?.textContent ?? '';
  if (label === null || label.getComputedTextLength() <= room) return;
  const letters = Math.max(4, Math.floor((text.length * room) / label.getComputedTextLength()) - 1);
  label.textContent = `${text.slice(0, Math.ceil(letters / 2))}…${text.slice(-Math.floor(letters / 2))}`;
}
