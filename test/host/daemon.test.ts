import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { moduleAt, scriptOf } from '../child.ts';
import {
  type DaemonExit,
  type DaemonHandle,
  type StartedDaemon,
  isAlive,
  startDaemon,
  stopDaemon,
  tail,
} from '../../scripts/host/daemon.ts';
import { ExecError } from '../../scripts/host/exec.ts';
import { startTimeOf } from '../../scripts/host/incarnation.ts';

const test = suite<{ folder: string; logFile: string }>('daemon');

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'hoist-daemon-'));
  context.logFile = join(context.folder, 'log');
});
test.after.each(({ folder }) => rm(folder, { recursive: true }));

/** A daemon's end alone does not keep a process running, so the test does. */
async function endOf(daemon: StartedDaemon): Promise<DaemonExit> {
  const awake = setInterval(() => undefined, 1_000);
  try {
    return await daemon.exited;
  } finally {
    clearInterval(awake);
  }
}

/** Resolves when the log holds the text. */
async function logged(logFile: string, text: string): Promise<string> {
  for (;;) {
    const log = await readFile(logFile, 'utf8');
    if (log.includes(text)) return log;
    await new Promise((turn) => setTimeout(turn, 5));
  }
}

test('runs with its environment and folder, its output appended to the log', async ({ folder, logFile }) => {
  await writeFile(logFile, 'before\n');
  const args = ['-c', 'echo "$HOIST_TEST in $PWD"; echo error >&2; exec sleep 1000'];
  const daemon = await startDaemon({ file: 'sh', args, env: { HOIST_TEST: 'set' }, cwd: folder, logFile });
  try {
    assert.is(await logged(logFile, 'error\n'), `before\nset in ${folder}\nerror\n`);
    assert.ok(await isAlive(daemon));
  } finally {
    await stopDaemon(daemon, { graceMs: 5_000 });
  }
});

test('gets what it needs of the environment, and no token of its user', async ({ folder, logFile }) => {
  process.env['HOIST_TEST_TOKEN'] = 'hunter2pw';
  const daemon = await startDaemon({
    file: 'sh',
    args: ['-c', 'env; echo done; exec sleep 1000'],
    cwd: folder,
    logFile,
  });
  try {
    const log = await logged(logFile, 'done\n');
    assert.not.match(log, 'hunter2pw');
    assert.match(log, /^PATH=/m);
    assert.match(log, /^HOME=/m);
  } finally {
    delete process.env['HOIST_TEST_TOKEN'];
    await stopDaemon(daemon, { graceMs: 5_000 });
  }
});

test('outlives the process that started it, and is known by its handle', async ({ logFile }) => {
  const code = `
    import { startDaemon } from ${moduleAt('scripts/host/daemon.ts')};
    const options = { file: 'sleep', args: ['1000'], logFile: ${JSON.stringify(logFile)} };
    const { pid, startTime } = await startDaemon(options);
    process.stdout.write(JSON.stringify({ pid, startTime }));`;
  const host = spawn(process.execPath, scriptOf(code), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  host.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  assert.equal(await once(host, 'close'), [0, null]);
  const daemon = JSON.parse(output) as DaemonHandle;
  assert.ok(await isAlive(daemon));
  assert.ok(await stopDaemon(daemon, { graceMs: 5_000 }));
  assert.not.ok(await isAlive(daemon));
});

test('an early death is told with its code', async ({ logFile }) => {
  const daemon = await startDaemon({ file: 'sh', args: ['-c', 'echo reason; exit 3'], logFile });
  assert.equal(await endOf(daemon), { exitCode: 3, signal: null });
  assert.not.ok(await isAlive(daemon));
  assert.equal(await tail(logFile, 5), ['reason']);
});

test('an early death is told with its signal', async ({ logFile }) => {
  const daemon = await startDaemon({ file: 'sh', args: ['-c', 'kill -9 $$'], logFile });
  assert.equal(await endOf(daemon), { exitCode: null, signal: 'SIGKILL' });
});

test('a missing executable is an error that shows no arguments', async ({ logFile }) => {
  try {
    await startDaemon({ file: '/no/such/tool', args: ['TOP-SECRET'], logFile });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, ExecError);
    assert.is((error as ExecError).message, 'tool was not found');
    assert.is((error as ExecError).cause, undefined);
  }
});

test('a process with the same id and another start time is neither alive nor stopped', async ({ logFile }) => {
  const daemon = await startDaemon({ file: 'sleep', args: ['1000'], logFile });
  try {
    const other = { pid: daemon.pid, startTime: `${daemon.startTime}1` };
    assert.not.ok(await isAlive(other));
    assert.not.ok(await stopDaemon(other, { graceMs: 0 }));
    assert.ok(await isAlive(daemon));
  } finally {
    await stopDaemon(daemon, { graceMs: 5_000 });
  }
});

test('one that ended and was not waited for is not alive', async ({ logFile }) => {
  // The shell starts a child and becomes sleep, which never waits for children. The child ends only then.
  const child = 'while [ -e /proc/$PPID/comm ] && ! grep -q sleep /proc/$PPID/comm; do :; done';
  const args = ['-c', `sh -c '${child}' & echo $!; exec sleep 1000`];
  const parent = await startDaemon({ file: 'sh', args, logFile });
  try {
    const pid = Number(await logged(logFile, '\n'));
    while ((await startTimeOf(pid)) !== undefined) await new Promise((turn) => setTimeout(turn, 5));
    assert.ok(process.kill(pid, 0), 'it is still in the process table');
  } finally {
    await stopDaemon(parent, { graceMs: 5_000 });
  }
});

test('stops the whole group, and what ignores SIGTERM too', async ({ logFile }) => {
  const args = ['-c', 'trap "" TERM; sh -c \'trap "" TERM; while :; do sleep 0.1; done\' & echo $!; wait'];
  const daemon = await startDaemon({ file: 'sh', args, logFile });
  const child = Number(await logged(logFile, '\n'));
  assert.ok(await stopDaemon(daemon, { graceMs: 50 }));
  assert.not.ok(await isAlive(daemon));
  assert.is(await startTimeOf(child), undefined);
  assert.equal(await endOf(daemon), { exitCode: null, signal: 'SIGKILL' });
});

test('tail gives the last lines of a long log, and none of a missing one', async ({ logFile }) => {
  await writeFile(logFile, Array.from({ length: 20_000 }, (_, line) => `line ${line}\n`).join(''));
  assert.equal(await tail(logFile, 2), ['line 19998', 'line 19999']);
  assert.equal(await tail(`${logFile}.missing`, 2), []);
  await writeFile(logFile, '');
  assert.equal(await tail(logFile, 2), []);
});

test.run();
