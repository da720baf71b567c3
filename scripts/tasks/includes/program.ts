// The task files of a run: loaded when they are reached, each with the includes of its own.

import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { ConfigError, HoistError, type Problem } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import type { Include, Task, TaskFile } from '../file/model.ts';
import { readTaskFile } from '../file/read.ts';
import { type Mark, type Text, problemAt } from '../file/source.ts';
import { expand, namesIn } from '../templates/expand.ts';

/** Fetches a task file that a URL names. */
export type Remote = (url: string, at: Mark) => Promise<TaskFile>;

export interface ProgramOptions {
  root: TaskFile;
  cwd: string;
  /** Values of variables for include locations, as they are before anything runs. */
  lookup: (name: string) => string | undefined;
  remote: Remote;
}

/** Something that a file refers to does not exist, or cannot be loaded. */
export class ReferenceError extends HoistError {
  constructor(readonly problems: readonly Problem[]) {
    super(problems.map(({ message }) => message).join('\n'));
  }
}

export class Program {
  readonly #files = new Map<string, Promise<TaskFile>>();

  constructor(readonly options: ProgramOptions) {
    this.#files.set(options.root.location, Promise.resolve(options.root));
  }

  get root(): TaskFile {
    return this.options.root;
  }

  /** All files that could be loaded so far. */
  async loaded(): Promise<TaskFile[]> {
    const files = await Promise.allSettled(this.#files.values());
    return files.flatMap((file) => (file.status === 'fulfilled' ? [file.value] : []));
  }

  /**
   * The task that a reference means in a file: `name`, or `include:name`, where the include is one of that file.
   * @throws ReferenceError with its place and the nearest name
   */
  async find(reference: Text, file: TaskFile): Promise<Task> {
    const [first = '', ...rest] = reference.value.split(':');
    if (rest.length === 0) return taskOf(file, first, reference, file);
    const include = file.includes.find(({ key }) => key === first);
    // A task's own name may hold a ":" too.
    const own = include === undefined ? file.tasks.get(reference.value) : undefined;
    if (own !== undefined) return own;
    if (include === undefined) {
      const guess = nearest(
        first,
        file.includes.map(({ key }) => key),
      );
      const hint = guess === undefined ? '' : `; did you mean "${guess}"?`;
      throw new ReferenceError([
        problemAt(reference.at, `there is no include "${first}" in ${file.source.name}${hint}`),
      ]);
    }
    const included = await this.load(include, file);
    if (rest.length > 1) return this.find({ value: rest.join(':'), at: reference.at }, included);
    return taskOf(included, rest[0] ?? '', reference, file);
  }

  /** @throws ReferenceError where it cannot be loaded */
  async load(include: Include, from: TaskFile): Promise<TaskFile> {
    const location = this.#locate(include, from);
    let file = this.#files.get(location);
    if (file === undefined) {
      file = isUrl(location)
        ? this.options.remote(location, include.location.at)
        : readTaskFile(location, shown(location, this.options.cwd));
      this.#files.set(location, file);
    }
    try {
      return await file;
    } catch (error) {
      // Problems in the file are reported at the file's own places; a file that cannot be had, at the include's.
      if (error instanceof ConfigError && error.problems.some(({ excerpt }) => excerpt !== undefined)) {
        throw new ReferenceError(error.problems);
      }
      if (!(error instanceof HoistError)) throw error;
      throw new ReferenceError([problemAt(include.location.at, `include "${include.key}": ${error.message}`)]);
    }
  }

  #locate(include: Include, from: TaskFile): string {
    const { location } = include;
    const unknown = namesIn(location.value).filter(({ name }) => this.options.lookup(name) === undefined);
    if (unknown.length > 0) {
      const message = `include "${include.key}" needs the variable "${unknown[0]?.name ?? ''}", which is not set`;
      throw new ReferenceError([problemAt(location.at, message)]);
    }
    return locationOf(expand(location.value, this.options.lookup), from.location);
  }
}

function taskOf(file: TaskFile, name: string, reference: Text, from: TaskFile): Task {
  const task = file.tasks.get(name);
  if (task !== undefined) return task;
  const guess = nearest(name, file.tasks.keys());
  const prefix = file === from ? '' : `${reference.value.slice(0, reference.value.lastIndexOf(':'))}:`;
  const hint = guess === undefined ? '' : `; did you mean "${prefix}${guess}"?`;
  throw new ReferenceError([problemAt(reference.at, `there is no task "${reference.value}"${hint}`)]);
}

export function isUrl(location: string): boolean {
  return /^https?:\/\//i.test(location);
}

/** A location as seen from the file that names it: relative to that file, or to that file's URL. */
function locationOf(location: string, from: string): string {
  if (isUrl(location)) return location;
  if (isUrl(from)) return joinUrl(from, location);
  return isAbsolute(location) ? location : resolve(dirname(from), location);
}

const GITLAB = /^(.*\/api\/v4\/projects\/[^/]+\/repository\/files\/)([^/]+)(\/raw)$/;

/** GitLab's API has the path of a file as one escaped part of the URL. */
function joinUrl(from: string, path: string): string {
  const url = new URL(from);
  const gitlab = GITLAB.exec(url.pathname);
  if (!gitlab) {
    const joined = new URL(path.split('/').map(encodeURIComponent).join('/'), url);
    joined.search = url.search;
    return joined.href;
  }
  const [, before = '', file = '', after = ''] = gitlab;
  const joined = new URL(path, `file:///${decodeURIComponent(file)}`).pathname.slice(1);
  url.pathname = before + encodeURIComponent(decodeURIComponent(joined)) + after;
  return url.href;
}

/** A path as messages show it: relative where it is below the working directory. */
function shown(path: string, cwd: string): string {
  const below = relative(cwd, path);
  return below === '' || below.startsWith('..') ? path : below;
}
