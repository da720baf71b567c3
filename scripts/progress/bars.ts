// The display for a terminal: bars at the bottom that are redrawn, lines that stay above them.

import type { Options } from 'cli-progress';
import { forStream } from '../base/terminal-text.ts';
import type { EngineEvent } from '../engine/event.ts';
import { type Look, frame } from './frame.ts';
import { type Notice, noticeOf } from './notices.ts';
import type { RenderOptions, Renderer } from './renderer.ts';
import { type Style, styleFor } from './style.ts';
import { Tally } from './tally.ts';
import { width } from '../base/layout.ts';

const REDRAW_MS = 100;
const CLEAR_TO_RIGHT = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';
const WRAP_ON = '\x1b[?7h';
const WRAP_OFF = '\x1b[?7l';

/**
 * cli-progress draws a bar for the whole run and one for each running step. It is driven from here, a frame at a time and
 * each frame in one write, because left to itself it loses lines that were logged since its last tick when it is stopped,
 * leaves old text behind when bars are removed, and counts rows wrongly once a resized terminal has wrapped them.
 */
export async function createBars({ terminal, clock, verbose }: RenderOptions): Promise<Renderer> {
  const { Format, MultiBar } = await import('cli-progress').then((module) => module.default);
  const style = styleFor(terminal);
  const tally = new Tally();
  let startMs = clock.now();
  let lines: string[] = [];
  let drawn = { lines: [] as string[], columns: terminal.columns };
  let cancelTick: (() => void) | undefined;
  let closed = false;

  const output = frameStream(terminal);
  const bars = new MultiBar({
    stream: output.stream,
    format: (_options, _params, payload: { row: number }) => lines[payload.row] ?? '',
    clearOnComplete: true,
    forceRedraw: true,
    hideCursor: true,
    gracefulExit: false,
    fps: 1 / 86_400,
  });
  const rows: ReturnType<typeof bars.create>[] = [];
  bars.on('redraw-pre', () => output.add(CLEAR_BELOW));

  const bar = (fraction: number, cells: number): string => Format.BarFormat(fraction, barOptions(cells, style.marks));

  const redraw = (): void => {
    const look: Look = { cells: terminal.columns - 1, style, bar };
    lines = frame(tally, clock.now() - startMs, terminal.rows - 1, look).map(forStream);
    output.add(up(wrappedRows(drawn, terminal.columns)));
    while (rows.length < lines.length) rows.push(bars.create(1, 0, { row: rows.length }));
    for (const row of rows.splice(lines.length)) bars.remove(row);
    bars.update();
    drawn = { lines, columns: terminal.columns };
    output.flush();
  };

  const tick = (): void => {
    redraw();
    cancelTick = clock.after(REDRAW_MS, tick);
  };

  const close = (): void => {
    if (closed) return;
    closed = true;
    cancelTick?.();
    process.off('exit', close);
    if (rows.length === 0) return;
    redraw();
    bars.stop();
    output.flush();
  };
  process.once('exit', close);

  const onEvent = (event: EngineEvent): void => {
    if (closed) return;
    tally.add(event);
    const notice = noticeOf(event, style);
    // Wrapping is on for lines that stay: the terminal keeps them whole, and lays them out again when it is resized.
    if (notice && (verbose || stays(event))) bars.log(`${WRAP_ON}${lineOf(notice)}${CLEAR_TO_RIGHT}\n${WRAP_OFF}`);
    if (event.type === 'run-started') {
      startMs = clock.now() - event.atMs;
      tick();
    }
    if (event.type === 'run-ended') close();
  };
  return { onEvent, close };
}

function barOptions(cells: number, { barFull, barEmpty }: Style['marks']): Options {
  return {
    barsize: cells,
    barCompleteString: barFull.repeat(cells),
    barIncompleteString: barEmpty.repeat(cells),
    barGlue: '',
  };
}

/** Gathers what a frame writes, so that the terminal gets it in one piece. */
function frameStream(terminal: RenderOptions['terminal']): {
  stream: NodeJS.WritableStream;
  add: (text: string) => void;
  flush: () => void;
} {
  let pending = '';
  const add = (text: string): void => {
    pending += text;
  };
  const stream = {
    isTTY: true,
    get columns() {
      return terminal.columns;
    },
    write(text: string) {
      add(text);
      return true;
    },
  } as unknown as NodeJS.WritableStream;
  const flush = (): void => {
    if (pending !== '') terminal.write(pending);
    pending = '';
  };
  return { stream, add, flush };
}

function lineOf({ paint, mark, text }: Notice): string {
  return forStream(`${paint(mark)} ${text}`);
}

/** Without `verbose` only what went wrong stays; a retry shows in the step's own line. */
function stays(event: EngineEvent): boolean {
  if (event.type === 'step-ended') return event.record.outcome === 'failed' || event.record.outcome === 'warned';
  return event.type === 'step-warning' || event.type === 'step-announced';
}

/** How many rows more than lines the frame takes since the terminal, made narrower, has wrapped it. */
function wrappedRows(drawn: { lines: readonly string[]; columns: number }, columns: number): number {
  if (columns >= drawn.columns) return 0;
  return drawn.lines.reduce((extra, line) => extra + Math.max(0, Math.ceil(width(line) / columns) - 1), 0);
}

function up(rows: number): string {
  return rows > 0 ? `\x1b[${rows}A` : '';
}
