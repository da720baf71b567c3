// Process groups: the way to reach a child together with everything that it started.

import { isErrno } from '../base/errors.ts';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Longest wait for a killed group to be gone; what is still there then hangs in the kernel. */
const KILLED_MS = 5_000;

/** What /proc/PID/stat says of a process. */
export interface ProcStat {
  state: string;
  group: number;
  /** Clock ticks between boot and its start. */
  startTicks: string;
}

/** Reads /proc/PID/stat (Linux alone); undefined where there is no such process. */
export function procStat(pid: number | string): ProcStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The second field is the name in parentheses and may hold spaces and parentheses itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', group: Number(fields[2]), startTicks: fields[19] ?? '' };
}

/** Whether the state is that of a process that has ended and was not waited for yet. */
export function isZombie(stat: ProcStat): boolean {
  return stat.state === 'Z' || stat.state === 'X';
}

/** Sends a signal to all processes of the group; false where none is left. */
export function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-leader, signal);
    return true;
  } catch (error) {
    // macOS answers EPERM for a group of zombies.
    if (isErrno(error, 'ESRCH') || (process.platform === 'darwin' && isErrno(error, 'EPERM'))) return false;
    throw error;
  }
}

/**
 * Asks the group to end, kills what is left of it after the grace, and resolves when it is gone.
 * @param graceMs ms between SIGTERM and SIGKILL.
 * @returns false where something outlived even SIGKILL for 5 s.
 */
export async function endGroup(leader: number, graceMs: number): Promise<boolean> {
  if (!signalGroup(leader, 'SIGTERM')) return true;
  if (await groupGone(leader, graceMs)) return true;
  signalGroup(leader, 'SIGKILL');
  return groupGone(leader, KILLED_MS);
}

async function groupGone(leader: number, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  for (let pauseMs = 2; groupLives(leader); pauseMs = Math.min(pauseMs * 2, 50)) {
    if (performance.now() >= deadline) return false;
    await sleep(pauseMs);
  }
  return true;
}

/** Whether a process of the group still runs; zombies do not. */
export function groupLives(leader: number): boolean {
  if (!signalGroup(leader, 0)) return false;
  if (process.platform !== 'linux') return true;
  const stat = procStat(leader);
  if (stat && !isZombie(stat)) return true;
  // A container's first process may never wait for orphans: zombies would then look like a living group.
  return readdirSync('/proc').some((pid) => {
    const member = /^\d/.test(pid) ? procStat(pid) : undefined;
    return member?.group === leader && !isZombie(member);
  });
}
