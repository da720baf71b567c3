// Processes that outlive hoist: started with a log file, recognised later by id and start time, ended as a group.

import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { HoistError } from '../base/errors.ts';
import { ExecError, type Command } from './exec.ts';
import { endGroup, procStat } from './group.ts';
import { startTimeOf } from './incarnation.ts';

/** One incarnation of a process: the id alone may be given to another one. */
export interface DaemonHandle {
  pid: number;
  /** Opaque; equal only for the same incarnation. */
  startTime: string;
}

export interface DaemonOptions extends Command {
  /** Added to what a daemon needs of the environment of this process; nothing else of that goes along. */
  env?: Readonly<Record<string, string | undefined>>;
  cwd?: string;
  /** Takes stdout and stderr, appended; made where it is missing, its folder is not. */
  logFile: string;
}

/** How a daemon ended: one of the two is null. */
export interface DaemonExit {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
}

export interface StartedDaemon extends DaemonHandle {
  /** Resolves when it ends while hoist still runs; does not keep hoist running. */
  exited: Promise<DaemonExit>;
}

/**
 * Starts a process in a session of its own, which goes on when hoist ends.
 * @throws ExecError where it cannot be started.
 */
export async function startDaemon({ file, args, env, cwd, logFile }: DaemonOptions): Promise<StartedDaemon> {
  const log = openSync(logFile, 'a', 0o600);
  let child;
  try {
    child = spawn(file, args, {
      detached: true,
      stdio: ['ignore', log, log],
      cwd,
      env: { ...inherited(process.env), ...env },
    });
  } finally {
    closeSync(log);
  }
  const exited = new Promise<DaemonExit>((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
  const { pid } = child;
  if (pid === undefined) {
    const cause = await new Promise<Error>((resolve) => child.once('error', resolve));
    throw cannotStart(file, cause);
  }
  child.unref();
  // Not waited for yet by this process, so that even one that ended at once still has its start time.
  const startTime = await startTimeOf(pid);
  return { pid, startTime: startTime ?? 'ended', exited };
}

/** A daemon lives for days, and its environment can be read as long: the user's tokens are none of its business. */
const INHERITED =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|TZ|LANG|LC_\w+|SSL_CERT_FILE|SSL_CERT_DIR|(https?|no|all)_proxy|GO(DEBUG|GC|MEMLIMIT|MAXPROCS|TRACEBACK))$/i;

function inherited(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => INHERITED.test(name)));
}

/** Whether exactly this incarnation runs; one that ended and was not waited for does not. */
export async function isAlive({ pid, startTime }: DaemonHandle): Promise<boolean> {
  return (await startTimeOf(pid)) === startTime;
}

/** Whether it was stopped (SIGSTOP) and not continued; never where the system does not say (Linux alone does). */
export function isSuspended({ pid }: DaemonHandle): boolean {
  return procStat(pid)?.state === 'T';
}

/**
 * Ends the daemon and all of its group; resolves when they are gone. Another process that has got its id is left alone.
 * @param graceMs ms between SIGTERM and SIGKILL.
 * @returns whether it was running.
 * @throws HoistError where it outlives SIGKILL.
 */
export async function stopDaemon(daemon: DaemonHandle, { graceMs }: { graceMs: number }): Promise<boolean> {
  if (!(await isAlive(daemon))) return false;
  if (!(await endGroup(daemon.pid, graceMs))) {
    throw new HoistError(`process ${daemon.pid} does not end, not even when killed`, {
      hint: `It hangs in the kernel; see \`ps -o stat,wchan -p ${daemon.pid}\`.`,
    });
  }
  return true;
}

/** The last lines of a log file, at most 64 KiB of them; none where there is no such file. */
export async function tail(logFile: string, lines: number): Promise<string[]> {
  const log = await open(logFile).catch(() => undefined);
  if (!log) return [];
  try {
    const { size } = await log.stat();
    const from = Math.max(0, size - 65_536);
    const { buffer, bytesRead } = await log.read(Buffer.alloc(size - from), 0, size - from, from);
    const text = buffer.toString('utf8', 0, bytesRead).trimEnd();
    return text === '' ? [] : text.split('\n').slice(-lines);
  } finally {
    await log.close();
  }
}

/** The cause itself is not handed on: Node puts the arguments into it. */
function cannotStart(file: string, cause: Error): ExecError {
  const name = basename(file);
  const missing = 'code' in cause && cause.code === 'ENOENT';
  return new ExecError(
    missing ? `${name} was not found` : `${name} cannot be started: ${cause.message}`,
    { file, exitCode: undefined, stdout: '', stderr: '', reason: 'missing' },
    { hint: `Check that ${file} is there and may be executed.` },
  );
}
