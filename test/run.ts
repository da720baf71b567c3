// Runs every test file in a process of its own, and guards against what uvu lets pass: files without `run()`, hooks that
// throw, files that end early or never. `npm test [-- PART OF A PATH …]`

import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import { type FileResult, judge, missingRuns } from './guard.ts';
import { needsTools } from './tool-users.ts';

/** The slowest files make whole clusters; ms. */
const LIMIT_MS = 15 * 60_000;

const root = fileURLToPath(new URL('..', import.meta.url));
const wanted = process.argv.slice(2);
const files = readdirSync(fileURLToPath(new URL('.', import.meta.url)), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => `test/${file}`)
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort();

/** Tests of whole clusters come last and one at a time: they use all cores, and others would make them slow. */
const isWhole = (file: string): boolean => file.startsWith('test/e2e/');
const limit = pLimit(Math.max(2, availableParallelism()));
const single = pLimit(1);

const started = performance.now();
const users = files.filter((file) => needsTools(root, file));
const others = files.filter((file) => !users.includes(file));
// The tools are fetched or built once, which tells what and how long; what needs none of them runs meanwhile.
const tools = users.length > 0 ? fetchTools() : Promise.resolve();
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
results.push(...(await all(users.filter(isWhole), single)));

const sum = (key: 'passed' | 'failed' | 'skipped'): number => results.reduce((total, result) => total + result[key], 0);
const failed = results.filter((result) => result.failed > 0);
for (const result of failed) process.stdout.write(`\n${result.file}: ${result.why ?? `${result.failed} failed`}\n`);
if (files.length === 0) process.stdout.write('no test file matches\n');
const seconds = ((performance.now() - started) / 1000).toFixed(0);
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
  const child = spawn(process.execPath, ['--import', 'tsx', file], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
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
  return report(judge(file, deadline.passed ? `took longer than ${LIMIT_MS / 1000} s` : code, output), output);
}

function report(result: FileResult, output: string): FileResult {
  const counts = `${result.passed} passed${result.skipped > 0 ? `, ${result.skipped} skipped` : ''}`;
  process.stdout.write(result.failed > 0 ? `${output}\nFAILED ${result.file}\n` : `ok ${result.file} (${counts})\n`);
  return result;
}
