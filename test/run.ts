// Runs every test file in a process of its own, and guards against what uvu lets pass: files without `run()`, hooks that
// throw, files that end early or never. `npm test [-- --fast] [-- PART OF A PATH …]`; `--fast` leaves out what makes whole
// clusters or needs an engine or a browser, draws fewer cases, builds no tools, and runs many files in one process.

import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pLimit from 'p-limit';
import { bundleTests } from './bundle.ts';
import { BUNDLED, childrenOf } from './child.ts';
import { FEWER } from './draws.ts';
import { type FileResult, judge, missingRuns } from './guard.ts';
import { type Ended, SharedProcess } from './shared-process.ts';
import { isSlow, isWhole } from './speed.ts';
import { needsTools } from './tool-users.ts';

/** The slowest files make whole clusters; ms. */
const LIMIT_MS = 15 * 60_000;
/** One that waits for what nothing will bring ends by itself only in a process of its own. */
const SHARED_LIMIT_MS = 2 * 60_000;
/** How many of the slowest files are named at the end. */
const NAMED = 10;
/** Where more files fail, it is not the moment that failed them. */
const TRIED_AGAIN = 6;

const root = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals: wanted } = parseArgs({
  options: { fast: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const { fast } = values;
const files = readdirSync(fileURLToPath(new URL('.', import.meta.url)), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => `test/${file}`)
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .filter((file) => !fast || !isSlow(root, file))
  .sort();

const cores = availableParallelism();
const limit = pLimit(Math.max(2, fast ? cores + 2 : cores));
// Whole clusters come last, and few at a time: they use all cores, and others would make them slow.
const wholeLimit = pLimit(cores >= 4 ? 2 : 1);

const started = performance.now();
const FILE_AFTER_FILE = 'test/file-after-file.ts';
const children = new Set(files.flatMap((file) => childrenOf(readFileSync(`${root}/${file}`, 'utf8'))));
const bundle = await bundleTests([...files, ...children, FILE_AFTER_FILE]);
const env = { ...process.env, [BUNDLED]: bundle.folder, ...(fast ? { [FEWER]: '1' } : {}) };
const idle: SharedProcess[] = [];
const unsteady: string[] = [];
const tookMs = new Map<string, number>();
const users = files.filter((file) => needsTools(root, file));
// Large files first: they take the longest, and the last one to begin must not be one of them.
const sizes = new Map(files.map((file) => [file, statSync(`${root}/${file}`).size]));
const others = files.filter((file) => !users.includes(file)).sort((a, b) => (sizes.get(b) ?? 0) - (sizes.get(a) ?? 0));
// The tools are fetched or built once, which tells what and how long; what needs none of them runs meanwhile.
const tools = users.length > 0 && !fast ? fetchTools() : Promise.resolve();
const all = (some: readonly string[], slots: typeof limit): Promise<FileResult[]> =>
  Promise.all(some.map((file) => slots(() => runFile(file))));
const results = await all(others, limit);
await tools;
results.push(
  ...(await all(
    users.filter((file) => !isWhole(file)),
    limit,
  )),
);
results.push(...(await all(users.filter(isWhole), wholeLimit)));

for (const one of idle) one.kill();
if (process.env['CI'] === 'true') unsteady.push(...(await tryAgain()));
await bundle.remove();

const sum = (key: 'passed' | 'failed' | 'skipped'): number => results.reduce((total, result) => total + result[key], 0);
const failed = results.filter((result) => result.failed > 0);
for (const result of failed) process.stdout.write(`\n${result.file}: ${result.why ?? `${result.failed} failed`}\n`);
for (const file of unsteady) process.stdout.write(`\nunsteady: ${file} passed on its second try, by itself, only\n`);
if (files.length === 0) process.stdout.write('no test file matches\n');
const seconds = ((performance.now() - started) / 1000).toFixed(0);
const slowest = [...tookMs].sort(([, a], [, b]) => b - a).slice(0, NAMED);
process.stdout.write('\nslowest files\n');
for (const [file, ms] of slowest) process.stdout.write(`${(ms / 1000).toFixed(1).padStart(7)} s  ${file}\n`);
process.stdout.write(`\n${files.length} files in ${seconds} s\n`);
process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped\n`);
process.exitCode = failed.length > 0 || files.length === 0 ? 1 : 0;

/** Resolves when it has tried: tests that need what could not be had are skipped or say so. */
function fetchTools(): Promise<void> {
  const names = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok', 'helm'];
  const child = spawn(process.execPath, ['bin/hoist', 'tools', 'fetch', ...names], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, CI: 'true' },
  });
  return new Promise((resolve) => child.on('close', () => resolve()));
}

async function runFile(file: string): Promise<FileResult> {
  const problem = missingRuns(readFileSync(`${root}/${file}`, 'utf8'));
  if (problem !== undefined) return report({ file, passed: 0, failed: 1, skipped: 0, why: problem }, '');
  const began = performance.now();
  let ended = fast ? await runShared(file) : await runAlone(file);
  let result = judge(file, ended.code, ended.output);
  if (fast && result.failed > 0) {
    // By itself it decides: what it was run with may be at fault.
    process.stdout.write(`${ended.output}\n`);
    ended = await runAlone(file);
    result = judge(file, ended.code, ended.output);
    if (result.failed === 0) unsteady.push(file);
  }
  tookMs.set(file, performance.now() - began);
  return report(result, ended.output);
}

async function runShared(file: string): Promise<Ended> {
  const one = idle.pop() ?? new SharedProcess(bundle.fileOf(FILE_AFTER_FILE), { cwd: root, env });
  const ended = await one.run(bundle.fileOf(file), SHARED_LIMIT_MS);
  if (ended.code === 0) idle.push(one);
  else one.kill();
  return ended;
}

async function runAlone(file: string): Promise<Ended> {
  const child = spawn(process.execPath, ['--enable-source-maps', bundle.fileOf(file)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env,
  });
  let output = '';
  const collect = (chunk: Buffer): void => void (output += chunk.toString());
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const deadline = { passed: false };
  const timer = setTimeout(() => {
    deadline.passed = true;
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, LIMIT_MS);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  return { code: deadline.passed ? `took longer than ${LIMIT_MS / 1000} s` : code, output };
}

/**
 * In CI it cannot be seen whether a file fails by the moment or by the code: it runs once more, by itself. What passes then is
 * named as unsteady, which is a fault of the test or of what it tests.
 */
async function tryAgain(): Promise<string[]> {
  const bad = results.filter((result) => result.failed > 0);
  if (bad.length > TRIED_AGAIN) return [];
  const passed: string[] = [];
  for (const { file } of bad) {
    const second = await runFile(file);
    if (second.failed > 0) continue;
    results.splice(
      results.findIndex((result) => result.file === file),
      1,
      second,
    );
    passed.push(file);
  }
  return passed;
}

function report(result: FileResult, output: string): FileResult {
  const counts = `${result.passed} passed${result.skipped > 0 ? `, ${result.skipped} skipped` : ''}`;
  process.stdout.write(result.failed > 0 ? `${output}\nFAILED ${result.file}\n` : `ok ${result.file} (${counts})\n`);
  return result;
}
