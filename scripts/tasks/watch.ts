// Runs tasks again whenever the content of their `sources`, or of their task files, changes: the old run has ended before.

import { dirname, relative, resolve } from 'node:path';
import { ConfigError, HoistError, UsageError } from '../base/errors.ts';
import type { Task } from './file/model.ts';
import { isUrl } from './includes/program.ts';
import { type Prepared, type RunTasksOptions, prepareRun } from './run-tasks.ts';
import { sumsOf } from './sources/digest.ts';
import { findFiles } from './sources/find.ts';
import { Watcher } from './sources/watcher.ts';

export interface WatchOptions {
  /** Runs the tasks once; resolves also where they fail. */
  run: (prepared: Prepared, options: Pick<RunTasksOptions, 'signal' | 'onSources'>) => Promise<void>;
  /** Task files that have become wrong: the next change is waited for. */
  refused: (error: ConfigError) => void;
}

/** Why a run is ended: what it was made from is no longer so. */
class ChangedError extends HoistError {
  override readonly name = 'ChangedError';
}

/** Ends by its signal alone. @throws its reason; UsageError where no task has sources; ConfigError for wrong files at the start */
export async function watchTasks(options: RunTasksOptions, { run, refused }: WatchOptions): Promise<never> {
  const { signal, say, clock, cwd } = options;
  const watcher = new Watcher(clock);
  const state = new State(cwd, watcher);
  try {
    let prepared: Prepared | undefined = await prepareRun(options);
    if (![...prepared.reached.keys()].some(({ sources }) => sources.length > 0)) {
      throw new UsageError('--watch needs a task with `sources`: none of those that would run has any');
    }
    for (;;) {
      if (prepared !== undefined) await state.take(prepared);
      const outdated = new AbortController();
      const running = runUntil(outdated.signal, prepared, { run, options, state });
      let change: string;
      try {
        change = await state.change(signal);
      } finally {
        // By the signal it is being ended, too.
        if (signal.aborted) await running;
      }
      say(`${change} has changed`);
      outdated.abort(new ChangedError(`${change} has changed`));
      await running;
      prepared = await prepareAgain(options, refused);
    }
  } finally {
    watcher.close();
  }
}

interface Running {
  run: WatchOptions['run'];
  options: RunTasksOptions;
  state: State;
}

async function runUntil(
  outdated: AbortSignal,
  prepared: Prepared | undefined,
  { run, options: { signal, say }, state }: Running,
): Promise<void> {
  if (prepared === undefined) return;
  await run(prepared, {
    signal: AbortSignal.any([signal, outdated]),
    onSources: (sources, generates) => state.add(sources, generates),
  });
  if (!outdated.aborted && !signal.aborted) say(`watching ${state.files} files; Ctrl-C ends`);
}

async function prepareAgain(options: RunTasksOptions, refused: WatchOptions['refused']): Promise<Prepared | undefined> {
  try {
    return await prepareRun(options);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    refused(error);
    return undefined;
  }
}

/** What the runs are made from, and the content that the present one has begun with. */
class State {
  readonly #sources = new Set<string>();
  readonly #generates = new Set<string>();
  #taskFiles: readonly string[] = [];
  #sums = new Map<string, string>();

  constructor(
    readonly cwd: string,
    readonly watcher: Watcher,
  ) {}

  get files(): number {
    return this.#sums.size;
  }

  /** What is known before a run; patterns with templates are known when their task is reached. */
  async take({ program, reached }: Prepared): Promise<void> {
    const local = (await program.loaded()).flatMap(({ location }) => (isUrl(location) ? [] : [location]));
    this.#taskFiles = [...local, ...[...reached.keys()].flatMap(envFileOf)].map((path) => relative(this.cwd, path));
    for (const { sources, generates } of reached.keys()) {
      for (const { value } of sources) if (!value.includes('$')) this.#sources.add(value);
      for (const { value } of generates) if (!value.includes('$')) this.#generates.add(value);
    }
    // The first look says which folders there are to watch; what has changed until they were is in the second one.
    await this.#look();
    this.#sums = await this.#look();
  }

  /** More patterns, of a task that is about to run. */
  async add(sources: readonly string[], generates: readonly string[]): Promise<void> {
    for (const one of generates) this.#generates.add(one);
    if (sources.every((one) => this.#sources.has(one))) return;
    for (const one of sources) this.#sources.add(one);
    await this.#look();
    for (const [file, sum] of await this.#look()) if (!this.#sums.has(file)) this.#sums.set(file, sum);
  }

  /** Resolves with the name of a file whose content is another one. */
  async change(signal: AbortSignal): Promise<string> {
    for (;;) {
      await this.watcher.changed(signal);
      const now = await this.#look();
      const changed = [...new Set([...this.#sums.keys(), ...now.keys()])].filter(
        (file) => this.#sums.get(file) !== now.get(file),
      );
      const [first, ...more] = changed;
      this.#sums = now;
      if (first !== undefined) return more.length === 0 ? first : `${first} and ${more.length} more`;
    }
  }

  /** The content of all files: what the tasks make themselves is none of their sources. */
  async #look(): Promise<Map<string, string>> {
    const sources = await findFiles([...this.#sources], this.cwd);
    const made = new Set((await findFiles([...this.#generates], this.cwd)).files);
    const folders = this.#taskFiles.map((file) => dirname(resolve(this.cwd, file)));
    this.watcher.look([...sources.folders, ...folders]);
    return sumsOf([...sources.files.filter((file) => !made.has(file)), ...this.#taskFiles], this.cwd);
  }
}

function envFileOf({ envPath, file }: Task): string[] {
  return envPath === undefined || isUrl(file.location) ? [] : [resolve(dirname(file.location), envPath.value)];
}
