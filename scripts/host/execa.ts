// The real process seam: runs commands through execa, each in a process group that can be ended as a whole.

import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import type { Options } from 'execa';
import { HoistError } from '../base/errors.ts';
import { ExecError, type Exec, type ExecOptions } from './exec.ts';
import { endGroup, signalGroup } from './group.ts';

/** ms between SIGTERM and SIGKILL. */
const GRACE_MS = 2_000;
/** Lines of output that an error message shows. */
const SHOWN_LINES = 10;

const running = new Set<number>();

/** When hoist ends without having waited for its children, they must not stay behind. */
function killRunning(): void {
  for (const pid of running) signalGroup(pid, 'SIGKILL');
}

export const exec: Exec = async (options) => {
  const { file, signal, timeoutMs } = options;
  if (signal?.aborted) throw failure(options, { reason: 'cancelled', how: 'was cancelled before it started' });
  if (options.cwd !== undefined && !existsSync(options.cwd)) {
    throw new HoistError(`${basename(file)} cannot run in ${options.cwd}: no such folder`);
  }
  const { execa } = await import('execa');

  const started = performance.now();
  const child = execa(file, options.args, execaOptions(options));
  const { pid } = child;
  let stopped: Stopped | undefined;
  let ending: Promise<boolean> | undefined;
  const stop = (reason: Stopped): void => {
    if (stopped !== undefined || pid === undefined) return;
    stopped = reason;
    ending = endGroup(pid, GRACE_MS);
  };
  const onAbort = (): void => stop('cancelled');
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => stop('timeout'), timeoutMs);
  if (pid !== undefined) {
    track(pid);
    options.onStart?.(pid);
  }
  // By itself execa ends only the child, and then waits for descendants that hold its pipes.
  if (options.maxOutput !== undefined) {
    for (const stream of [child.stdout, child.stderr]) atMost(stream, options.maxOutput, () => stop('output'));
  }

  try {
    const result = await child;
    await ending;
    const output = { exitCode: result.exitCode, stdout: text(result.stdout), stderr: text(result.stderr) };
    if (stopped === 'cancelled') throw failure(options, { reason: stopped, how: 'was cancelled' }, output);
    if (stopped === 'timeout')
      throw failure(options, { reason: stopped, how: `did not end within ${String(timeoutMs)} ms` }, output);
    if (stopped === 'output') throw failure(options, { reason: stopped, how: floodOf(options) });
    if (result.exitCode === undefined || result.failed) throw notWell(options, result, output);
    return { ...output, exitCode: result.exitCode, durationMs: performance.now() - started };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    if (pid !== undefined) untrack(pid);
  }
};

type Stopped = 'cancelled' | 'timeout' | 'output';

/** Calls back when a stream has more bytes than that. */
function atMost(stream: Readable | null | undefined, most: number, over: () => void): void {
  let bytes = 0;
  stream?.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > most) over();
  });
}

function execaOptions({ env, input, cwd, exact = false, maxOutput, onLine }: ExecOptions) {
  return {
    reject: false,
    detached: true,
    ...(maxOutput === undefined ? {} : { maxBuffer: maxOutput }),
    stripFinalNewline: !exact,
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
    ...(env === undefined ? {} : { env }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(onLine === undefined
      ? {}
      : {
          stdout: function* (line: unknown) {
            onLine(String(line), 'stdout');
            yield line;
          },
          stderr: function* (line: unknown) {
            onLine(String(line), 'stderr');
            yield line;
          },
        }),
  } satisfies Options;
}

function track(pid: number): void {
  if (running.size === 0) process.on('exit', killRunning);
  running.add(pid);
}

function untrack(pid: number): void {
  running.delete(pid);
  if (running.size === 0) process.off('exit', killRunning);
}

interface Output {
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
}

interface Ended {
  isMaxBuffer?: boolean | undefined;
  code?: string | undefined;
  signal?: string | undefined;
  cause?: unknown;
}

/** Distinguishes the ways in which a child that was not stopped failed. */
function notWell(options: ExecOptions, ended: Ended, output: Output): ExecError {
  if (ended.code === 'ENOENT') {
    const hint = `Install ${basename(options.file)}, or add it to the PATH.`;
    return failure(options, { reason: 'missing', how: 'was not found', hint }, output);
  }
  if (ended.code === 'EACCES') {
    const hint = `Check the permissions of ${options.file}.`;
    return failure(options, { reason: 'missing', how: 'may not be executed', hint }, output);
  }
  if (ended.isMaxBuffer === true) return failure(options, { reason: 'output', how: floodOf(options) });
  if (ended.signal !== undefined) {
    return failure(options, { reason: 'signal', how: `was ended by ${ended.signal}` }, output);
  }
  if (output.exitCode !== undefined && output.exitCode !== 0) {
    return failure(options, { reason: 'exit', how: `ended with code ${output.exitCode}` }, output);
  }
  const cause = ended.cause instanceof Error ? ended.cause.message : (ended.code ?? 'unknown reason');
  return failure(options, { reason: 'exit', how: `failed: ${cause}` }, output);
}

function floodOf({ maxOutput }: ExecOptions): string {
  return `wrote more than ${maxOutput === undefined ? 'can be held' : `${maxOutput} bytes`}, and was ended`;
}

/** The arguments stay out of the message, and so does execa's own error: they may hold secrets. */
function failure(
  options: ExecOptions,
  { reason, how, hint }: { reason: ExecError['details']['reason']; how: string; hint?: string },
  output: Output = { exitCode: undefined, stdout: '', stderr: '' },
): ExecError {
  const shown = lastLines(output.stderr) || lastLines(output.stdout);
  const message = `${basename(options.file)} ${how}${shown && `:\n${shown}`}`;
  return new ExecError(message, { file: options.file, reason, ...output }, { hint });
}

function lastLines(output: string): string {
  return output.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
}

function text(output: unknown): string {
  return typeof output === 'string' ? output : '';
}
