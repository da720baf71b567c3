// The lines of one frame of the progress display, as pure functions of what is known and of the width.

import { amount, fraction, left } from './format.ts';
import { count, elapsed } from '../base/units.ts';
import type { Style } from './style.ts';
import type { RunningStep, Tally } from './tally.ts';
import { fit, plain, truncate, width } from '../base/layout.ts';

export interface Look {
  /** Cells that a line may take. */
  cells: number;
  style: Style;
  /** Draws a bar of `cells` cells, `fraction` of it filled. */
  bar: (fraction: number, cells: number) => string;
}

const GAP = '  ';
const ELAPSED_CELLS = 7;
const SHORTEST_BAR = 6;

/** `12/31 ━━━━━━━─────  4.2 s  2 warnings  1 failed`; the bar takes what is left, and gives way where it is little. */
function overallLine(tally: Tally, nowMs: number, look: Look): string {
  const { style, cells } = look;
  const steps = `${tally.ended}/${tally.total}`;
  const time = elapsed(nowMs);
  const trouble = [
    ...(tally.failed > 0 ? [{ text: `${tally.failed} failed`, paint: style.bad }] : []),
    ...(tally.warnings > 0 ? [{ text: count(tally.warnings, 'warning'), paint: style.warn }] : []),
  ];
  const texts = [steps, time, ...trouble.map((t) => t.text)].join(GAP);
  const room = Math.min(40, cells - width(texts) - GAP.length);
  const done = tally.total > 0 ? tally.ended / tally.total : 1;
  if (width(texts) > cells) return truncate(texts, cells, style.marks.ellipsis);
  return [
    style.bold(steps),
    ...(room >= SHORTEST_BAR ? [look.bar(done, room)] : []),
    time,
    ...trouble.map((t) => t.paint(t.text)),
  ].join(GAP);
}

/** A running step: its name, how long it runs, and its bar, its amount or what it waits for. */
function stepLine(step: RunningStep, nowMs: number, nameCells: number, look: Look): string {
  const { style, cells } = look;
  const name = fit(plain(step.name), nameCells, style.marks.ellipsis);
  const time = elapsed(nowMs - step.startedMs).padStart(ELAPSED_CELLS);
  const room = cells - GAP.length * 3 - nameCells - ELAPSED_CELLS;
  const shown = detail(step, nowMs, room, look);
  return `${GAP}${name}${GAP}${style.dim(time)}${shown === '' ? '' : GAP + shown}`;
}

function detail(step: RunningStep, nowMs: number, room: number, { style, bar }: Look): string {
  const { ellipsis, retry: mark } = style.marks;
  if (step.retry) {
    const wait = elapsed(step.retry.untilMs - nowMs);
    return style.warn(truncate(`${mark} again in ${wait}: ${plain(step.retry.message)}`, room, ellipsis));
  }
  const attempt = step.attempt > 1 ? `attempt ${step.attempt}` : '';
  if (!step.progress) return style.warn(truncate(attempt, room, ellipsis));
  const done = fraction(step.progress);
  const waits = step.progress.waitsFor !== undefined;
  const parts = [plain(amount(step.progress)), waits ? '' : left(step.progress), attempt].filter((part) => part !== '');
  // Where little room is left, the bar goes first, then the amount: the time that is left says most.
  while (parts.length > 1 && width(parts.join(GAP)) > room) parts.shift();
  const shown = parts.join(GAP);
  const barCells = Math.min(20, room - width(shown) - GAP.length);
  if (done === undefined || barCells < SHORTEST_BAR) return truncate(shown, room, ellipsis);
  return `${bar(done, barCells)}${GAP}${shown}`;
}

/** The whole frame in at most `rows` lines: steps that do not fit are counted in the last one. */
export function frame(tally: Tally, nowMs: number, rows: number, look: Look): string[] {
  const steps = tally.shown();
  const shown = steps.length <= rows - 1 ? steps : steps.slice(0, Math.max(0, rows - 2));
  const rest = steps.length - shown.length;
  // Where something takes long, the column is as wide as the longest name needs: the time that is left needs room.
  const slow = shown.some(({ progress }) => progress?.leftMs !== undefined);
  const longest = slow ? Math.ceil(Math.max(...shown.map(({ name }) => width(plain(name)))) / 8) * 8 : Infinity;
  const nameCells = Math.max(8, Math.min(40, Math.floor(look.cells * 0.36), longest));
  return [
    overallLine(tally, nowMs, look),
    ...shown.map((step) => stepLine(step, nowMs, nameCells, look)),
    ...(rest > 0 ? [truncate(`${GAP}${rest} more running`, look.cells, look.style.marks.ellipsis)] : []),
  ];
}
