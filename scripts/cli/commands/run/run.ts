// What `hoist run` does: read the flags, run the tasks, say how it ended.

import { UsageError, exitCodeOf } from '../../../base/errors.ts';
import { failureLines } from '../../../progress/failures.ts';
import { styleFor } from '../../../progress/style.ts';
import { terminalOf } from '../../../progress/terminal.ts';
import { assignments } from '../../../tasks/variables/assignments.ts';
import { readTaskFile } from '../../../tasks/file/read.ts';
import { DEFAULT_JOBS, type RunTasksOptions, runTasks } from '../../../tasks/run-tasks.ts';
import { realWiring } from '../../../wiring.ts';
import { resolve } from 'node:path';
import type { Arguments, Io } from '../../command.ts';
import { outputWish } from '../../output.ts';
import { markTold } from '../../run.ts';
import { listLines } from './view.ts';

export async function runRun(args: Arguments, io: Io): Promise<number> {
  const wish = outputWish(args);
  const file = args.values['file'] ?? 'tasks.yaml';
  if (args.switches['list'] === true) {
    const root = await readTaskFile(resolve(io.cwd, file), file);
    io.stdout.write(listLines(root));
    return 0;
  }
  const { clock, exec } = realWiring(io.env, io.cwd);
  const options: RunTasksOptions = {
    file,
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
  };
  const { run, failures, error } = await runTasks(options);
  if (error === undefined) return 0;
  if (failures.length > 0) {
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
  throw error as Error;
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
    if (error.code !== 'EPIPE') throw error;
    open = false;
  });
  return (chunk) => {
    if (!open || stream.write(chunk)) return undefined;
    return new Promise((done) => stream.once('drain', done).once('close', done));
  };
}
