// The terminal while tasks run: what they write, and bars below it that say what runs and how far the run is.

import { fstatSync } from 'node:fs';
import { kindOf } from '../../../progress/choose.ts';
import { styleFor } from '../../../progress/style.ts';
import { terminalOf } from '../../../progress/terminal.ts';
import type { Subscriber } from '../../../engine/event.ts';
import type { Clock } from '../../../engine/clock.ts';
import type { Action } from '../../../tasks/file/model.ts';
import type { LiveScreen } from '../../../tasks/output/live.ts';
import { expectedActions } from '../../../tasks/plan/expected.ts';
import type { Prepared, RunTasksOptions } from '../../../tasks/run-tasks.ts';
import type { Io } from '../../command.ts';
import type { OutputOptions } from '../../output.ts';

/** A run that takes less shows no bars. */
const DELAY_MS = 300;
/** Cells of the longest prefix, and of a prefix on a narrow terminal as part of its width. */
const PREFIX_CELLS = 32;
const PREFIX_PART = 0.4;

export interface Display {
  screen: LiveScreen;
  onEvent: Subscriber;
  close(): void;
}

export interface DisplayOptions {
  io: Io;
  clock: Clock;
  output: OutputOptions;
  /** No bars and no lines that say whose they are, on a terminal either. */
  plain: boolean;
}

/** Undefined where there is no terminal, and where nothing more than the output itself is asked for. */
export async function openDisplay(
  prepared: Prepared,
  options: RunTasksOptions,
  { io, clock, output, plain }: DisplayOptions,
): Promise<Display | undefined> {
  const stderr = terminalOf(io.stderr, io.env);
  const terminal = stderr.raw ?? stderr;
  const wanted = kindOf(output, stderr.isTTY && sameTerminal(io), io.env) === 'bars';
  if (!wanted || plain || options.dryRun === true) return undefined;
  const { createBars } = await import('../../../progress/bars.ts');
  const mixed = mixes(prepared, options);
  const bars = await createBars({
    terminal,
    clock,
    verbose: false,
    expected: expectedActions(prepared),
    // One after another, the report at the end follows at once.
    notices: mixed,
    get mostRows() {
      return Math.max(4, Math.floor(terminal.rows / 3));
    },
    delayMs: DELAY_MS,
  });
  const screen: LiveScreen = {
    print: bars.print,
    hold: bars.hold,
    mixed,
    colour: terminal.colour,
    prefixCells: () => Math.max(8, Math.min(PREFIX_CELLS, Math.floor(terminal.columns * PREFIX_PART))),
    ellipsis: styleFor(terminal).marks.ellipsis,
  };
  return { screen, onEvent: bars.onEvent, close: bars.close };
}

/** Bars are drawn over by whatever else is written to their terminal, so both streams have to go through them. */
function sameTerminal({ stdout, stderr }: Io): boolean {
  if (!stdout.isTTY || !stderr.isTTY) return false;
  const device = (stream: object): unknown =>
    'fd' in stream && typeof stream.fd === 'number' ? fstatSync(stream.fd).rdev : undefined;
  return device(stdout) === device(stderr);
}

/** Whether output of several actions can come at the same time. */
function mixes({ reached, tasks }: Prepared, { parallel }: RunTasksOptions): boolean {
  if (parallel === true && tasks.length > 1) return true;
  const any = (actions: readonly Action[]): boolean =>
    actions.some(({ work, background }) => work.kind === 'parallel' || background);
  return [...reached.keys()].some((task) => any(task.actions) || any(task.finally));
}
