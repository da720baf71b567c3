// Finds the files that the `sources` or `generates` of a task mean, and the folders that a new one could appear in.

import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { HoistError, isErrno } from '../../base/errors.ts';

/** More files than sources of a task can mean. */
const MOST_FILES = 100_000;

export interface Found {
  /** Paths as seen from the working directory, sorted, each once. */
  files: readonly string[];
  /** Absolute; changes of the set of files happen in one of them. */
  folders: readonly string[];
  /** Patterns that no file matches. */
  unmatched: readonly string[];
}

/**
 * Patterns are relative to `cwd`; a folder's name means all files below it, and `!` in front takes files away again. `.git` is
 * never searched, `node_modules` only by a pattern that names it. Links to folders are not followed.
 * @throws HoistError for more than 100,000 files, and the system's error for a folder that cannot be read
 */
export async function findFiles(patterns: readonly string[], cwd: string): Promise<Found> {
  const { default: picomatch } = await import('picomatch');
  const matcher = (pattern: string): ((path: string) => boolean) => picomatch(pattern, { dot: true });
  const without = patterns.filter((one) => one.startsWith('!')).map((one) => matcher(normal(one.slice(1), cwd)));
  const folders = new Set<string>();
  const files = new Set<string>();
  const unmatched: string[] = [];
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) continue;
    const shown = normal(pattern, cwd);
    const { base } = picomatch.scan(shown);
    const asGiven = matcher(shown);
    const below = matcher(`${shown.replace(/\/+$/, '')}/**`);
    const walk: Walk = {
      cwd,
      folders,
      skip: new Set(['.git', ...(shown.split('/').includes('node_modules') ? [] : ['node_modules'])]),
      add(path) {
        if (!(asGiven(path) || below(path)) || without.some((matches) => matches(path))) return false;
        files.add(path);
        if (files.size > MOST_FILES) throw new HoistError(`"${pattern}" means more than ${MOST_FILES} files`);
        return true;
      },
    };
    if (!(await search(resolve(cwd, base), walk))) unmatched.push(pattern);
  }
  return { files: [...files].sort(), folders: [...folders], unmatched };
}

interface Walk {
  cwd: string;
  folders: Set<string>;
  /** Names of folders that are passed over. */
  skip: ReadonlySet<string>;
  /** Whether the file belongs to the pattern. */
  add: (path: string) => boolean;
}

/** A pattern as `relative` gives paths: without `./` and inner `..`. */
function normal(pattern: string, cwd: string): string {
  if (isAbsolute(pattern)) return relative(cwd, pattern) || '.';
  return join(pattern);
}

/** Whether a file below the path, or at it, belongs to the pattern. */
async function search(path: string, walk: Walk): Promise<boolean> {
  const at = relative(walk.cwd, path);
  const kind = await stat(path).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR') || isErrno(error, 'ELOOP')) return undefined;
    throw error;
  });
  if (kind?.isDirectory() !== true) {
    walk.folders.add(await nearestFolder(resolve(path, '..')));
    return kind?.isFile() === true && walk.add(at);
  }
  let any = false;
  const open = [path];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    walk.folders.add(folder);
    for (const entry of await entriesOf(folder)) {
      const below = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!walk.skip.has(entry.name)) open.push(below);
      } else if (entry.isFile() || (entry.isSymbolicLink() && (await isFile(below)))) {
        any = walk.add(relative(walk.cwd, below)) || any;
      }
    }
  }
  return any;
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    // Removed meanwhile.
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}

/** The folder, or the closest one above it that exists. */
async function nearestFolder(folder: string): Promise<string> {
  for (let path = folder; ; path = resolve(path, '..')) {
    const kind = await stat(path).catch(() => undefined);
    if (kind?.isDirectory() === true || path === resolve(path, '..')) return path;
  }
}
