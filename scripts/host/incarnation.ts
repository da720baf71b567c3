// What distinguishes one incarnation of a process id from the next one: the time of its start.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isZombie, procStat } from './group.ts';

let bootId: string | undefined;

/**
 * The start time of a running process, as an opaque string that is the same each time it is asked for.
 * Undefined where no such process runs; one that ended and was not waited for yet does not.
 */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return psStartTime(pid);
  const stat = procStat(pid);
  return stat && !isZombie(stat) ? linuxStartTime(stat.startTicks) : undefined;
}

/** Ticks count from boot, so they are compared together with the boot's id. */
function linuxStartTime(startTicks: string): string {
  bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  return `${bootId}/${startTicks}`;
}

function psStartTime(pid: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    // The time is written in the zone and language of the asker, so these are fixed.
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
    execFile('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { env }, (error, stdout) => {
      const [, state, started] = /^\s*(\S+)\s+(.*\S)\s*$/.exec(stdout) ?? [];
      resolve(error || state === undefined || state.startsWith('Z') ? undefined : started);
    });
  });
}
