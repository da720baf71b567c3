// The running dockerd of this machine: found by its pid file, never signalled unless it is one.

import { readFile } from 'node:fs/promises';

export interface Dockerd {
  pid: number;
  /** Its command line, without the program. */
  args: readonly string[];
}

/** The reason where none is found. Linux only: elsewhere dockerd runs in a virtual machine. */
export async function findDockerd(pidFile: string): Promise<Dockerd | { why: string }> {
  const text = await readFile(pidFile, 'utf8').catch(() => undefined);
  const pid = Number(text?.trim());
  if (text === undefined || !Number.isInteger(pid) || pid <= 1) return { why: `${pidFile} names no process` };
  const [comm, line] = await Promise.all([
    readFile(`/proc/${pid}/comm`, 'utf8').catch(() => undefined),
    readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
  ]);
  if (comm === undefined) return { why: `process ${pid}, which ${pidFile} names, does not run` };
  if (comm.trim() !== 'dockerd')
    return { why: `process ${pid}, which ${pidFile} names, is ${comm.trim()}, not dockerd` };
  return { pid, args: line.split('\0').slice(1) };
}

/** The value of a flag as `--flag=value` or `--flag value`; undefined where it is not given. */
export function flagOf({ args }: Dockerd, flag: string): string | undefined {
  for (const [i, arg] of args.entries()) {
    if (arg === flag) return args[i + 1] ?? '';
    if (arg.startsWith(`${flag}=`)) return arg.slice(flag.length + 1);
  }
  return undefined;
}

/** Makes it read its daemon.json again. @returns why it could not be notified. */
export function reload({ pid }: Dockerd): string | undefined {
  try {
    process.kill(pid, 'SIGHUP');
    return undefined;
  } catch (error) {
    const denied = error instanceof Error && 'code' in error && error.code === 'EPERM';
    return denied ? `this user may not signal process ${pid}` : `process ${pid} has ended`;
  }
}
