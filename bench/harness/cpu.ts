// Tells the CPU time of this process tree from that of everybody else, so that a noisy machine is seen in the report.

import { readdirSync, readFileSync } from 'node:fs';

/** CPU use during one turn, in CPUs (1 = one CPU all the time); both undefined where the system has no /proc. */
export interface CpuUse {
  /** Used by this process, its descendants, and what they left running in the background. */
  ownCpus: number | undefined;
  /** Used by everybody else on the machine. */
  foreignCpus: number | undefined;
}

/** Linux tells CPU times in ticks of 10 ms, whatever the kernel's own. */
const TICKS_PER_SECOND = 100;
/** Every process that a bench starts inherits it, also one that has left the tree to run in the background. */
const MARK = `HOIST_BENCH_PID=${process.pid}`;

export interface ProcessTimes {
  parent: number;
  ticks: number;
}

/** Own ticks plus those of children that ended and were waited for: their time is nowhere else any more. */
export function processTimes(pid: string): ProcessTimes | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name may hold spaces and brackets, so fields are counted from its last bracket: state is field 3.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { parent: Number(fields[1]), ticks };
  } catch {
    return undefined;
  }
}

function isMarked(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(MARK);
  } catch {
    return false;
  }
}

/** Processes of ours: this one, descendants, and marked ones. */
function ownProcesses(): Map<number, ProcessTimes> {
  const all = new Map<number, ProcessTimes>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const times = processTimes(pid);
    if (times) all.set(Number(pid), times);
  }
  const descends = (pid: number): boolean => {
    for (let at = all.get(pid); at; at = all.get(at.parent)) if (at.parent === process.pid) return true;
    return pid === process.pid;
  };
  return new Map([...all].filter(([pid]) => descends(pid) || isMarked(String(pid))));
}

/** Busy ticks of the whole machine: user, nice, system, irq, softirq; guests are within user. */
function busyTicks(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = readFileSync('/proc/stat', 'utf8')
    .slice(3, 200)
    .trim()
    .split(/\s+/)
    .map(Number);
  return user + nice + system + irq + softirq;
}

/** What ours used in between. A process that ended has handed its ticks to its parent, those from before included. */
function usedTicks(before: Map<number, ProcessTimes>, after: Map<number, ProcessTimes>): number {
  let used = 0;
  for (const [pid, { ticks }] of after) used += ticks - (before.get(pid)?.ticks ?? 0);
  for (const [pid, { ticks, parent }] of before) if (!after.has(pid) && after.has(parent)) used -= ticks;
  return used;
}

/** Marks this process's environment, so that all it starts from now on is known as its own. */
export function markChildren(): void {
  process.env['HOIST_BENCH_PID'] = String(process.pid);
}

/** Starts to measure; the returned function ends it and is given the wall time in ms. */
export function cpuMeter(): (wallMs: number) => CpuUse {
  if (process.platform !== 'linux') return () => ({ ownCpus: undefined, foreignCpus: undefined });
  const ownBefore = ownProcesses();
  const busyBefore = busyTicks();
  return (wallMs) => {
    const busy = busyTicks() - busyBefore;
    const own = usedTicks(ownBefore, ownProcesses());
    const toCpus = (ticks: number): number => Math.max(0, ticks / TICKS_PER_SECOND / (wallMs / 1000));
    return { ownCpus: toCpus(own), foreignCpus: toCpus(busy - own) };
  };
}
