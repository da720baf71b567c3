// Runs a command from argv: help, env file, signals, and whatever is thrown → text and exit code.

import { StepsFailedError } from '../engine/errors.ts';
import { ExitCode, HoistError, InterruptedError, exitCodeOf, messageOf } from '../base/errors.ts';
import { forStream } from '../base/terminal-text.ts';
import { guarded } from '../progress/terminal.ts';
import { parseArguments } from './arguments.ts';
import type { CommandSpec } from './command.ts';
import { runWithoutTsconfig, strangeTsconfig } from './strange-loader.ts';

/** Sets the exit code and lets the process end by itself, except on a second Ctrl-C. */
export async function runCommand(spec: CommandSpec, argv: readonly string[]): Promise<void> {
  const strange = strangeTsconfig(process.argv[1], process.cwd()) !== undefined;
  process.exitCode = strange ? await runWithoutTsconfig(spec.name, argv) : await execute(spec, argv);
}

async function execute(spec: CommandSpec, argv: readonly string[]): Promise<number> {
  const json = argv.some(
    (arg, i) => arg === '--output=json' || (arg === 'json' && /^(-o|--output)$/.test(argv[i - 1] ?? '')),
  );
  const { signal, release } = watchSignals();
  try {
    const args = parseArguments(spec, argv);
    if (args.switches['help'] === true) {
      const { helpText } = await import('./help.ts');
      process.stdout.write(helpText(spec));
      return ExitCode.ok;
    }
    const [stdout, stderr] = [guarded(process.stdout), guarded(process.stderr)];
    return await spec.run(args, { env: process.env, cwd: process.cwd(), stdout, stderr, signal });
  } catch (error) {
    report(error, json);
    return exitCodeOf(error);
  } finally {
    release();
  }
}

/** The first SIGINT, SIGTERM or SIGHUP cancels, a second one ends the process at once. */
function watchSignals(): { signal: AbortSignal; release: () => void } {
  const abort = new AbortController();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const handlers = names.map((name) => () => {
    if (abort.signal.aborted) process.exit(new InterruptedError(name).exitCode);
    abort.abort(new InterruptedError(name));
  });
  names.forEach((name, i) => process.on(name, handlers[i] ?? (() => undefined)));
  return {
    signal: abort.signal,
    release: () => names.forEach((name, i) => process.off(name, handlers[i] ?? (() => undefined))),
  };
}

/** What the summary of a run has told already is not told again. */
const told = new WeakSet<object>();

/** Marks an error whose story the user has read already; only its exit code still counts. */
export function markTold(error: unknown): void {
  if (typeof error === 'object' && error !== null) told.add(error);
}

function report(error: unknown, json: boolean): void {
  if (typeof error === 'object' && error !== null && told.has(error)) return;
  const ours = error instanceof HoistError || error instanceof StepsFailedError || isSystemError(error);
  const message = ours || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message);
  const hint = error instanceof HoistError ? error.hint : undefined;
  if (json) {
    const line = { type: 'error', time: new Date().toISOString(), message, hint, exitCode: exitCodeOf(error) };
    process.stdout.write(forStream(`${JSON.stringify(line)}\n`));
  }
  process.stderr.write(forStream(`error: ${message}\n${hint === undefined ? '' : `${hint}\n`}`));
  if (!ours && error instanceof Error)
    process.stderr.write('This is a defect of hoist; please report it with the lines above.\n');
}

/** An error of the operating system, like a folder that cannot be written: its message says all. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}
