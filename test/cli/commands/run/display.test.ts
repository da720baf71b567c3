// The terminal while tasks run: where there are bars at all, how much of it they take, and what is shown beside them.

import { closeSync, openSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Io } from '../../../../scripts/cli/command.ts';
import { type DisplayOptions, openDisplay } from '../../../../scripts/cli/commands/run/display.ts';
import { guarded } from '../../../../scripts/progress/terminal.ts';
import type { Prepared, RunTasksOptions } from '../../../../scripts/tasks/run-tasks.ts';
import { FakeClock } from '../../../doubles/clock.ts';
import { Screen } from '../../../doubles/screen.ts';
import { check } from '../../../tasks/program.ts';

const test = suite('cli/commands/run/display');

interface Place {
  columns?: number;
  rows?: number;
  /** What of the streams is no terminal. */
  not?: 'stdout' | 'stderr';
  /** Devices behind the two streams. */
  devices?: readonly [stdout: string, stderr: string];
  env?: Record<string, string>;
  output?: Partial<DisplayOptions['output']>;
  plain?: boolean;
  options?: Partial<RunTasksOptions>;
  names?: readonly string[];
}

const TASKS = 'tasks: [{name: default, actions: [{cmd: one}, {cmd: two}]}, {name: other, actions: [{cmd: three}]}]\n';

const opened: number[] = [];
test.after.each(() => {
  for (const fd of opened.splice(0)) closeSync(fd);
});

async function open(place: Place = {}, text = TASKS) {
  const { columns = 80, rows = 24, not, devices, env = {}, output, plain = false, options = {}, names } = place;
  const screen = new Screen(columns, rows);
  const clock = new FakeClock();
  const streamOf = (name: 'stdout' | 'stderr', device: string | undefined): NodeJS.WriteStream => {
    const fd = device === undefined ? undefined : openSync(device, 'r');
    if (fd !== undefined) opened.push(fd);
    return {
      isTTY: not !== name,
      columns,
      rows,
      on: () => undefined,
      write(chunk: string) {
        screen.write(chunk);
      },
      ...(fd === undefined ? {} : { fd }),
    } as unknown as NodeJS.WriteStream;
  };
  // As commands get them.
  const [stdout, stderr] = (['stdout', 'stderr'] as const).map((name, at) => guarded(streamOf(name, devices?.[at])));
  const io = { stdout, stderr, env: { LANG: 'en_US.UTF-8', ...env } } as unknown as Io;
  const prepared = (await check(text, names === undefined ? {} : { names })) as unknown as Prepared;
  const display = await openDisplay(prepared, options as RunTasksOptions, {
    io,
    clock,
    output: { output: 'text', quiet: false, verbose: false, ...output },
    plain,
  });
  return { display, screen, clock };
}

const isOpen = async (place: Place): Promise<boolean> => {
  const { display } = await open(place);
  display?.close();
  return display !== undefined;
};

test('only where both streams are one terminal that a person looks at, and nothing else is asked for', async () => {
  assert.is(await isOpen({}), true);
  assert.is(await isOpen({ devices: ['/dev/null', '/dev/null'] }), true);
  for (const place of [
    { not: 'stdout' },
    { not: 'stderr' },
    { devices: ['/dev/null', '/dev/zero'] },
    { env: { CI: 'true' } },
    { env: { TERM: 'dumb' } },
    { output: { quiet: true } },
    { output: { output: 'json' } },
    { plain: true },
    { options: { dryRun: true } },
  ] as const)
    assert.is(await isOpen(place), false, JSON.stringify(place));
  assert.is(await isOpen({ options: { dryRun: false } }), true);
});

test('lines say whose they are where several can write at the same time', async () => {
  const mixed = async (text: string, place: Place = {}): Promise<boolean | undefined> => {
    const { display } = await open(place, text);
    display?.close();
    return display?.screen.mixed;
  };
  assert.is(await mixed(TASKS), false);
  const names = ['default', 'other'];
  assert.is(await mixed(TASKS, { names }), false);
  assert.is(await mixed(TASKS, { names, options: { parallel: true } }), true);
  assert.is(await mixed(TASKS, { names, options: { parallel: false } }), false);
  assert.is(await mixed(TASKS, { options: { parallel: true } }), false, 'one task alone');
  const task = (actions: string, more = ''): string => `tasks: [{name: default, actions: [${actions}]${more}}]\n`;
  assert.is(await mixed(task('{cmd: x}, {parallel: [{cmd: y}]}')), true);
  assert.is(await mixed(task('{cmd: x, background: true}')), true);
  assert.is(await mixed(task('{cmd: x}', ', finally: [{parallel: [{cmd: y}]}]')), true);
  const calls = 'tasks: [{name: default, actions: [{task: t}]}, {name: t, actions: [{parallel: [{cmd: y}]}]}]\n';
  assert.is(await mixed(calls), true, 'in a task that is called');
});

test('prefixes take a part of the width, within bounds', async () => {
  for (const [columns, cells] of [
    [10, 8],
    [20, 8],
    [22, 8],
    [23, 9],
    [50, 20],
    [79, 31],
    [80, 32],
    [200, 32],
  ] as const) {
    const { display } = await open({ columns });
    assert.is(display?.screen.prefixCells(), cells, String(columns));
    display?.close();
  }
});

test('colours and marks are those of the terminal', async () => {
  const { display } = await open({ env: { NO_COLOR: '1' } });
  assert.equal([display?.screen.colour, display?.screen.ellipsis], [false, '…']);
  display?.close();
  const other = await open({ env: { LANG: 'C', LC_ALL: 'C', FORCE_COLOR: '1' } });
  assert.equal([other.display?.screen.colour, other.display?.screen.ellipsis], [true, '...']);
  other.display?.close();
});

/** Begins a run with so many steps at once. */
async function running(steps: number, place: Place = {}, text = TASKS) {
  const made = await open(place, text);
  const { display } = made;
  if (display === undefined) throw new Error('no display');
  display.onEvent({ type: 'run-started', atMs: 0, steps: [], pools: {} });
  for (let at = 0; at < steps; at++) display.onEvent({ type: 'step-started', atMs: 0, step: `step ${at}`, attempt: 1 });
  return { ...made, display };
}

test('a short run shows no bars, a longer one as many actions as it is expected to have', async () => {
  const { display, screen, clock } = await running(1);
  clock.advance(299);
  assert.equal(screen.writes, []);
  clock.advance(1);
  assert.match(screen.lines[0] ?? '', /^0\/2 /);
  display.screen.print('of an action\n');
  clock.advance(100);
  assert.is(screen.lines[0], 'of an action');
  display.close();
  assert.equal(screen.lines, ['of an action']);
});

test('bars take a third of the rows, four at least', async () => {
  for (const [rows, taken] of [
    [8, 4],
    [12, 4],
    [15, 5],
    [30, 10],
  ] as const) {
    const { display, screen, clock } = await running(20, { rows });
    clock.advance(300);
    assert.is(screen.lines.length, taken, String(rows));
    display.close();
  }
});

test('a failure is a line above the bars where the output of several is mixed; else its report follows at once', async () => {
  const record = {
    name: 'step 0',
    needs: [],
    queuedMs: 0,
    startedMs: 0,
    endedMs: 400,
    attempts: 1,
    outcome: 'failed',
    reason: 'broke',
  } as const;
  for (const mixed of [true, false]) {
    const text = mixed ? 'tasks: [{name: default, actions: [{parallel: [{cmd: x}, {cmd: y}]}]}]\n' : TASKS;
    const { display, screen, clock } = await running(2, {}, text);
    clock.advance(300);
    display.onEvent({ type: 'step-ended', atMs: 400, step: 'step 0', record });
    display.onEvent({
      type: 'step-ended',
      atMs: 400,
      step: 'step 1',
      record: { ...record, name: 'step 1', outcome: 'done' },
    });
    display.close();
    assert.is(/step 0.*broke/.test(screen.lines.join('\n')), mixed);
    assert.not.match(screen.lines.join('\n'), 'step 1', 'what went well stays unsaid');
  }
});

test.run();
