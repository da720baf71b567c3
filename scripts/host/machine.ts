// The CPUs and memory that this process may use: cgroup limits honoured.

import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';

export interface LocalMachine {
  cpus: number;
  memoryBytes: number;
  source: string;
}

/** @param cgroupRoot where cgroup v2 is mounted */
export function localMachine(cgroupRoot = '/sys/fs/cgroup'): LocalMachine {
  const quota = cpuQuota(`${cgroupRoot}/cpu.max`);
  const cores = availableParallelism();
  const total = totalmem();
  // Without a limit this is 0 or a huge number, by the Node version.
  const limit = process.constrainedMemory();
  const limited = limit > 0 && limit < total;
  return {
    cpus: quota === undefined ? cores : Math.max(1, Math.min(cores, Math.floor(quota))),
    memoryBytes: limited ? limit : total,
    source: limited || (quota !== undefined && quota < cores) ? 'cgroup limit' : 'this machine',
  };
}

/** CPUs of a cgroup v2 `cpu.max`, which reads "QUOTA PERIOD" or "max PERIOD". */
function cpuQuota(file: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const [quota, period] = text.trim().split(' ').map(Number);
  return quota !== undefined && period !== undefined && quota > 0 && period > 0 ? quota / period : undefined;
}
