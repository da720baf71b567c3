// A lock between processes, held by one at a time, which a crashed holder does not keep.

import { randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from './files/make-folder.ts';
import { TimeoutError, isErrno } from '../base/errors.ts';
import { temporaryBeside } from './files/files.ts';
import { startTimeOf } from './incarnation.ts';

/** ms between two looks at a lock that another one holds. */
const LOOK_MS = 50;
/** ms between two signs of life of a holder, for those who cannot see its process. */
const BEAT_MS = 5_000;
/** ms without a sign of life after which a holder that cannot be seen counts as dead. */
const SILENT_MS = 30_000;

/** Who holds a lock; the content of the lock file. */
export interface LockHolder {
  pid: number;
  startTime: string;
  /** Where the pid means something: the machine and its process namespace. */
  place: string;
  host: string;
  /** ISO 8601. */
  since: string;
  /** Distinguishes two locks of one process. */
  token: string;
}

export interface LockOptions {
  /** Ends the wait, and rejects with its reason. */
  signal?: AbortSignal;
  /** Called once for each holder that is waited for. */
  onWait?: (holder: LockHolder) => void;
  /** Longest wait in ms; no limit by default. */
  timeoutMs?: number;
}

/**
 * Runs `fn` while it holds the lock file `path`, whose folder is made where it is missing.
 * @throws TimeoutError that names the holder, where the lock is not free within `timeoutMs`.
 */
export async function withLock<T>(path: string, options: LockOptions, fn: () => Promise<T>): Promise<T> {
  await makeFolder(dirname(path));
  const mine = await acquire(path, options);
  const beat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => undefined), BEAT_MS);
  try {
    return await fn();
  } finally {
    clearInterval(beat);
    await release(path, mine);
  }
}

/** One line that names the holder of a lock. */
export function describeHolder(holder: LockHolder): string {
  const where = holder.host === hostname() ? '' : ` on ${holder.host}`;
  return `process ${holder.pid}${where}, since ${holder.since}`;
}

async function acquire(path: string, options: LockOptions): Promise<LockHolder> {
  const mine: LockHolder = {
    pid: process.pid,
    startTime: (await startTimeOf(process.pid)) ?? '',
    place: place(),
    host: hostname(),
    since: new Date().toISOString(),
    token: randomBytes(8).toString('hex'),
  };
  // A link makes the lock appear together with its content: it is never read empty.
  const claim = temporaryBeside(path);
  await writeFile(claim, `${JSON.stringify(mine)}\n`, { mode: 0o644 });
  const deadline = performance.now() + (options.timeoutMs ?? Infinity);
  let waitedFor: string | undefined;
  try {
    for (;;) {
      options.signal?.throwIfAborted();
      if (await linked(claim, path)) return mine;
      const holder = await holderOf(path);
      if (holder === undefined) continue;
      if (holder === 'unreadable' || !(await holds(path, holder))) {
        if (await takeOver(path, claim, options)) return mine;
        continue;
      }
      if (holder.token !== waitedFor) options.onWait?.(holder);
      waitedFor = holder.token;
      if (performance.now() >= deadline) throw notFree(path, holder);
      // Aborted, it goes on to the top of the loop, which throws the signal's own reason.
      await sleep(LOOK_MS, undefined, options.signal ? { signal: options.signal } : {}).catch(() => undefined);
    }
  } finally {
    await rm(claim, { force: true });
  }
}

/**
 * Replaces the lock of a dead holder. Takers do this one after the other, under a lock of the same kind: while one
 * looks and replaces, no other process may, so two takers never both win. Resolves with false where it is not dead any more.
 */
function takeOver(path: string, claim: string, { signal }: LockOptions): Promise<boolean> {
  return withLock(`${path}.takeover`, signal ? { signal } : {}, async () => {
    const holder = await holderOf(path);
    if (holder === undefined || (holder !== 'unreadable' && (await holds(path, holder)))) return false;
    await rename(claim, path);
    return true;
  });
}

async function release(path: string, mine: LockHolder): Promise<void> {
  const holder = await holderOf(path);
  // Another one may have found this process dead, after it was stopped for long: the lock is then not ours to remove.
  if (holder !== undefined && holder !== 'unreadable' && holder.token === mine.token) await rm(path, { force: true });
}

async function linked(claim: string, path: string): Promise<boolean> {
  try {
    await link(claim, path);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

async function holderOf(path: string): Promise<LockHolder | 'unreadable' | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as LockHolder;
  } catch {
    // Cut short by a full disk or a crash of the machine: its writer is gone.
    return 'unreadable';
  }
}

async function holds(path: string, holder: LockHolder): Promise<boolean> {
  if (holder.place === place()) return (await startTimeOf(holder.pid)) === holder.startTime;
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
  return Date.now() - mtimeMs < SILENT_MS;
}

/** Two containers can share a folder and not each other's process ids. */
function place(): string {
  return process.platform === 'linux' ? `${hostname()} ${readlinkSync('/proc/self/ns/pid')}` : hostname();
}

function notFree(path: string, holder: LockHolder): TimeoutError {
  return new TimeoutError(`${path} is locked by ${describeHolder(holder)}`, {
    hint: 'Wait until it has ended, or end it.',
  });
}
