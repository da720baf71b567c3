import { spawn } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { moduleAt, scriptOf } from '../child.ts';
import { ExecError } from '../../scripts/host/exec.ts';
import { exec } from '../../scripts/host/execa.ts';
import { isZombie, procStat } from '../../scripts/host/group.ts';

const test = suite('exec');

async function failureOf(promise: Promise<unknown>): Promise<ExecError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.instance(error, ExecError);
  return error as ExecError;
}

function runs(pid: number): boolean {
  if (process.platform === 'linux') {
    const stat = procStat(pid);
    return stat !== undefined && !isZombie(stat);
  }
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('resolves with both outputs, the code and the time', async () => {
  const began = performance.now();
  const result = await exec({ file: 'sh', args: ['-c', 'echo out; echo err >&2'] });
  const tookMs = performance.now() - began;
  assert.is(result.stdout, 'out');
  assert.is(result.stderr, 'err');
  assert.is(result.exitCode, 0);
  assert.ok(result.durationMs > 0 && result.durationMs <= tookMs, `${result.durationMs} of ${tookMs} ms`);
});

test('hands on each line as it comes, with its stream', async () => {
  const seen: string[] = [];
  const args = ['-c', 'printf "one\\ntwo\\n"; echo three >&2; printf "no end"'];
  await exec({ file: 'sh', args, onLine: (line, stream) => seen.push(`${stream} ${line}`) });
  assert.equal(seen.sort(), ['stderr three', 'stdout no end', 'stdout one', 'stdout two']);
});

test('output above the limit ends the child and its descendants, and is not held', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hoist-exec-'));
  try {
    const left = join(folder, 'pid');
    const script = `sleep 300 & echo $! > ${left}; head -c 200000000 /dev/zero; sleep 300`;
    const error = await failureOf(exec({ file: 'sh', args: ['-c', script], maxOutput: 50_000 }));
    assert.is(error.details.reason, 'output');
    assert.is(error.details.stdout, '');
    assert.is(error.message, 'sh wrote more than 50000 bytes, and was ended');
    assert.not.ok(runs(Number(await readFile(left, 'utf8'))), 'a descendant is left');
    const all = await exec({ file: 'sh', args: ['-c', 'printf 12345'], maxOutput: 5 });
    assert.is(all.stdout, '12345');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('adds to the environment, and undefined takes away', async () => {
  process.env['HOIST_TEST_GONE'] = 'here';
  try {
    const args = ['-c', 'echo "$HOIST_TEST_NEW-$HOIST_TEST_GONE-${PATH:+path}"'];
    const result = await exec({ file: 'sh', args, env: { HOIST_TEST_NEW: 'new', HOIST_TEST_GONE: undefined } });
    assert.is(result.stdout, 'new--path');
  } finally {
    delete process.env['HOIST_TEST_GONE'];
  }
});

test('writes the input to stdin, and gives no stdin without one', async () => {
  assert.is((await exec({ file: 'cat', args: [], input: 'secret' })).stdout, 'secret');
  assert.is((await exec({ file: 'cat', args: [] })).stdout, '');
});

test('runs in the folder asked for', async () => {
  assert.is((await exec({ file: 'pwd', args: [], cwd: '/' })).stdout, '/');
});

test('a failure shows the code and the last lines, never the arguments', async () => {
  const args = ['-c', 'for i in $(seq 20); do echo "line $i" >&2; done; exit 3', 'TOP-SECRET'];
  const error = await failureOf(exec({ file: '/bin/sh', args }));
  assert.is(error.details.reason, 'exit');
  assert.is(error.details.exitCode, 3);
  assert.match(error.message, /^sh ended with code 3:\nline 11\n/);
  assert.match(error.message, /line 20$/);
  assert.not.match(JSON.stringify(error) + error.message + String(error.cause), /TOP-SECRET/);
});

test('a missing executable is distinguished, with a hint', async () => {
  const error = await failureOf(exec({ file: 'hoist-no-such-tool', args: ['TOP-SECRET'] }));
  assert.is(error.details.reason, 'missing');
  assert.is(error.message, 'hoist-no-such-tool was not found');
  assert.match(error.hint ?? '', /PATH/);
});

test('a file that may not be executed is distinguished', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hoist-exec-'));
  try {
    await writeFile(join(folder, 'tool'), '#!/bin/sh\n');
    await chmod(join(folder, 'tool'), 0o644);
    const error = await failureOf(exec({ file: join(folder, 'tool'), args: [] }));
    assert.is(error.details.reason, 'missing');
    assert.is(error.message, 'tool may not be executed');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a missing working folder is not taken for a missing executable', async () => {
  try {
    await exec({ file: 'pwd', args: [], cwd: '/no/such/folder' });
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /\/no\/such\/folder: no such folder/);
  }
});

test('a child ended by a signal is distinguished', async () => {
  const error = await failureOf(exec({ file: 'sh', args: ['-c', 'kill -9 $$'] }));
  assert.is(error.details.reason, 'signal');
  assert.match(error.message, /SIGKILL/);
});

test('cancelling kills the whole tree and leaves no listener', async () => {
  const abort = new AbortController();
  let grandchild = 0;
  const args = ['-c', 'sleep 1000 & echo $!; wait'];
  const onLine = (line: string): void => {
    grandchild = Number(line);
    abort.abort();
  };
  const error = await failureOf(exec({ file: 'sh', args, signal: abort.signal, onLine }));
  assert.is(error.details.reason, 'cancelled');
  assert.ok(grandchild > 0);
  assert.not.ok(runs(grandchild));
  assert.is(getEventListeners(abort.signal, 'abort').length, 0);
});

test('cancelling reaches a grandchild that has no pipe to us', async () => {
  const abort = new AbortController();
  let grandchild = 0;
  const args = ['-c', 'trap "exit 0" TERM; sleep 1000 >/dev/null 2>&1 & echo $!; wait'];
  const onLine = (line: string): void => {
    grandchild = Number(line);
    abort.abort();
  };
  await failureOf(exec({ file: 'sh', args, signal: abort.signal, onLine }));
  assert.not.ok(runs(grandchild));
});

test('a child that ignores SIGTERM is killed after the grace', async () => {
  const abort = new AbortController();
  let pid = 0;
  const args = ['-c', 'trap "" TERM; echo $$; while :; do sleep 0.1; done'];
  const onLine = (line: string): void => {
    pid = Number(line);
    abort.abort();
  };
  const error = await failureOf(exec({ file: 'sh', args, signal: abort.signal, onLine }));
  assert.is(error.details.reason, 'cancelled');
  assert.not.ok(runs(pid));
});

test('a timeout kills the whole tree and shows the output so far', async () => {
  const error = await failureOf(exec({ file: 'sh', args: ['-c', 'echo begun; sleep 1000 & wait'], timeoutMs: 300 }));
  assert.is(error.details.reason, 'timeout');
  assert.is(error.message, 'sh did not end within 300 ms:\nbegun');
});

test('nothing is started when the signal is aborted already', async () => {
  const error = await failureOf(exec({ file: 'hoist-no-such-tool', args: [], signal: AbortSignal.abort() }));
  assert.is(error.details.reason, 'cancelled');
});

test('leaves no listener after a good end', async () => {
  const { signal } = new AbortController();
  const before = process.listenerCount('exit');
  await exec({ file: 'true', args: [], signal });
  assert.is(getEventListeners(signal, 'abort').length, 0);
  assert.is(process.listenerCount('exit'), before);
});

test('what still runs when hoist ends is killed', async () => {
  const code = `
    import { exec } from ${moduleAt('scripts/host/execa.ts')};
    const onLine = (line) => { process.stdout.write(line, () => process.exit(7)); };
    await exec({ file: 'sh', args: ['-c', 'sleep 1000 >/dev/null & echo $!; wait'], onLine });`;
  const host = spawn(process.execPath, scriptOf(code), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let pid = '';
  host.stdout.on('data', (chunk: Buffer) => (pid += chunk.toString()));
  const [exitCode] = (await once(host, 'close')) as [number];
  assert.is(exitCode, 7);
  assert.ok(Number(pid) > 0);
  while (runs(Number(pid))) await new Promise((wait) => setTimeout(wait, 5));
});

test.run();
