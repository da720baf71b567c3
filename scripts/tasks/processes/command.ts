// Runs one shell command: done when its shell has ended, with everything of its group ended where it is stopped.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Child, Ended, StartChild } from '../../host/child.ts';
import { groupLives } from '../../host/group.ts';
import type { Registry } from './registry.ts';
import { Tail } from './tail.ts';

/** How long the pipes may take to run dry after the shell has ended, in ms. */
const DRAIN_MS = 2_000;
/** Silence after which a pipe that is still held open counts as dry, in ms. */
const DRY_MS = 50;
/** ms between two looks at whether a stopped group has ended. */
const LONGEST_PAUSE_MS = 50;
/** More than any environment can hold. */
const MOST_CAPTURED = 1024 * 1024;

export interface CommandOptions {
  start: StartChild;
  registry: Registry;
  file: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd: string;
  interactive?: boolean | undefined;
  /** Whether stdout is wanted as a text. */
  capture?: boolean | undefined;
  /** Where its output goes. */
  onData: (stream: 'stdout' | 'stderr', chunk: Buffer) => Promise<void> | undefined;
  /** Aborted to stop it: asked by a signal first, killed after the grace. Its reason says which signal. */
  signal: AbortSignal;
  /** ms between the first signal and SIGKILL. */
  graceMs: number;
  /** What it is called where it leaves processes behind. */
  owner: string;
  onStart?: ((child: Child) => void) | undefined;
}

export interface CommandResult extends Ended {
  /** Captured and trimmed; undefined where it was too long. */
  stdout: string | undefined;
  lastLines: (count: number) => string[];
}

/** The signal that an abort stands for. */
function signalFor(reason: unknown): NodeJS.Signals {
  const name = typeof reason === 'object' && reason !== null && 'signalName' in reason ? reason.signalName : undefined;
  return name === 'SIGINT' ? 'SIGINT' : 'SIGTERM';
}

/** @throws the system's error where it cannot be started; the signal's reason where that was aborted before */
export async function runShellCommand(options: CommandOptions): Promise<CommandResult> {
  const { registry, signal } = options;
  signal.throwIfAborted();
  const tail = new Tail();
  const captured: Buffer[] = [];
  let capturedBytes = 0;
  let lastData = 0;
  const child = await options.start({
    ...options,
    interactive: options.interactive ?? false,
    onData(stream, chunk) {
      lastData = performance.now();
      tail.add(chunk);
      if (options.capture && stream === 'stdout') {
        capturedBytes += chunk.length;
        if (capturedBytes <= MOST_CAPTURED) captured.push(chunk);
      }
      return options.onData(stream, chunk);
    },
  });
  registry.add(child);
  options.onStart?.(child);
  const stopping = stopOnAbort(child, options);
  try {
    const ended = await child.ended;
    if (!options.interactive) await drain(child, () => lastData, { ...options, stopped: stopping.started() });
    await stopping.done();
    const stdout = capturedBytes > MOST_CAPTURED ? undefined : Buffer.concat(captured).toString('utf8').trim();
    return { ...ended, stdout, lastLines: (count) => tail.lines(count) };
  } finally {
    stopping.release();
    registry.remove(child);
  }
}

/** Waits until nothing more comes; a process that outlived its shell keeps the pipe open, and becomes a leftover. */
async function drain(
  child: Child,
  lastData: () => number,
  { registry, owner, stopped }: CommandOptions & { stopped: boolean },
): Promise<void> {
  if (!groupLives(child.pid)) {
    await within(child.closed, DRAIN_MS);
    return;
  }
  if (!stopped) registry.leave({ group: child.pid, owner, child });
  const deadline = performance.now() + DRAIN_MS;
  const since = performance.now();
  while (performance.now() < deadline) {
    if (await within(child.closed, DRY_MS / 2)) return;
    if (performance.now() - Math.max(lastData(), since) >= DRY_MS) return;
  }
}

/** Whether it has come within a time; no timer stays behind where it has. */
function within(event: Promise<void>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    void event.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

/** After an abort: one signal, the grace, then SIGKILL, until no process of the group is left. */
function stopOnAbort(child: Child, { signal, graceMs, interactive }: CommandOptions) {
  let ending: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    const name = signalFor(signal.reason);
    // A terminal has sent its own SIGINT to the foreground group already.
    if (!(interactive === true && name === 'SIGINT')) child.signal(name);
    const deadline = performance.now() + graceMs;
    const alive = (): boolean => (interactive === true ? child.signal(0) : groupLives(child.pid));
    // A shell's background processes ignore SIGINT: once the shell itself has ended, they are asked otherwise.
    if (name === 'SIGINT') void child.ended.then(() => child.signal('SIGTERM'));
    for (let pauseMs = 2; alive(); pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      if (performance.now() >= deadline) {
        child.signal('SIGKILL');
        return;
      }
      await sleep(pauseMs);
    }
  };
  const onAbort = (): void => void (ending ??= stop());
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    started: () => ending !== undefined,
    done: async () => ending,
    release: () => signal.removeEventListener('abort', onAbort),
  };
}
