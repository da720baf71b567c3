// One command: what is kept of its output, how it is stopped, and what it leaves running.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ChildOptions, type Ended, startChild } from '../../../scripts/host/child.ts';
import { groupLives } from '../../../scripts/host/group.ts';
import { type CommandOptions, runShellCommand } from '../../../scripts/tasks/processes/command.ts';
import { Registry } from '../../../scripts/tasks/processes/registry.ts';

const commands = suite('tasks: one command');

/** A child that is none: it ends when the test says so, or by a signal. */
function fake() {
  const signals: (string | number)[] = [];
  let given: ChildOptions | undefined;
  let lives = true;
  let end: (ended: Ended) => void = () => undefined;
  const ended = new Promise<Ended>((resolve) => (end = resolve));
  return {
    signals,
    given: () => given,
    end: (code: number) => {
      lives = false;
      end({ code, signal: null });
    },
    start: (options: ChildOptions) => {
      given = options;
      return Promise.resolve({
        // No process of this number, nor a group, can exist.
        pid: 2 ** 30,
        ended,
        closed: ended.then(() => undefined),
        signal(signal: NodeJS.Signals | 0) {
          if (signal !== 0) signals.push(signal);
          return lives;
        },
        detach: () => undefined,
      });
    },
  };
}

const shared = new Registry();
commands.after(() => shared.close());

const optionsOf = (more: Partial<CommandOptions>): CommandOptions => ({
  start: startChild,
  registry: shared,
  file: '/bin/sh',
  args: [],
  env: { PATH: process.env['PATH'] ?? '' },
  cwd: '/',
  onData: () => undefined,
  signal: new AbortController().signal,
  graceMs: 1_000,
  owner: '"it"',
  ...more,
});

/** Runs a text by a real shell. */
const run = (text: string, more: Partial<CommandOptions> = {}) =>
  runShellCommand(optionsOf({ args: ['-c', text], ...more }));

commands('its code, its last lines, and its output without the blanks around it where that is asked for', async () => {
  const { code, signal, stdout, lastLines } = await run('echo " a "; echo b >&2; exit 3', { capture: true });
  assert.equal([code, signal, stdout], [3, null, 'a']);
  assert.equal(lastLines(9).sort(), [' a ', 'b']);
  const plain = await run('echo a');
  assert.equal([plain.code, plain.stdout, plain.lastLines(9)], [0, '', ['a']]);
  assert.is((await run('kill -9 $$')).signal, 'SIGKILL');
});

commands('of stdout 1 MiB is kept, and of more nothing; stderr does not count', async () => {
  const { start, given, end } = fake();
  for (const [bytes, kept] of [
    [[2 ** 20], 2 ** 20],
    [[2 ** 20 - 1, 1], 2 ** 20],
    [[2 ** 20 - 1, 2], undefined],
    [[2 ** 20 + 1], undefined],
  ] as const) {
    const ran = runShellCommand(optionsOf({ start, capture: true }));
    await given()?.onData('stderr', Buffer.alloc(2 ** 20 + 1, 'e'));
    for (const count of bytes) await given()?.onData('stdout', Buffer.alloc(count, 'x'));
    end(0);
    assert.is((await ran).stdout?.length, kept);
  }
});

commands('the terminal is its own only where that is asked for', async () => {
  for (const interactive of [undefined, false, true]) {
    const { start, given, end } = fake();
    const ran = runShellCommand(optionsOf({ start, interactive }));
    assert.is(given()?.interactive, interactive === true);
    end(0);
    await ran;
  }
});

commands('a run that has ended starts none', async () => {
  const { start, given } = fake();
  const error = await runShellCommand(optionsOf({ start, signal: AbortSignal.abort(new Error('over')) })).catch(String);
  assert.equal([error, given()], ['Error: over', undefined]);
});

commands('an abort sends the signal of its reason; a terminal has sent its own SIGINT already', async () => {
  const interrupted = Object.assign(new Error('interrupted'), { signalName: 'SIGINT' });
  for (const [reason, interactive, first, then] of [
    [new Error('over'), false, ['SIGTERM'], ['SIGTERM']],
    [{ signalName: 'SIGTERM' }, false, ['SIGTERM'], ['SIGTERM']],
    [null, false, ['SIGTERM'], ['SIGTERM']],
    // What a shell has left ignores SIGINT, and gets SIGTERM once the shell has ended.
    [interrupted, false, ['SIGINT'], ['SIGINT', 'SIGTERM']],
    [interrupted, true, [], ['SIGTERM']],
    [new Error('over'), true, ['SIGTERM'], ['SIGTERM']],
  ] as const) {
    const { start, signals, end } = fake();
    const stop = new AbortController();
    const ran = runShellCommand(optionsOf({ start, interactive, signal: stop.signal }));
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort(reason);
    assert.equal(signals, first);
    end(0);
    await ran;
    assert.equal(signals, then);
  }
});

commands('what does not end by a signal is killed after the grace, with its whole group', async () => {
  const stop = new AbortController();
  let pid = 0;
  const began = performance.now();
  const onData = (): undefined => {
    stop.abort(new Error('over'));
  };
  const { signal } = await run('trap "" TERM; sleep 300 & echo up; wait; wait', {
    onData,
    signal: stop.signal,
    graceMs: 50,
    onStart: (child) => (pid = child.pid),
  });
  assert.is(signal, 'SIGKILL');
  assert.ok(performance.now() - began < 60_000);
  assert.is(groupLives(pid), false);
});

commands(
  'what outlives it is reported by name and ended with the run, and where it was stopped nothing is',
  async () => {
    const registry = new Registry();
    const { code, lastLines } = await run('sleep 300 & echo $$', { registry });
    assert.is(code, 0);
    const group = Number(lastLines(1)[0]);
    assert.ok(groupLives(group));
    const notices = await registry.endLeftovers(1_000);
    assert.is(notices.length, 1);
    assert.match(notices[0] ?? '', /^sleep \(process \d+\), left running by "it", was ended$/);
    assert.is(groupLives(group), false);
    assert.equal(await registry.endLeftovers(1_000), []);
    registry.close();
  },
);

commands('of many that are left, three are named', async () => {
  const registry = new Registry();
  await run('for i in 1 2 3; do sleep 300 & done', { registry });
  assert.match((await registry.endLeftovers(1_000))[0] ?? '', /^(sleep \(process \d+\)(, )?){3}, left running/);
  await run('for i in 1 2 3 4 5; do sleep 300 & done', { registry });
  assert.match((await registry.endLeftovers(1_000))[0] ?? '', /^(sleep \(process \d+\)(, )?){3} and 2 more, left/);
  registry.close();
});

commands.run();
