// A child process whose output is handed on as it comes, in a process group of its own or on the user's terminal.

import { type ChildProcess, spawn } from 'node:child_process';
import { signalGroup } from './group.ts';

export interface ChildOptions {
  file: string;
  args: readonly string[];
  /** The whole environment. */
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  /** Gets the terminal: this process's own streams and its process group, which is the terminal's foreground group. */
  interactive?: boolean;
  /** Called with what it writes; while the promise that it returns is pending the child is not read. */
  onData: (stream: 'stdout' | 'stderr', chunk: Buffer) => Promise<void> | undefined;
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Child {
  readonly pid: number;
  /** When the child itself has ended; others of its group may still run. */
  readonly ended: Promise<Ended>;
  /** When both pipes are at their end: nothing that could write into them runs any more. */
  readonly closed: Promise<void>;
  /** To all processes of its group, or to the child alone where it is interactive; false where none is left. */
  signal(signal: NodeJS.Signals | 0): boolean;
  /** Stops reading: what it writes from now on is lost. */
  detach(): void;
}

/** How children are started: passed in, so that tests can count and refuse. */
export type StartChild = (options: ChildOptions) => Promise<Child>;

/** @throws the system's error where it cannot be started */
export const startChild: StartChild = (options) => {
  const { file, args, env, cwd, interactive = false, onData } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(file, [...args], {
      cwd,
      env: env,
      detached: !interactive,
      stdio: interactive ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    });
    child.once('error', reject);
    const { pid } = child;
    if (pid === undefined) return;
    const ended = new Promise<Ended>((done) => {
      child.once('exit', (code, signal) => done({ code, signal }));
    });
    const closed = new Promise<void>((done) => {
      child.once('close', () => done());
    });
    for (const name of ['stdout', 'stderr'] as const) follow(child, name, onData);
    resolve({
      pid,
      ended,
      closed,
      signal: (signal) => (interactive ? child.kill(signal) : signalGroup(pid, signal)),
      detach() {
        child.stdout?.destroy();
        child.stderr?.destroy();
      },
    });
  });
};

function follow(child: ChildProcess, name: 'stdout' | 'stderr', onData: ChildOptions['onData']): void {
  const stream = child[name];
  stream?.on('data', (chunk: Buffer) => {
    const busy = onData(name, chunk);
    if (busy === undefined) return;
    stream.pause();
    void busy.finally(() => stream.resume());
  });
  // A pipe that breaks says no more than its end does.
  stream?.on('error', () => undefined);
}
