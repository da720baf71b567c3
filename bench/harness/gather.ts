// Runs benches one after another, keeps what each measured as a file, and writes the table of them all into the README.

import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HoistError, UsageError, messageOf } from '../../scripts/base/errors.ts';
import { ExecError } from '../../scripts/host/exec.ts';
import { exec } from '../../scripts/host/execa.ts';
import { resultsTable } from './results-table.ts';
import type { Report, Result } from './report.ts';

export interface GatherOptions {
  /** The folder of the benches, of README.md and of results/. */
  dir: string;
  /** Names of benches to run; where empty, all but those that take too long to be run unasked. */
  names: readonly string[];
  /** Handed to each bench. */
  runs: number | undefined;
  signal: AbortSignal;
  log: (line: string) => void;
}

export interface Gathered {
  /** Benches with a ratio that misses its target. */
  missed: readonly string[];
  /** Benches that could not be run to their end, each with the reason. */
  failed: Readonly<Record<string, string>>;
}

const NOT_BENCHES = ['harness', 'run-all'];
/** Benches that run only where they are named. */
const ON_REQUEST = ['first-run'];
const START = '<!-- results: written by `npm run bench` -->';
const END = '<!-- end of results -->';

/** @throws UsageError for a name that is no bench; HoistError for a README without the place for the table. */
export async function gather({ dir, names, runs, signal, log }: GatherOptions): Promise<Gathered> {
  const all = await benchNames(dir);
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0)
    throw new UsageError(`no such bench: ${unknown.join(', ')}`, { hint: `There are ${all.join(', ')}.` });
  await readTemplate(dir);
  const missed: string[] = [];
  const failed: Record<string, string> = {};
  const usual = all.filter((name) => !ON_REQUEST.includes(name));
  for (const name of names.length > 0 ? names : usual) {
    log(`${name} …`);
    const file = join(dir, 'results', `${name}.json`);
    try {
      const result = await runBench(join(dir, `${name}.ts`), runs, signal, log);
      await mkdir(join(dir, 'results'), { recursive: true });
      await writeFile(file, `${JSON.stringify(result, undefined, 1)}\n`);
      if (Object.values(result.ratios).some((ratio) => !ratio.ok)) missed.push(name);
    } catch (error) {
      signal.throwIfAborted();
      // Figures of an older state would pass for this one's.
      await rm(file, { force: true });
      failed[name] = messageOf(error);
    }
    await writeTable(dir);
  }
  return { missed, failed };
}

async function benchNames(dir: string): Promise<string[]> {
  const files = (await readdir(dir)).filter((file) => file.endsWith('.ts')).map((file) => basename(file, '.ts'));
  return files.filter((name) => !NOT_BENCHES.includes(name)).sort();
}

async function runBench(
  file: string,
  runs: number | undefined,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<Result> {
  const args = ['--import', 'tsx', file, '--output', 'json', ...(runs === undefined ? [] : ['--runs', String(runs)])];
  const onLine = (line: string, stream: string): void => {
    if (stream === 'stderr') log(`  ${line}`);
  };
  const stdout = await exec({ file: process.execPath, args, signal, onLine }).then(
    (result) => result.stdout,
    (error: unknown) => {
      // A missed target is a result, not a failure.
      if (error instanceof ExecError && error.details.exitCode === 7) return error.details.stdout;
      throw error;
    },
  );
  const lines = stdout.trimEnd().split('\n');
  const report = JSON.parse(lines.at(-2) ?? '') as Report;
  return { measured: new Date().toISOString(), ...report };
}

/** The README around the table. */
async function readTemplate(dir: string): Promise<{ file: string; before: string; after: string }> {
  const file = join(dir, 'README.md');
  const text = await readFile(file, 'utf8');
  const [start, end] = [text.indexOf(START), text.indexOf(END)];
  if (start < 0 || end < start) throw new HoistError(`${file} has no place for the results: ${START} … ${END}`);
  return { file, before: text.slice(0, start), after: text.slice(end) };
}

async function writeTable(dir: string): Promise<void> {
  const { file, before, after } = await readTemplate(dir);
  const files = (await readdir(join(dir, 'results')).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
  const results = await Promise.all(files.map((name) => readResult(join(dir, 'results', name))));
  const table = results.length > 0 ? resultsTable(results) : 'Nothing has been measured yet.';
  await writeFile(file, `${before}${START}\n\n${table}\n\n${after}`);
}

async function readResult(file: string): Promise<Result> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Result;
  } catch (error) {
    throw new HoistError(`${file} cannot be read: ${messageOf(error)}`, {
      hint: 'Remove it, and measure that bench again.',
    });
  }
}
