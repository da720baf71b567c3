// Names the machine that a bench ran on, so that figures are not compared across machines by mistake.

import { readFileSync } from 'node:fs';
import os from 'node:os';

export interface Machine {
  cpuModel: string;
  /** CPUs that this process may use. */
  cpus: number;
  memoryMiB: number;
  /** Name and version of the system and its kernel. */
  os: string;
  arch: string;
  node: string;
  /** Load average of the last minute when the report was made. */
  load1: number;
}

function systemName(): string {
  const kernel = `${os.type()} ${os.release()}`;
  try {
    const name = /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
    return name ? `${name}, ${kernel}` : kernel;
  } catch {
    return kernel;
  }
}

export function machine(): Machine {
  const limit = process.constrainedMemory();
  const bytes = limit > 0 ? Math.min(limit, os.totalmem()) : os.totalmem();
  return {
    cpuModel: os.cpus()[0]?.model.trim() ?? 'unknown',
    cpus: os.availableParallelism(),
    memoryMiB: Math.round(bytes / 2 ** 20),
    os: systemName(),
    arch: os.arch(),
    node: process.version,
    load1: Math.round((os.loadavg()[0] ?? 0) * 100) / 100,
  };
}

export function describeMachine(m: Machine): string {
  return `${m.cpuModel} × ${m.cpus}, ${(m.memoryMiB / 1024).toFixed(1)} GiB, ${m.os} ${m.arch}, Node ${m.node}, load ${m.load1}`;
}
