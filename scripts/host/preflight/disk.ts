// Free space where images and the data of nodes go.

import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Finding, fail, ok, warn } from './finding.ts';

/** Below it k3s's kubelet evicts pods and refuses new ones. */
const EVICTION = 0.05;
const TIGHT = 0.1;
const LEAST_BYTES = 2 * 2 ** 30;
const GIB = 2 ** 30;

/**
 * Room for what hoist itself keeps.
 * @param path need not be there yet.
 * @param least bytes without which it cannot work; twice as many are comfortable.
 * @param hint what to do where there is less.
 */
export async function checkRoom(path: string, least: number, hint: string): Promise<Finding> {
  const name = `room in ${path}`;
  const folder = await nearest(path);
  try {
    await access(folder, constants.W_OK);
  } catch {
    return fail(name, `${folder} cannot be written`, hint);
  }
  const { free } = await diskUsage(folder);
  const text = `${(free / GIB).toFixed(1)} GiB free`;
  if (free < least) return fail(name, `${text}, ${(least / GIB).toFixed(1)} GiB are needed`, hint);
  return free < 2 * least ? warn(name, `${text}, which is tight`, hint) : ok(name, text);
}

/** In bytes. */
export interface DiskUsage {
  /** What an ordinary user may still take. */
  free: number;
  used: number;
  /** With what is kept for root. */
  total: number;
}

/** Of the file system that a path is on, or would be on once it is made. */
export async function diskUsage(path: string): Promise<DiskUsage> {
  const { blocks, bsize, bfree, bavail } = await statfs(await nearest(path));
  const used = (blocks - bfree) * bsize;
  return { free: bavail * bsize, used, total: blocks * bsize };
}

/** The folder itself, else the nearest one above it that exists. */
async function nearest(path: string): Promise<string> {
  const there = await stat(path).catch(() => undefined);
  return there?.isDirectory() === true || dirname(path) === path ? path : nearest(dirname(path));
}

export async function checkDisk(path: string): Promise<Finding> {
  const name = `disk ${path}`;
  let stats;
  try {
    stats = await statfs(path);
  } catch {
    return ok(name, 'is not seen from here');
  }
  const free = stats.bavail * stats.bsize;
  return judgeDisk(name, free, stats.blocks * stats.bsize);
}

/** @param free bytes that an ordinary user may still take. */
export function judgeDisk(name: string, free: number, total: number): Finding {
  const share = total === 0 ? 1 : free / total;
  const text = `${(free / GIB).toFixed(1)} GiB free, ${Math.round(share * 100)} %`;
  const hint = '`docker system df` shows what can go, `docker system prune` removes it.';
  if (share < EVICTION || free < LEAST_BYTES / 4) {
    return fail(name, `${text}: nodes evict pods below 5 %`, hint);
  }
  if (share < TIGHT || free < LEAST_BYTES) return warn(name, `${text}: images may not fit`, hint);
  return ok(name, text);
}
