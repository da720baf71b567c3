// Runs a command from argv: help, env file, signals, and whatever is thrown → text and exit code.

import { userInfo } from 'node:os';
import { isAbsolute } from 'node:path';
import { StepsFailedError } from '../engine/errors.ts';
import { ExitCode, HoistError, InterruptedError, UsageError, exitCodeOf, messageOf } from '../base/errors.ts';
import { forStream, harmless } from '../base/terminal-text.ts';
import { guarded } from '../progress/terminal.ts';
import { parseArguments } from './arguments.ts';
import type { CommandSpec } from './command.ts';
import { runWithoutTsconfig, strangeTsconfig } from './strange-loader.ts';

/** What a command writes to, reads its environment from and leaves its exit code in. */
export type Outlet = Pick<NodeJS.Process, 'stdout' | 'stderr' | 'env' | 'exitCode'>;

/** Sets the exit code and lets the process end by itself, except on a second Ctrl-C. */
export async function runCommand(spec: CommandSpec, argv: readonly string[], outlet: Outlet = process): Promise<void> {
  outlet.exitCode = await begin(spec, argv, outlet);
}

async function begin(spec: CommandSpec, argv: readonly string[], outlet: Outlet): Promise<number> {
  let cwd: string;
  try {
    cwd = workingFolder();
  } catch (error) {
    await report(error, { json: false, outlet });
    return exitCodeOf(error);
  }
  const strange = strangeTsconfig(process.argv[1], cwd) !== undefined;
  return strange ? runWithoutTsconfig(spec.name, argv) : execute(spec, argv, { cwd, outlet });
}

async function execute(
  spec: CommandSpec,
  argv: readonly string[],
  { cwd, outlet }: { cwd: string; outlet: Outlet },
): Promise<number> {
  const json = argv.some(
    (arg, i) => arg === '--output=json' || (arg === 'json' && /^(-o|--output)$/.test(argv[i - 1] ?? '')),
  );
  const { signal, release } = watchSignals(outlet.env);
  try {
    const args = parseArguments(spec, argv);
    if (args.help) {
      const { helpText } = await import('./help.ts');
      outlet.stdout.write(helpText(spec));
      return ExitCode.ok;
    }
    const [stdout, stderr] = [guarded(outlet.stdout), guarded(outlet.stderr)];
    return await spec.run(args, { env: withHome(outlet.env), cwd, stdout, stderr, signal });
  } catch (thrown) {
    const error: unknown = signal.aborted && isAbort(thrown) ? signal.reason : thrown;
    await report(error, { json, outlet });
    return exitCodeOf(error);
  } finally {
    release();
  }
}

/**
 * The first signal that asks for the end cancels, a second one ends the process at once. A closed terminal sends SIGHUP: what
 * was started has groups of its own, which nothing else would end.
 */
function watchSignals(env: NodeJS.ProcessEnv): { signal: AbortSignal; release: () => void } {
  const abort = new AbortController();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
  const kept = keepsRunning(env);
  const handlers = names.map((name) => () => {
    if (name === 'SIGHUP' && kept) return;
    if (abort.signal.aborted) process.exit(new InterruptedError(name).exitCode);
    abort.abort(new InterruptedError(name));
  });
  names.forEach((name, i) => process.on(name, handlers[i] ?? (() => undefined)));
  return {
    signal: abort.signal,
    release: () => names.forEach((name, i) => process.off(name, handlers[i] ?? (() => undefined))),
  };
}

/**
 * Whether SIGHUP was to be ignored, as under nohup. Node forgets that when it starts: bin/hoist has looked before, and bash
 * and zsh leave the name of what they have started.
 */
function keepsRunning(env: NodeJS.ProcessEnv): boolean {
  return env['HOIST_SIGHUP'] === 'ignored' || /(^|\/)nohup$/.test(env['_'] ?? '');
}

/** A full disk behind stdout is an error of the run; a reader or a terminal that has gone is none. */
export function watchOutput({ stdout, stderr }: Pick<Outlet, 'stdout' | 'stderr'>): void {
  let failed = false;
  stderr.on('error', () => undefined);
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (failed || error.code === 'EPIPE' || error.code === 'EIO') return;
    failed = true;
    stderr.write(`error: the output could not be written: ${error.message}\n`);
    process.once('exit', (code) => {
      if (code === ExitCode.ok) process.exitCode = ExitCode.other;
    });
  });
}

/** @throws UsageError where it has been removed meanwhile. */
function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    throw new UsageError('the working directory does not exist any more', { hint: 'Change to one that does.' });
  }
}

/** Jenkins agents in containers have `HOME=.`, and some have none: neither is a place for state. */
function withHome(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return isAbsolute(env['HOME'] ?? '') ? env : { ...env, HOME: userInfo().homedir };
}

/** What the summary of a run has shown already is not shown again. */
const reported = new WeakSet<object>();

/** Marks an error whose story the user has read already; only its exit code still counts. */
export function markTold(error: unknown): void {
  if (typeof error === 'object' && error !== null) reported.add(error);
}

async function report(error: unknown, { json, outlet }: { json: boolean; outlet: Outlet }): Promise<void> {
  if (typeof error === 'object' && error !== null && reported.has(error)) return;
  const { redactedText } = await import('./redaction.ts');
  const ours = error instanceof HoistError || error instanceof StepsFailedError || isSystemError(error);
  const message = redactedText(ours || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message));
  const hint = error instanceof HoistError && error.hint !== undefined ? redactedText(error.hint) : undefined;
  if (json) {
    const line = { type: 'error', time: new Date().toISOString(), message, hint, exitCode: exitCodeOf(error) };
    outlet.stdout.write(forStream(`${JSON.stringify(line)}\n`));
  }
  // A message has no styles of its own: those in it are of a file, a server or an argument.
  outlet.stderr.write(harmless(`error: ${message}\n${hint === undefined ? '' : `${hint}\n`}`));
  if (!ours && error instanceof Error)
    outlet.stderr.write('This is a bug in hoist. Please report it and include the output above.\n');
}

/** What Node's own functions reject with when they are cancelled: it does not say by what. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** An error of the operating system, like a folder that cannot be written: its message says all. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}
