// What machine a run was made on, and how busy it was.

import { createHook } from 'node:async_hooks';
import { existsSync, readFileSync } from 'node:fs';
import * as os from 'node:os';

/** Facts that do not change during a run; two records with other facts are from other machines. */
export interface SystemFacts {
  host: string;
  cpuModel: string;
  cores: number;
  /** What Node considers useful parallelism: affinity counts, quotas do not. */
  parallelism: number;
  /** CPUs that the cgroup allows, where it limits them. */
  cpuLimit?: number | undefined;
  memoryBytes: number;
  /** Bytes that the cgroup allows, where it limits them. */
  memoryLimitBytes?: number | undefined;
  arch: string;
  os: string;
  kernel: string;
  node: string;
  container: boolean;
}

/** How busy the machine was; shares are of all CPUs, from 0 to 1. */
export interface LoadFacts {
  /** Load average over one minute when the run started: others' work, and that of the run before. */
  before: number;
  /** The same when it ended. */
  after: number;
  /** Share of CPU time that anyone used in the first second; left out of a run that was shorter. */
  firstSecond?: number | undefined;
  /** Share of CPU time that anyone used during the run. */
  during: number;
}

/** Reads the facts; takes below a millisecond. */
export function systemFacts(): SystemFacts {
  const cpuLimit = cgroupCpus();
  const memoryLimitBytes = memoryLimit(process.constrainedMemory(), os.totalmem());
  return {
    host: os.hostname(),
    cpuModel: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.cpus().length,
    parallelism: os.availableParallelism(),
    ...(cpuLimit === undefined ? {} : { cpuLimit }),
    memoryBytes: os.totalmem(),
    ...(memoryLimitBytes === undefined ? {} : { memoryLimitBytes }),
    arch: os.machine(),
    os: osName(),
    kernel: os.release(),
    node: process.versions.node,
    container: inContainer(),
  };
}

/** Without a limit Node gives 0 or a figure beyond all memory. */
export function memoryLimit(constrained: number, total: number): number | undefined {
  return constrained > 0 && constrained < total ? constrained : undefined;
}

/**
 * Starts to watch the machine's load with os-utils; `end()` gives what is known by then and never waits.
 * Loading os-utils and its sample of a second run beside the caller's work and do not keep the process alive.
 */
export function watchLoad(): { end(): LoadFacts } {
  const before = os.loadavg()[0] ?? 0;
  const start = cpuTimes();
  let firstSecond: number | undefined;
  void import('os-utils').then(
    ({ default: osUtils }) => {
      withoutKeepingAlive(() => {
        osUtils.cpuUsage((share) => {
          firstSecond = share;
        });
      });
    },
    () => undefined,
  );
  return {
    end: () => {
      return {
        before: round(before),
        after: round(os.loadavg()[0] ?? 0),
        ...(firstSecond === undefined ? {} : { firstSecond: round(firstSecond) }),
        during: busyShare(start, cpuTimes()),
      };
    },
  };
}

/** os-utils keeps its timer to itself: without this every run would take at least a second. */
function withoutKeepingAlive(start: () => void): void {
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === 'Timeout') (resource as NodeJS.Timeout).unref();
    },
  }).enable();
  try {
    start();
  } finally {
    hook.disable();
  }
}

/** CPU time in ms, of all CPUs since the machine started. */
export interface CpuTimes {
  idle: number;
  total: number;
}

/** The share that anyone used in between; 0 where no time has passed. */
export function busyShare(start: CpuTimes, end: CpuTimes): number {
  const total = end.total - start.total;
  return total > 0 ? round(1 - (end.idle - start.idle) / total) : 0;
}

function cpuTimes(): CpuTimes {
  let idle = 0;
  let total = 0;
  for (const { times } of os.cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { idle, total };
}

/** The CPU quota of cgroup v2, or of v1; undefined where there is none. */
export function cgroupCpus(read: ReadText = readText): number | undefined {
  const v2 = read('/sys/fs/cgroup/cpu.max')?.split(' ');
  const quota = v2?.[0] ?? read('/sys/fs/cgroup/cpu/cpu.cfs_quota_us');
  const period = v2?.[1] ?? read('/sys/fs/cgroup/cpu/cpu.cfs_period_us');
  const cpus = Number(quota) / Number(period);
  return Number.isFinite(cpus) && cpus > 0 ? round(cpus) : undefined;
}

export function osName(read: ReadText = readText): string {
  const pretty = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(read('/etc/os-release') ?? '')?.[1];
  return pretty ?? `${os.type()} ${os.release()}`;
}

/** By the marks that engines leave: their files, variables and the name of the first process's cgroup. */
export function inContainer(
  read: ReadText = readText,
  env: NodeJS.ProcessEnv = process.env,
  exists: (path: string) => boolean = existsSync,
): boolean {
  if (exists('/.dockerenv') || exists('/run/.containerenv')) return true;
  if (env['KUBERNETES_SERVICE_HOST'] !== undefined || env['container'] !== undefined) return true;
  return /docker|kubepods|containerd|lxc/.test(read('/proc/1/cgroup') ?? '');
}

/** The text of a file; undefined where there is none. */
type ReadText = (path: string) => string | undefined;

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
