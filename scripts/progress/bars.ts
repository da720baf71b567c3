// The display for a terminal: bars at the bottom that are redrawn, lines that stay above them.

import type { MultiBar, Options, SingleBar } from 'cli-progress';
import { forStream } from '../base/terminal-text.ts';
import type { EngineEvent } from '../engine/event.ts';
import { type Look, frame } from './frame.ts';
import { type Notice, noticeOf } from './notices.ts';
import type { RenderOptions, Renderer } from './renderer.ts';
import { type Style, styleFor } from './style.ts';
import { Tally } from './tally.ts';
import { width } from '../base/layout.ts';

const REDRAW_MS = 100;
/** Characters of lines that wait for the next frame, before they are drawn at once. */
const MOST_PRINTED = 32 * 1024;
const CLEAR_TO_RIGHT = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';
const WRAP_ON = '\x1b[?7h';
const WRAP_OFF = '\x1b[?7l';

export interface Bars extends Renderer {
  /** Whole lines that stay above the bars; they are guarded already. */
  readonly print: (text: string) => void;
  /** Takes the bars away and draws none until the returned function is called: the terminal belongs to another process. */
  readonly hold: () => () => void;
}

export interface BarOptions extends RenderOptions {
  /** How many steps are expected, where the run does not know them when it begins. */
  expected?: number | undefined;
  /** Whether failures and warnings are shown when they happen; by default they are. */
  notices?: boolean;
  /** The most rows that the bars take; defaults to all but one. */
  mostRows?: number;
  /** ms before the bars are first drawn: a run that is shorter than that shows none. */
  delayMs?: number;
}

/**
 * cli-progress draws a bar for the whole run and one for each running step. It is driven from here, a frame at a time and
 * each frame in one write, because left to itself it loses lines that were logged since its last tick when it is stopped,
 * leaves old text behind when bars are removed, and counts rows wrongly once a resized terminal has wrapped them.
 */
export async function createBars(options: BarOptions): Promise<Bars> {
  const { Format, MultiBar } = await import('cli-progress').then((module) => module.default);
  return new BarDisplay(options, MultiBar, (fraction, cells, marks) =>
    Format.BarFormat(fraction, barOptions(cells, marks)),
  );
}

class BarDisplay implements Bars {
  readonly #style: Style;
  readonly #tally: Tally;
  #startMs: number;
  #lines: string[] = [];
  #drawn: { lines: readonly string[]; columns: number };
  #cancelTick: (() => void) | undefined;
  #closed = false;
  #holds = 0;
  readonly #output: ReturnType<typeof frameStream>;
  #multi: MultiBar | undefined;
  readonly #rows: SingleBar[] = [];
  /** Bytes of lines that are drawn with the next frame. */
  #printed = 0;

  constructor(
    readonly options: BarOptions,
    readonly Multi: typeof MultiBar,
    readonly draw: (fraction: number, cells: number, marks: Style['marks']) => string,
  ) {
    const { terminal, clock, expected } = options;
    this.#style = styleFor(terminal);
    this.#tally = new Tally(expected);
    this.#startMs = clock.now();
    this.#drawn = { lines: [], columns: terminal.columns };
    this.#output = frameStream(terminal);
    process.once('exit', this.close);
  }

  readonly onEvent = (event: EngineEvent): void => {
    if (this.#closed) return;
    this.#tally.add(event);
    const { verbose, clock, notices = true, delayMs = 0 } = this.options;
    const notice = notices ? noticeOf(event, this.#style) : undefined;
    if (notice && (verbose || stays(event))) this.print(`${lineOf(notice)}\n`);
    if (event.type === 'run-started') {
      this.#startMs = clock.now() - event.atMs;
      if (delayMs === 0) this.#begin();
      else this.#cancelTick = clock.after(delayMs, () => this.#begin());
    }
    if (event.type === 'run-ended') this.close();
  };

  readonly print = (text: string): void => {
    if (this.#multi === undefined) {
      this.options.terminal.write(text);
      return;
    }
    // Wrapping is on for lines that stay: the terminal keeps them whole, and lays them out again when it is resized.
    this.#multi.log(`${WRAP_ON}${text.replaceAll('\n', `${CLEAR_TO_RIGHT}\n`)}${WRAP_OFF}`);
    this.#printed += text.length;
    if (this.#printed >= MOST_PRINTED) this.#redraw();
  };

  readonly hold = (): (() => void) => {
    if (this.#holds++ === 0) this.#hide();
    return () => {
      if (--this.#holds === 0 && !this.#closed) this.#tick();
    };
  };

  readonly close = (): void => {
    if (this.#closed) return;
    this.#closed = true;
    this.#hide();
    process.off('exit', this.close);
  };

  #begin(): void {
    if (this.#holds === 0) this.#tick();
  }

  #tick(): void {
    this.#redraw();
    this.#cancelTick = this.options.clock.after(REDRAW_MS, () => this.#tick());
  }

  #redraw(): void {
    const { terminal, clock, mostRows = Infinity } = this.options;
    const multi = (this.#multi ??= this.#open());
    const bar = (fraction: number, cells: number): string => this.draw(fraction, cells, this.#style.marks);
    const look: Look = { cells: terminal.columns - 1, style: this.#style, bar };
    const rows = Math.max(1, Math.min(terminal.rows - 1, mostRows));
    this.#lines = frame(this.#tally, clock.now() - this.#startMs, rows, look).map(forStream);
    this.#output.add(up(wrappedRows(this.#drawn, terminal.columns)));
    while (this.#rows.length < this.#lines.length) this.#rows.push(multi.create(1, 0, { row: this.#rows.length }));
    for (const row of this.#rows.splice(this.#lines.length)) multi.remove(row);
    multi.update();
    this.#drawn = { lines: this.#lines, columns: terminal.columns };
    this.#printed = 0;
    this.#output.flush();
  }

  #open(): MultiBar {
    const multi = new this.Multi({
      stream: this.#output.stream,
      format: (_options, _params, payload: { row: number }) => this.#lines[payload.row] ?? '',
      clearOnComplete: true,
      forceRedraw: true,
      hideCursor: true,
      gracefulExit: false,
      fps: 1 / 86_400,
    });
    multi.on('redraw-pre', () => this.#output.add(CLEAR_BELOW));
    return multi;
  }

  /** Shows what is still unshown, and gives the terminal back as it was. */
  #hide(): void {
    this.#cancelTick?.();
    if (this.#multi === undefined) return;
    this.#redraw();
    this.#multi.stop();
    this.#output.flush();
    this.#multi = undefined;
    this.#rows.length = 0;
    this.#drawn = { lines: [], columns: this.options.terminal.columns };
  }
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
