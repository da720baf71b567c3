// The report page: draws its sections from the data inside the page, and again when another run is chosen.

import { select, type Selection } from 'd3-selection';
import { exactDuration } from '../../../base/units.ts';
import type { ReportData, ReportRun } from '../model.ts';
import { drawHistory } from './history.ts';
import { stepsOf, titleOf } from './runs.ts';
import { drawFacts, drawVerdicts } from './tables.ts';
import { drawTimeline } from './timeline.ts';

const NONE = -1;
const data = JSON.parse(document.getElementById('data')?.textContent ?? '') as ReportData;
const page = select('#page');
page.selectChildren().remove();

const header = page.append('header');
header.append('h1').text('Benchmark report');
const count = data.runs.length === 1 ? '1 run' : `${data.runs.length} runs`;
header
  .append('p')
  .text(
    `${count}, ${data.plans.length === 1 ? 'one plan' : `${data.plans.length} plans`}, made ${data.generatedAt.slice(0, 16).replace('T', ' ')} UTC`,
  );
themeButton();

if (data.comparisons.length > 0) {
  const verdicts = section('Verdicts');
  for (const comparison of data.comparisons) drawVerdicts(verdicts.append('div').node() as HTMLElement, comparison);
}

const timeline = section('Timeline');
const controls = timeline.append('div').attr('class', 'controls');
const chosen: [number, number] = [data.shown[0] ?? 0, data.shown[1] ?? NONE];
chooser('A', 0);
chooser('B', 1);
const summary = timeline.append('p').attr('class', 'summary').attr('aria-live', 'polite');
const legend = timeline.append('p').attr('class', 'legend').attr('aria-hidden', 'true');
for (const [kind, text] of [
  ['waiting', 'waiting for a slot'],
  ['running', 'running'],
  ['critical', 'on the critical path'],
  ['attempt', 'failed attempt'],
  ['failed', 'failed'],
] as const)
  legend.append('span').attr('class', `key ${kind}`).text(text);
const gantt = timeline.append('div').attr('class', 'chart').node() as HTMLElement;

const history = section('History');
history
  .append('p')
  .text(
    'All runs of a plan that succeeded, oldest first. Line and band: median and middle half of the ten runs up to each one.',
  );
const lines = history.append('div').node() as HTMLElement;

const facts = section('Machine and versions').append('div').attr('class', 'scroll').node() as HTMLElement;

draw();
let width = gantt.clientWidth;
new ResizeObserver(() => {
  if (gantt.clientWidth === width) return;
  width = gantt.clientWidth;
  draw();
}).observe(gantt);

function draw(): void {
  const [a, b] = [data.runs[chosen[0]], data.runs[chosen[1]]];
  if (a === undefined) return;
  summary.text(
    [['A', a] as const, ...(b === undefined ? [] : [['B', b] as const])]
      .map(([side, run]) => `${side}: ${caption(run)}`)
      .join('  ·  '),
  );
  drawTimeline(gantt, stepsOf(a, data), b && stepsOf(b, data));
  lines.replaceChildren();
  for (const plan of new Set([a.plan, b?.plan ?? a.plan])) {
    const points = data.history[plan] ?? [];
    const host = select(lines);
    host
      .append('h3')
      .text(`Plan ${data.plans[plan] ?? ''}, ${points.length === 1 ? '1 run' : `${points.length} runs`}`);
    drawHistory(host.append('div').attr('class', 'chart').node() as HTMLElement, points, { a: a.id, b: b?.id });
  }
  drawFacts(facts, data.systems[a.system] ?? [], b && (data.systems[b.system] ?? []));
}

function caption({ durationMs, outcome, parallelGain }: ReportRun): string {
  return `${outcome} in ${exactDuration(durationMs)}${parallelGain === undefined ? '' : `, parallel gain ${parallelGain.toFixed(2)}`}`;
}

function section(title: string): Selection<HTMLElement, unknown, HTMLElement, unknown> {
  const made = page.append('section');
  made.append('h2').text(title);
  return made;
}

function chooser(letter: string, side: 0 | 1): void {
  const label = controls.append('label').attr('class', letter.toLowerCase());
  label.append('span').text(letter);
  const list = label.append('select').attr('id', `run-${letter.toLowerCase()}`);
  if (side === 1) list.append('option').attr('value', NONE).text('none');
  const order = data.runs
    .map((run, index) => ({ run, index }))
    .sort((x, y) => (x.run.startedAt < y.run.startedAt ? 1 : -1));
  for (const { run, index } of order) {
    list
      .append('option')
      .attr('value', index)
      .text(`${titleOf(run)}  ${exactDuration(run.durationMs)}${run.outcome === 'done' ? '' : ` ${run.outcome}`}`);
  }
  list.property('value', chosen[side]).on('change', () => {
    chosen[side] = Number(list.property('value'));
    draw();
  });
}

function themeButton(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const button = header.append('button').attr('type', 'button').text('Light or dark');
  button.on('click', () => {
    const now = document.documentElement.dataset['theme'] ?? (dark.matches ? 'dark' : 'light');
    document.documentElement.dataset['theme'] = now === 'dark' ? 'light' : 'dark';
  });
}
