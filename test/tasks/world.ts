// Runs task files in a temporary folder, with real processes, and keeps what they wrote.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { exec } from '../../scripts/host/execa.ts';
import { systemClock } from '../../scripts/engine/clock.ts';
import { readMaruConfig } from '../../scripts/tasks/includes/maru-config.ts';
import {
  type Prepared,
  type RunResult,
  type RunTasksOptions,
  prepareRun,
  runPrepared,
} from '../../scripts/tasks/run-tasks.ts';

export interface World {
  folder: string;
  write(file: string, text: string): void;
  read(file: string): string;
  /** For tasks of `tasks.yaml`; what they write goes into `written`. */
  options(written: Written, options?: Partial<RunTasksOptions>): Promise<RunTasksOptions>;
  /** Writes `tasks.yaml` and runs tasks of it. */
  run(
    tasks: string,
    options?: Partial<RunTasksOptions> & { onPrepared?: (prepared: Prepared, options: RunTasksOptions) => void },
  ): Promise<Ran>;
  close(): void;
}

export interface Written {
  stdout: string;
  stderr: string;
}

export interface Ran extends RunResult, Written {}

export function createWorld(): World {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-tasks-'));
  const world: World = {
    folder,
    write(file, text) {
      const path = join(folder, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    },
    read: (file) => readFileSync(join(folder, file), 'utf8'),
    async options(written, options = {}) {
      const keep = (name: 'stdout' | 'stderr') => (chunk: Buffer | string) => {
        written[name] += chunk.toString();
        return undefined;
      };
      return {
        file: 'tasks.yaml',
        tasks: [],
        set: new Map(),
        with: new Map(),
        jobs: 64,
        quiet: true,
        env: { PATH: process.env['PATH'], HOME: folder },
        cwd: folder,
        clock: systemClock,
        exec,
        config: await readMaruConfig({}, folder),
        signal: new AbortController().signal,
        sinks: { stdout: keep('stdout'), stderr: keep('stderr') },
        subscribers: [],
        cacheHome: join(folder, 'cache'),
        say: (line) => void (written.stderr += `${line}\n`),
        ...options,
      };
    },
    async run(text, { onPrepared, ...options } = {}) {
      world.write('tasks.yaml', text);
      const written = { stdout: '', stderr: '' };
      const all = await world.options(written, options);
      const prepared = await prepareRun(all);
      onPrepared?.(prepared, all);
      const result = await runPrepared(prepared, all);
      return { ...result, ...written };
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
  return world;
}

/** The message of what a promise rejects with. */
export async function refusal(run: Promise<unknown>): Promise<string> {
  try {
    await run;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return '';
}

/** How each step ended, by name. */
export function outcomes(run: RunResult['run']): Record<string, string> {
  return Object.fromEntries(run.steps.map(({ name, outcome }) => [name, outcome]));
}
