// The history of a plan: each run as a dot, the running median as a line within the spread of the runs around it.

import { axisBottom, axisLeft } from 'd3-axis';
import { type ScaleLinear, scaleLinear } from 'd3-scale';
import { type Selection, select } from 'd3-selection';
import { area, curveMonotoneX, line } from 'd3-shape';
import { exactDuration } from '../../../base/units.ts';
import type { ReportPoint } from '../model.ts';
import { arrowKeys, detailsOn } from './details.ts';
import { titleOf } from './runs.ts';

/** So many runs up to each one make its median and quartiles. */
const WINDOW = 10;
const MARGIN = { top: 12, right: 12, bottom: 28, left: 64 };
const HEIGHT = 240;

interface Marked {
  /** Ids of the runs that the timeline shows. */
  a?: string | undefined;
  b?: string | undefined;
}

/** Draws into `host`, replacing its content. */
export function drawHistory(host: HTMLElement, points: readonly ReportPoint[], marked: Marked): void {
  const width = Math.max(320, host.clientWidth);
  const times = points.map(({ durationMs }) => durationMs);
  const [shortest, longest] = [Math.min(...times), Math.max(1, ...times)];
  // Where the runs differ little, an axis from 0 would hide by how much.
  const bottom = shortest > longest / 2 ? shortest - (longest - shortest) / 2 - longest / 50 : 0;
  const x = scaleLinear([0, Math.max(1, points.length - 1)], [MARGIN.left + 8, width - MARGIN.right - 8]);
  const y = scaleLinear([bottom, longest + (longest - bottom) / 20], [HEIGHT - MARGIN.bottom, MARGIN.top]);
  host.replaceChildren();
  const svg = select(host)
    .append('svg')
    .attr('viewBox', `0 0 ${width} ${HEIGHT}`)
    .attr('role', 'list')
    .attr('aria-label', 'Runs of this plan, oldest first; move with the arrow keys');
  drawAxes(svg, points, { x, y, width });
  drawSpread(svg, points, { x, y });
  const dots = points.map((point, index) => {
    const mark = point.id === marked.a ? 'a' : point.id === marked.b ? 'b' : '';
    const dot = svg
      .append('circle')
      .attr('class', `dot ${mark}`)
      .attr('role', 'listitem')
      .attr('cx', x(index))
      .attr('cy', y(point.durationMs))
      .attr('r', mark === '' ? (points.length > 200 ? 2 : 3.5) : 6)
      .node();
    const details = {
      title: titleOf(point),
      lines: [
        `took ${exactDuration(point.durationMs)}`,
        ...(mark === '' ? [] : [`shown as ${mark.toUpperCase()}`]),
        point.id,
      ],
    };
    dot?.setAttribute('aria-label', [details.title, ...details.lines].join('; '));
    if (dot) detailsOn(dot, () => details);
    return dot;
  });
  arrowKeys(
    dots.filter((dot) => dot !== null),
    'ArrowLeft',
    'ArrowRight',
  );
}

interface Scales {
  /** Of a run's index. */
  x: ScaleLinear<number, number>;
  /** Of milliseconds. */
  y: ScaleLinear<number, number>;
}

type Svg = Selection<SVGSVGElement, unknown, null, undefined>;

function drawAxes(svg: Svg, points: readonly ReportPoint[], { x, y, width }: Scales & { width: number }): void {
  const ticks = x.ticks(Math.min(points.length, Math.floor(width / 160))).filter(Number.isInteger);
  svg
    .append('g')
    .attr('class', 'axis plain')
    .attr('aria-hidden', 'true')
    .attr('transform', `translate(0,${HEIGHT - MARGIN.bottom})`)
    .call(
      axisBottom<number>(x as never)
        .tickValues(ticks)
        .tickFormat((index) => points[index]?.startedAt.slice(0, 10) ?? ''),
    );
  svg
    .append('g')
    .attr('class', 'axis')
    .attr('aria-hidden', 'true')
    .attr('transform', `translate(${MARGIN.left},0)`)
    .call(
      axisLeft<number>(y as never)
        .ticks(5)
        .tickFormat((ms) => exactDuration(ms))
        .tickSizeInner(MARGIN.left + MARGIN.right - width),
    );
}

/** The running median within its quartiles. */
function drawSpread(svg: Svg, points: readonly ReportPoint[], { x, y }: Scales): void {
  const spreads = points.map((_, index) => spread(points.slice(Math.max(0, index + 1 - WINDOW), index + 1)));
  const band = area<(typeof spreads)[number]>()
    .x((_, i) => x(i))
    .y0((s) => y(s.low))
    .y1((s) => y(s.high))
    .curve(curveMonotoneX);
  const middle = line<(typeof spreads)[number]>()
    .x((_, i) => x(i))
    .y((s) => y(s.median))
    .curve(curveMonotoneX);
  svg.append('path').attr('class', 'band').attr('aria-hidden', 'true').attr('d', band(spreads));
  svg.append('path').attr('class', 'median').attr('aria-hidden', 'true').attr('d', middle(spreads));
}

function spread(window: readonly ReportPoint[]): { low: number; median: number; high: number } {
  const sorted = window.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
  const at = (share: number): number => {
    const position = (sorted.length - 1) * share;
    const [below, above] = [sorted[Math.floor(position)] ?? 0, sorted[Math.ceil(position)] ?? 0];
    return below + (above - below) * (position % 1);
  };
  return { low: at(0.25), median: at(0.5), high: at(0.75) };
}
