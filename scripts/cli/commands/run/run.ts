// What `hoist run` does: read the flags, run or show the tasks, say how it ended.

import { type Problem, UsageError, exitCodeOf } from '../../../base/errors.ts';
import { failureLines } from '../../../progress/failures.ts';
import { styleFor } from '../../../progress/style.ts';
import { terminalOf } from '../../../progress/terminal.ts';
import { assignments } from '../../../tasks/variables/assignments.ts';
import {
  DEFAULT_JOBS,
  type RunResult,
  type RunTasksOptions,
  prepareTasks,
  runPrepared,
} from '../../../tasks/run-tasks.ts';
import { cacheHome } from '../../../host/paths.ts';
import { realWiring } from '../../../wiring.ts';
import type { Arguments, Io } from '../../command.ts';
import { type OutputWish, outputWish } from '../../output.ts';
import { markTold } from '../../run.ts';
import { show } from './view.ts';

/** Warnings that are shown before a run; all of them are with --check. */
const SHOWN_WARNINGS = 5;

export async function runRun(args: Arguments, io: Io): Promise<number> {
  const wish = wishOf(args);
  const options = optionsOf(args, io, wish);
  const shown = await show(args, options, io);
  if (shown !== undefined) return shown;
  const prepared = await prepareTasks(options);
  if (options.strict) {
    io.stderr.write('no problems found\n');
    return 0;
  }
  if (!wish.quiet) warn(prepared.warnings, io);
  return conclude(await runPrepared(prepared, options), io);
}

function wishOf(args: Arguments): OutputWish {
  const wish = outputWish(args);
  const level = args.values['log-level'] ?? 'info';
  const levels = ['error', 'warn', 'info', 'debug', 'trace'];
  if (!levels.includes(level)) throw new UsageError(`--log-level must be one of ${levels.join(', ')}, not "${level}"`);
  return {
    ...wish,
    quiet: wish.quiet || level === 'error' || level === 'warn',
    verbose: wish.verbose || level === 'debug' || level === 'trace',
  };
}

function optionsOf(args: Arguments, io: Io, wish: OutputWish): RunTasksOptions {
  const { clock, exec } = realWiring(io.env, io.cwd);
  return {
    file: args.values['file'] ?? 'tasks.yaml',
    tasks: args.operands,
    set: assignments('--set', args.all['set'] ?? []),
    with: assignments('--with', args.all['with'] ?? []),
    jobs: jobsOf(args.values['jobs']),
    quiet: wish.quiet,
    env: io.env,
    cwd: io.cwd,
    clock,
    exec,
    signal: io.signal,
    sinks: { stdout: sink(io.stdout), stderr: sink(io.stderr) },
    subscribers: [],
    dryRun: args.switches['dry-run'] === true,
    strict: args.switches['check'] === true,
    offline: args.switches['offline'] === true,
    updateLock: args.switches['update-lock'] === true,
    cacheHome: cacheHome(io.env),
    say(line) {
      if (!wish.quiet) io.stderr.write(`${line}\n`);
    },
  };
}

function warn(warnings: readonly Problem[], io: Io): void {
  for (const { where, message } of warnings.slice(0, SHOWN_WARNINGS))
    io.stderr.write(`warning: ${where}: ${message}\n`);
  const rest = warnings.length - SHOWN_WARNINGS;
  if (rest > 0) io.stderr.write(`${rest} more warnings: \`hoist run --check\` shows them\n`);
}

function conclude({ run, failures, error }: RunResult, io: Io): number {
  if (error === undefined) return 0;
  if (failures.length === 0) throw error as Error;
  const style = styleFor(terminalOf(io.stderr, io.env));
  const told = failures.map((failure) => ({
    step: failure.details.step,
    message: `${failure.message}\nat ${failure.path}`,
    lastOutput: [],
    hint: failure.hint,
  }));
  for (const line of failureLines(told, run, style)) io.stderr.write(`${line}\n`);
  markTold(error);
  return exitCodeOf(error);
}

function jobsOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_JOBS;
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new UsageError(`--jobs must be a number of at least 1, not "${text}"`);
  return Number(text);
}

/** Writes, and asks to wait where the reader is slower. A reader that is gone loses what comes. */
function sink(stream: NodeJS.WriteStream): (chunk: Buffer | string) => Promise<void> | undefined {
  let open = true;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Its reader, or the terminal, is gone.
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    open = false;
  });
  return (chunk) => {
    if (!open || stream.write(chunk)) return undefined;
    return new Promise((done) => stream.once('drain', done).once('close', done));
  };
}
