// The harness with fake sides: turns, medians, verdicts, exit codes, missing peers, and whose CPU time is whose.

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cpuMeter, markChildren } from '../../bench/harness/cpu.ts';
import { median } from '../../bench/harness/stats.ts';

const fakeBench = fileURLToPath(new URL('./fake-bench.ts', import.meta.url));

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the fake bench; SIGINT is sent when it says that it hangs. */
function bench(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', fakeBench, ...args], { env: { ...process.env, ...env } });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => {
      stderr += data.toString();
      if (stderr.endsWith('hanging\n')) child.kill('SIGINT');
    });
    child.on('error', reject).on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

function lastLine(text: string): unknown {
  return JSON.parse(text.trimEnd().split('\n').at(-1) ?? '');
}

const test = suite<{ dir: string }>('bench harness', { dir: '' });

test.before.each(async (context) => {
  context.dir = await mkdtemp(path.join(os.tmpdir(), 'hoist-bench-'));
});
test.after.each(async ({ dir }) => rm(dir, { recursive: true }));

test('prints the verdict as the last line and exits 0 when every target is met', async () => {
  const { code, stdout } = await bench(['--output', 'json']);
  assert.equal(lastLine(stdout), {
    bench: 'fake',
    ratios: { 'a/b': { value: 2, target: 2, ok: true } },
    skipped: ['absent'],
  });
  assert.is(code, 0);
});

test('exits 7 when a ratio misses its target', async () => {
  const { code, stdout } = await bench(['--output', 'json'], { FAKE: 'misses' });
  assert.equal(lastLine(stdout), {
    bench: 'fake',
    ratios: { 'a/b': { value: 2, target: 1.9, ok: false } },
    skipped: ['absent'],
  });
  assert.is(code, 7);
});

test('gives all samples, the machine and the reason of a skip in the line before', async () => {
  const { stdout } = await bench(['--output', 'json', '--runs', '3']);
  const detail = JSON.parse(stdout.split('\n')[0] ?? '') as {
    machine: { cpus: number; cpuModel: string };
    sides: { name: string; median: number; samples: { value: number }[] }[];
    skipped: Record<string, string>;
  };
  assert.is(detail.machine.cpus, os.availableParallelism());
  assert.equal(
    detail.sides.map(({ name, median: middle, samples }) => [name, middle, samples.map(({ value }) => value)]),
    [
      ['a', 20, [30, 10, 20]],
      ['b', 10, [10, 10, 10]],
    ],
  );
  assert.equal(detail.skipped, { absent: 'absent is not on PATH' });
});

test('runs the sides in turn after a warm-up, each turn prepared and cleaned up', async ({ dir }) => {
  const log = path.join(dir, 'log');
  await bench(['--runs', '2'], { FAKE_LOG: log });
  const turn = (name: string, index: number): string[] =>
    ['before', 'run', 'after'].map((w) => `${w} ${name} ${index}`);
  const expected = [-1, 0, 1].flatMap((index) => [...turn('a', index), ...turn('b', index)]);
  assert.equal((await readFile(log, 'utf8')).trimEnd().split('\n'), expected);
});

test('shows a table that names machine, question, target and the missing peer', async () => {
  const { stdout } = await bench([], { FAKE: 'misses' });
  assert.match(stdout, 'Is a as fast as b?');
  assert.match(stdout, `Node ${process.version}`);
  assert.match(stdout, /a\/b\s+2\s+at most 1\.9\s+MISSED/);
  assert.match(stdout, 'skipped: absent (absent is not on PATH)');
  assert.match(stdout, /^a\s+5\s+20\.0\s+5\.00\s+1000\s.*12\.0$/m);
});

test('says so when there are too few runs to be a measurement', async () => {
  assert.match((await bench(['--runs', '4'])).stdout, 'fewer than 5 runs');
  assert.not.match((await bench(['--runs', '5'])).stdout, 'fewer than 5 runs');
});

test('a side that fails fails the bench, after its cleanup, and no ratio is printed', async ({ dir }) => {
  const log = path.join(dir, 'log');
  const { code, stdout, stderr } = await bench(['--output', 'json'], { FAKE: 'fails', FAKE_LOG: log });
  assert.is(code, 1);
  assert.is(stdout, '');
  assert.match(stderr, 'bench fake: b broke');
  assert.is((await readFile(log, 'utf8')).trimEnd().split('\n').at(-1), 'after b 1');
});

test('SIGINT ends a running turn with its cleanup and exit code 130', async ({ dir }) => {
  const log = path.join(dir, 'log');
  const { code, stdout } = await bench([], { FAKE: 'hangs', FAKE_LOG: log });
  assert.is(code, 130);
  assert.is(stdout, '');
  assert.is((await readFile(log, 'utf8')).trimEnd().split('\n').at(-1), 'after a 0');
});

test('refuses what it does not understand with exit code 2', async () => {
  for (const args of [
    ['--run', '5'],
    ['--runs', '0'],
    ['--runs', 'many'],
    ['--output', 'xml'],
  ]) {
    const { code, stdout, stderr } = await bench(args);
    assert.is(code, 2, args.join(' '));
    assert.is(stdout, '');
    assert.match(stderr, args[0] ?? '');
  }
});

test('--help runs nothing', async ({ dir }) => {
  const log = path.join(dir, 'log');
  const { code, stdout } = await bench(['--help'], { FAKE_LOG: log });
  assert.is(code, 0);
  assert.match(stdout, '--runs N');
  assert.is(await readFile(log, 'utf8').catch(() => 'nothing'), 'nothing');
});

test('the median of an even number is the mean of the middle two, of nothing NaN', () => {
  assert.is(median([4, 1, 3, 2]), 2.5);
  assert.is(median([3, 1, 2]), 2);
  assert.ok(Number.isNaN(median([])));
});

test.run();

const cpu = suite<{ dir: string }>('bench cpu meter', { dir: '' });
function linuxOnly(name: string, run: (context: { dir: string }) => Promise<void>): void {
  if (process.platform === 'linux') cpu(name, run);
  else cpu.skip(name, run);
}

/** A program that uses at least 400 ms of CPU time and then writes its pid into the file that it was told of. */
const burn =
  'const s=process.cpuUsage();for(;;){const u=process.cpuUsage(s);if(u.user+u.system>4e5)break}require("fs").writeFileSync(process.argv[1],String(process.pid))';

/** Burns in a process that has left our tree and lingers; resolves with what the meter says when it has burnt. */
async function burnInBackground(dir: string, env: NodeJS.ProcessEnv): Promise<{ own: number; foreign: number }> {
  const file = path.join(dir, 'pid');
  const end = cpuMeter();
  const start = performance.now();
  const shell = `setsid "$0" -e '${burn};setTimeout(()=>0,60000)' "$1" >/dev/null 2>&1 &`;
  spawn('/bin/sh', ['-c', shell, process.execPath, file], { env, stdio: 'ignore' });
  while ((await readFile(file, 'utf8').catch(() => '')) === '') await sleep(10);
  const wallMs = performance.now() - start;
  const { ownCpus = NaN, foreignCpus = NaN } = end(wallMs);
  process.kill(Number(await readFile(file, 'utf8')), 'SIGKILL');
  return { own: (ownCpus * wallMs) / 1000, foreign: (foreignCpus * wallMs) / 1000 };
}

cpu.before.each(async (context) => {
  context.dir = await mkdtemp(path.join(os.tmpdir(), 'hoist-bench-'));
});
cpu.after.each(async ({ dir }) => rm(dir, { recursive: true }));

linuxOnly('counts a child that has ended as our own', async () => {
  const end = cpuMeter();
  const start = performance.now();
  await new Promise((resolve) => spawn(process.execPath, ['-e', burn, '/dev/null']).on('close', resolve));
  const wallMs = performance.now() - start;
  assert.ok(((end(wallMs).ownCpus ?? 0) * wallMs) / 1000 >= 0.38);
});

linuxOnly('counts what burns outside our tree as foreign', async ({ dir }) => {
  const { own, foreign } = await burnInBackground(dir, {});
  assert.ok(foreign >= 0.38, `${foreign} s of foreign CPU time`);
  assert.ok(own < 0.38, `${own} s of own CPU time`);
});

linuxOnly('counts a process that went to the background as our own', async ({ dir }) => {
  markChildren();
  const { own } = await burnInBackground(dir, { ...process.env });
  assert.ok(own >= 0.38, `${own} s of own CPU time`);
});

cpu.run();
