// What `tools list` and `tools prune` do; `tools fetch` runs the steps of tool-steps.ts.

import { lstat, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { TimeoutError, isErrno } from '../base/errors.ts';
import { withLock } from '../host/lock.ts';
import { buildFolder, buildLock } from './build/build.ts';
import { type LocatedTool, locateTool } from './locate.ts';
import { type ToolOptions, lockFile, pinOf, toolFolder, toolsFolder } from './options.ts';
import { PINS, type ToolName } from './pins.ts';
import { type ToolRecord, readRecord } from './tool-record.ts';

export const TOOL_NAMES = Object.keys(PINS) as readonly ToolName[];

export interface ToolListing {
  name: ToolName;
  /** The version that hoist would fetch. */
  pinned: string;
  /** What would be used now; undefined where it has to be fetched. */
  located: LocatedTool | undefined;
  /** How the one in the cache was made, where that one is used. */
  record: ToolRecord | undefined;
}

/** Lists what would be used for each tool. Nothing is fetched. */
export function listTools(options: ToolOptions): Promise<ToolListing[]> {
  return Promise.all(
    TOOL_NAMES.map(async (name) => {
      const located = await locateTool(name, options);
      const record = located?.source === 'cache' ? await readRecord(located.path) : undefined;
      return { name, pinned: pinOf(name, options).version, located, record };
    }),
  );
}

export interface Pruned {
  removed: readonly { path: string; bytes: number }[];
  /** Left alone, since another process is at them. */
  busy: readonly string[];
}

/**
 * Removes from the cache what hoist does not use: other versions, cut downloads, what a crash left.
 * @param options.all removes the pinned versions too.
 */
export async function pruneTools(options: ToolOptions & { all?: boolean }): Promise<Pruned> {
  const root = toolsFolder(options);
  const removed: { path: string; bytes: number }[] = [];
  const busy: string[] = [];
  const remove = async (path: string): Promise<void> => {
    const bytes = await sizeOf(path);
    await rm(path, { recursive: true, force: true });
    removed.push({ path, bytes });
  };

  for (const name of TOOL_NAMES) {
    const pin = pinOf(name, options);
    const locked = await ifFree(lockFile(name, options), async () => {
      for (const path of await entries(join(root, name))) {
        if (options.all === true || path !== toolFolder(pin, options)) await remove(path);
        else for (const leftover of (await entries(path)).filter(isLeftover)) await remove(leftover);
      }
    });
    if (!locked) busy.push(name);
  }
  for (const module of modulesOf(options)) {
    const locked = await ifFree(buildLock(module, options), async () => {
      const leftovers = (await entries(root)).filter((path) => path.startsWith(buildFolder(module, options)));
      for (const leftover of leftovers) await remove(leftover);
    });
    if (!locked) busy.push(basename(module));
  }
  return { removed, busy };
}

/** What the making of a tool leaves when it is killed. */
function isLeftover(path: string): boolean {
  return /\.(?:part|tmp)$|^unpacked-/.test(basename(path));
}

function modulesOf(options: ToolOptions): Set<string> {
  return new Set(TOOL_NAMES.flatMap((name) => pinOf(name, options).build?.module ?? []));
}

/** Runs `fn` under the lock where that is free now; false where it is not. */
async function ifFree(path: string, fn: () => Promise<void>): Promise<boolean> {
  try {
    await withLock(path, { timeoutMs: 0 }, fn);
    return true;
  } catch (error) {
    if (error instanceof TimeoutError) return false;
    throw error;
  }
}

async function entries(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).map((name) => join(folder, name));
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

async function sizeOf(path: string): Promise<number> {
  const stats = await lstat(path);
  if (!stats.isDirectory()) return stats.size;
  const sizes = await Promise.all((await entries(path)).map(sizeOf));
  return sizes.reduce((sum, size) => sum + size, 0);
}
