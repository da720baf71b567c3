// Starts the processes of one cluster, remembers them at once, and reports when one dies early.

import { type FSWatcher, watch } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { CreationError, isErrno } from '../../../base/errors.ts';
import {
  type DaemonOptions,
  type StartedDaemon,
  isAlive,
  isSuspended,
  startDaemon,
  tail,
} from '../../../host/daemon.ts';
import type { Layout } from '../layout.ts';
import type { Command } from '../../../host/exec.ts';
import { type ClusterState, type ProcessName, processNames, writeState } from '../state.ts';

const LAST_LINES = 6;
/** How far back the reason is looked for: a stack of Go routines may follow it. */
const SEARCHED_LINES = 400;
const MOST_REASONS = 4;
const REASON =
  /^panic:|^F\d{4} |"level":"(?:fatal|panic)"|^[Ee]rror: |no space left|address already in use|permission denied/;

export class Processes {
  private readonly started = new Map<ProcessName, StartedDaemon>();
  /** Writes follow each other, so that the last one lists all processes. */
  private saved: Promise<void> = Promise.resolve();

  constructor(
    private readonly layout: Layout,
    private readonly state: ClusterState,
  ) {}

  save(): Promise<void> {
    this.saved = this.saved.catch(() => undefined).then(() => writeState(this.layout.state, this.state));
    return this.saved;
  }

  /** Starts a process unless it runs; it is remembered before this resolves. */
  async start(name: ProcessName, command: Command & Pick<DaemonOptions, 'env'>): Promise<'started' | 'running'> {
    const known = this.state.processes[name];
    if (known && (await isAlive(known))) {
      // A run that was killed may have left it asleep.
      send(known.pid, 'SIGCONT');
      return 'running';
    }
    const daemon = await startDaemon({ ...command, cwd: this.layout.root, logFile: this.layout.log(name) });
    const { pid, startTime } = daemon;
    this.started.set(name, daemon);
    this.state.processes[name] = { pid, startTime, startedAt: new Date().toISOString() };
    await this.save();
    return 'started';
  }

  /**
   * Starts a process; from its first line, or `mostMs` later, it sleeps until `work` has ended, well or not.
   * Its timers go on meanwhile: what it would ask once a second it asks at once when it wakes.
   * One that runs already is left awake, and `work` is not begun.
   */
  async startAsleep(
    name: ProcessName,
    { start, mostMs, work }: { start: () => Promise<'started' | 'running'>; mostMs: number; work: () => Promise<void> },
  ): Promise<'started' | 'running'> {
    const path = this.layout.log(name);
    await writeFile(path, '', { flag: 'a', mode: 0o600 });
    // Before it starts: between its first line and what it must not do yet there are some milliseconds.
    const log = watchFile(path);
    const sleep = (): void => {
      const daemon = this.started.get(name);
      if (!daemon) return;
      log?.close();
      send(daemon.pid, 'SIGSTOP');
    };
    log?.on('change', sleep).on('error', () => log.close());
    const timer = setTimeout(sleep, mostMs);
    try {
      const outcome = await start();
      if (outcome === 'started') await work();
      return outcome;
    } finally {
      log?.close();
      clearTimeout(timer);
      const daemon = this.started.get(name);
      if (daemon) send(daemon.pid, 'SIGCONT');
    }
  }

  /**
   * Resolves like `work`, unless one of the named processes that this run has started ends before.
   * @throws CreationError with the last lines of its log
   */
  async guard<T>(
    names: readonly ProcessName[],
    work: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const stop = new AbortController();
    const deaths = names.flatMap((name) => {
      const daemon = this.started.get(name);
      return daemon ? [daemon.exited.then((exit) => this.death(name, exit.exitCode ?? exit.signal))] : [];
    });
    try {
      return await Promise.race([work(AbortSignal.any([signal, stop.signal])), ...deaths]);
    } finally {
      stop.abort();
    }
  }

  private async death(name: ProcessName, how: number | string | null): Promise<never> {
    const log = this.layout.log(name);
    const lines = errorLines(await tail(log, SEARCHED_LINES));
    throw new CreationError(`${name} ended (${how ?? 'unknown'}) before it was ready:\n${indent(lines)}`, {
      hint: `Its whole log: ${log}`,
    });
  }
}

/** undefined where the system has no watch left to give: the time alone decides then. */
function watchFile(path: string): FSWatcher | undefined {
  try {
    return watch(path);
  } catch {
    return undefined;
  }
}

function send(pid: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It has ended: `guard` says why.
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}

/** Names of the processes that should run and do not. */
export async function deadProcesses(state: ClusterState): Promise<ProcessName[]> {
  const alive = await Promise.all(
    processNames.map(async (name) => {
      const handle = state.processes[name];
      return handle !== undefined && (await isAlive(handle));
    }),
  );
  return processNames.filter((_, i) => !alive[i]);
}

/**
 * Names of the processes that are suspended: a run holds kube-apiserver and kube-controller-manager so for moments, and one
 * that was killed then leaves them.
 */
export function suspendedProcesses(state: ClusterState): ProcessName[] {
  return processNames.filter((name) => {
    const handle = state.processes[name];
    return handle !== undefined && isSuspended(handle);
  });
}

/** The lines that look like the reason, and the last ones. */
export function errorLines(lines: readonly string[]): string[] {
  const last = lines.slice(-LAST_LINES);
  const reasons = lines.slice(0, -LAST_LINES).filter((line) => REASON.test(line));
  return [...reasons.slice(0, MOST_REASONS), ...last];
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n');
}
