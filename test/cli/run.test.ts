// From argv to an exit code: what a command is given, what is said of an error, and what a signal does.

import { userInfo } from 'node:os';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError, CreationError, InterruptedError, UsageError } from '../../scripts/base/errors.ts';
import { type Io, defineCommand, outputFlags } from '../../scripts/cli/command.ts';
import { main } from '../../scripts/cli/hoist.ts';
import { type Outlet, markTold, runCommand, watchOutput } from '../../scripts/cli/run.ts';
import { StepsFailedError } from '../../scripts/engine/errors.ts';

const test = suite('cli/run');

interface Ended {
  code: Outlet['exitCode'];
  out: string;
  err: string;
}

const streamsOf = (): { stdout: PassThrough; stderr: PassThrough; read: () => { out: string; err: string } } => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const text = (stream: PassThrough): string => ((stream.read() as Buffer | null) ?? '').toString();
  return { stdout, stderr, read: () => ({ out: text(stdout), err: text(stderr) }) };
};

async function ended(use: (outlet: Outlet) => Promise<void>, env: Record<string, string> = {}): Promise<Ended> {
  const { stdout, stderr, read } = streamsOf();
  const outlet = { stdout, stderr, env: { HOME: '/h', ...env }, exitCode: undefined } as unknown as Outlet;
  await use(outlet);
  return { code: outlet.exitCode, ...read() };
}

/** A run of a command that does this. */
const runOf = (
  act: (io: Io) => number | Promise<number>,
  argv: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<Ended> => {
  const spec = defineCommand({
    ...{ name: 'try', summary: 'Tries.', usage: '[options]', settings: [], operands: 1, examples: [] },
    flags: outputFlags,
    run: async (_args, io) => act(io),
  });
  return ended((outlet) => runCommand(spec, argv, outlet), env);
};

const failing = (error: unknown) => (): never => {
  throw error;
};

test('the code of the command is that of the process, and its output is of no terminal code', async () => {
  const one = await runOf((io) => {
    io.stdout.write('out\x1b[2J');
    io.stderr.write('err');
    return 7;
  });
  assert.is(one.code, 7);
  assert.match(one.out, /^out/);
  assert.not.match(one.out, '\x1b[2J');
  assert.is(one.err, 'err');
});

test('--help runs nothing', async () => {
  const one = await runOf(failing(new Error('it ran')), ['--help']);
  assert.equal([one.code, one.err], [0, '']);
  assert.match(one.out, /^Tries\.\n\nUsage: hoist try /);
});

test('an error that hoist knows is its message and its hint, and its code', async () => {
  const table: [unknown, number, string][] = [
    [new UsageError('not so', { hint: 'So.' }), 2, 'error: not so\nSo.\n'],
    [new CreationError('no'), 5, 'error: no\n'],
    [new ConfigError([{ where: 'a:1', message: 'is odd' }]), 2, 'error: a:1: is odd\n'],
    [Object.assign(new Error('EACCES: x'), { syscall: 'open', code: 'EACCES' }), 1, 'error: EACCES: x\n'],
    ['a text', 1, 'error: a text\n'],
    [undefined, 1, 'error: undefined\n'],
  ];
  for (const [error, code, text] of table) {
    const one = await runOf(failing(error));
    assert.equal([one.code, one.out, one.err], [code, '', text]);
  }
  const steps = await runOf(failing(new StepsFailedError([])));
  assert.not.match(steps.err, 'bug in hoist');
});

test('any other error is a bug: with its stack, and whom to tell', async () => {
  for (const error of [
    new TypeError('x is undefined'),
    Object.assign(new Error('half'), { code: 'E' }),
    Object.assign(new Error('half'), { syscall: 'open' }),
  ]) {
    const { code, err } = await runOf(failing(error));
    assert.is(code, 1);
    assert.match(err, /^error: \w*Error: .*\n {4}at /);
    assert.match(err, /This is a bug in hoist\. Please report it/);
  }
});

test('as JSON an error is a line of its own, too, however JSON is asked for', async () => {
  const error = new UsageError('not so', { hint: 'So.' });
  for (const argv of [['--output=json'], ['--output', 'json'], ['-o', 'json']]) {
    const { out, err, code } = await runOf(failing(error), argv);
    const { time, ...line } = JSON.parse(out) as Record<string, unknown>;
    assert.equal(line, { type: 'error', message: 'not so', hint: 'So.', exitCode: 2 });
    assert.match(String(time), /^\d{4}-\d\d-\d\dT/);
    assert.equal([code, err], [2, 'error: not so\nSo.\n']);
  }
  for (const argv of [['json'], ['--output', 'text'], ['-q', 'json'], []])
    assert.is((await runOf(failing(error), argv)).out, '', argv.join(' '));
});

test('what was said already is not said again, and still counts', async () => {
  const error = new CreationError('no');
  markTold(error);
  assert.equal(await runOf(failing(error)), { code: 5, out: '', err: '' });
  // What is no object cannot be marked.
  for (const odd of ['a text', null, undefined]) {
    markTold(odd);
    assert.match((await runOf(failing(odd))).err, /^error: /);
  }
});

test('a flag that there is not never reaches the command', async () => {
  const one = await runOf(failing(new Error('it ran')), ['--nope']);
  assert.is(one.code, 2);
  assert.match(one.err, 'unknown flag --nope');
});

test('a home that is no absolute path is replaced by the one of the account', async () => {
  const homeOf = async (HOME: string): Promise<string | undefined> => {
    let seen: string | undefined;
    await runOf(
      (io) => {
        seen = io.env['HOME'];
        return 0;
      },
      [],
      { HOME },
    );
    return seen;
  };
  assert.is(await homeOf('/mine'), '/mine');
  for (const odd of ['.', '', 'home']) assert.is(await homeOf(odd), userInfo().homedir, odd);
});

test('the first signal cancels with its name; handlers are gone afterwards', async () => {
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGQUIT: 131 };
  for (const name of names) {
    const before = process.listenerCount(name);
    const one = await runOf(({ signal }) => {
      assert.is(process.listenerCount(name), before + 1);
      assert.is(signal.aborted, false);
      process.emit(name);
      assert.instance(signal.reason, InterruptedError);
      throw signal.reason;
    });
    assert.is(one.code, codes[name]);
    assert.is(process.listenerCount(name), before);
  }
});

test('what Node itself rejects with when it is cancelled is no bug of hoist', async () => {
  const one = await runOf(async ({ signal }) => {
    process.nextTick(() => process.emit('SIGTERM'));
    await sleep(60_000, undefined, { signal });
    return 0;
  });
  assert.is(one.code, 143);
  assert.not.match(one.err, /bug|AbortError|\n\s+at /);
  assert.match(one.err, /SIGTERM/);
  const unasked = await runOf(() => Promise.reject(Object.assign(new Error('lost'), { name: 'AbortError' })));
  assert.is(unasked.code, 1);
  assert.match(unasked.err, /bug in hoist/);
});

test('a terminal that is closed is none of the business of a run under nohup', async () => {
  const cancels = async (env: Record<string, string>, name: 'SIGHUP' | 'SIGTERM' = 'SIGHUP'): Promise<boolean> => {
    let cancelled = false;
    await runOf(
      ({ signal }) => {
        process.emit(name);
        cancelled = signal.aborted;
        return 0;
      },
      [],
      env,
    );
    return cancelled;
  };
  assert.is(await cancels({}), true);
  assert.is(await cancels({ HOIST_SIGHUP: 'ignored' }), false);
  assert.is(await cancels({ HOIST_SIGHUP: 'ignored' }, 'SIGTERM'), true);
  assert.is(await cancels({ HOIST_SIGHUP: 'taken' }), true);
  for (const nohup of ['nohup', '/usr/bin/nohup']) assert.is(await cancels({ _: nohup }), false, nohup);
  for (const other of ['/usr/bin/node', 'xnohup', 'nohup.sh']) assert.is(await cancels({ _: other }), true, other);
});

test('output that cannot be written is said once; a reader that has gone is not', () => {
  const { stdout, stderr, read } = streamsOf();
  const before = process.listeners('exit');
  watchOutput({ stdout, stderr } as never);
  for (const code of ['EPIPE', 'EIO']) stdout.emit('error', Object.assign(new Error(code), { code }));
  stderr.emit('error', new Error('of nobody’s interest'));
  assert.is(read().err, '');
  assert.is(process.listeners('exit').length, before.length, 'the exit code stays');
  stdout.emit('error', Object.assign(new Error('ENOSPC: full'), { code: 'ENOSPC' }));
  stdout.emit('error', Object.assign(new Error('ENOSPC: full'), { code: 'ENOSPC' }));
  assert.is(read().err, 'error: the output could not be written: ENOSPC: full\n');
  const [added, ...more] = process.listeners('exit').filter((one) => !before.includes(one));
  assert.ok(added);
  assert.equal(more, []);
  process.off('exit', added);
});

/** `hoist ARGV…`. */
const hoist = (...argv: string[]): Promise<Ended> => ended((outlet) => main(argv, outlet));

test('the overview is asked for, or shown with the code of a wrong command line', async () => {
  for (const name of ['help', '--help', '-h']) {
    const { code, out } = await hoist(name);
    assert.is(code, undefined, name);
    assert.match(out, /Usage: hoist COMMAND \[options\]\n/);
    assert.match(out, /^ {2}completion {2}\S/m, 'the longest name has a gap of two');
  }
  const bare = await hoist();
  assert.equal([bare.code, bare.out], [2, (await hoist('help')).out]);
});

test('a command by its name, its other names, and its help', async () => {
  const { out } = await hoist('down', '--help');
  assert.match(out, /^Usage: hoist down /m);
  assert.is((await hoist('help', 'down')).out, out);
  assert.is((await hoist('--help', 'delete')).out, out);
  for (const version of ['version', '--version', '-V'])
    assert.match((await hoist(version)).out, /^hoist \d\S* \(Node\.js \d[\d.]+\)\n$/);
});

test('a command that there is not, with the nearest one; names of objects are none', async () => {
  const one = await hoist('dwn\x1b[2J');
  assert.is(one.code, 2);
  assert.not.match(one.err, '\x1b[2J');
  assert.match((await hoist('dwon')).err, /^error: unknown command "dwon"; did you mean "down"\?\n/);
  assert.match((await hoist('delte')).err, 'did you mean "delete"?');
  for (const name of ['toString', 'constructor']) assert.is((await hoist(name)).code, 2, name);
});

test.run();
