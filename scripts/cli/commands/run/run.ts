// What `hoist run` does: read the flags, run or show the tasks, say how it ended.

import { type Problem, UsageError, exitCodeOf, messageOf } from '../../../base/errors.ts';
import { forStream } from '../../../base/terminal-text.ts';
import { duration } from '../../../base/units.ts';
import { type Style, styleFor } from '../../../progress/style.ts';
import { terminalOf } from '../../../progress/terminal.ts';
import { assignments } from '../../../tasks/variables/assignments.ts';
import {
  DEFAULT_JOBS,
  type Prepared,
  type RunResult,
  type RunTasksOptions,
  prepareRun,
  runPrepared,
} from '../../../tasks/run-tasks.ts';
import { failureText, timeText } from '../../../tasks/output/summary.ts';
import { TerminalStream } from '../../../tasks/output/terminal-stream.ts';
import { LOG_LEVELS, type MaruConfig, readMaruConfig } from '../../../tasks/includes/maru-config.ts';
import type { Ask } from '../../../tasks/variables/ask.ts';
import { RUN_FOLDER } from '../../../tasks/processes/nested.ts';
import { cacheHome } from '../../../host/paths.ts';
import { realWiring } from '../../../wiring.ts';
import type { Io } from '../../command.ts';
import { type OutputOptions, outputOptions } from '../../output.ts';
import { markTold } from '../../run.ts';
import { logFolder } from '../../record.ts';
import type { RunFlags } from './flags.ts';
import { show } from './view.ts';

/** Warnings that are shown before a run; all of them are with --check. */
const SHOWN_WARNINGS = 5;

export interface RunArguments {
  flags: RunFlags;
  operands: readonly string[];
}

export async function runRun(args: RunArguments, io: Io): Promise<number> {
  const { flags } = args;
  refuseTogether(flags);
  const config = await readMaruConfig(io.env, io.cwd);
  const output = outputOf(flags, config);
  const { clock, exec, now } = realWiring(io.env, io.cwd);
  const json = output.output === 'json';
  const renderer = json
    ? (await import('../../../progress/json.ts')).createJson({
        terminal: terminalOf(io.stdout, io.env),
        epochMs: () => now().getTime(),
      })
    : undefined;
  const voice: Voice = { say: undefined };
  const options: RunTasksOptions = {
    ...optionsOf(args, io, output, voice),
    config,
    ask: await asking(io),
    clock,
    exec,
    subscribers: renderer === undefined ? [] : [renderer.onEvent],
  };
  const shown = await show(flags, options, io);
  if (shown !== undefined) return shown;
  const once: Once = { flags, io, output, now, voice, plain: flags['no-progress'] || config.noProgress };
  if (!output.quiet) warn(config.warnings, io);
  if (flags.watch) {
    const { watchTasks } = await import('../../../tasks/watch.ts');
    return watchTasks(options, {
      async run(prepared, own) {
        const { error, failures } = await runOnce(prepared, { ...options, ...own }, once);
        const untold = error !== undefined && failures.length === 0 && !own.signal.aborted;
        if (untold) io.stderr.write(`error: ${messageOf(error)}\n`);
      },
      refused: ({ message }) => io.stderr.write(`error: ${message}\n`),
    });
  }
  const prepared = await prepareRun(options);
  if (options.strict) {
    io.stderr.write('no problems found\n');
    return 0;
  }
  const result = await runOnce(prepared, options, once);
  return codeOf(result);
}

function refuseTogether(flags: RunFlags): void {
  const other = (['check', 'dry-run', 'graph', 'explain', 'list', 'list-all'] as const).find(
    (name) => flags[name] !== false && flags[name] !== undefined,
  );
  if (flags.watch && other !== undefined) throw new UsageError(`--watch and --${other} exclude each other`);
}

/** Undefined where there is no terminal. A run that is repeated asks once. */
async function asking(io: Io): Promise<Ask | undefined> {
  const ci = !['', '0', 'false'].includes(io.env['CI'] ?? '');
  if (!process.stdin.isTTY || !io.stderr.isTTY || ci) return undefined;
  const { askOnTerminal } = await import('./ask.ts');
  const answers = new Map<string, string>();
  return async (question) => {
    const known = question.wrong === undefined ? answers.get(question.name) : undefined;
    if (known !== undefined) return known;
    const answer = await askOnTerminal(question, io);
    answers.set(question.name, answer);
    return answer;
  };
}

interface Once {
  flags: RunFlags;
  io: Io;
  output: OutputOptions;
  now: () => Date;
  /** No lines that say whose they are on a terminal either. */
  plain: boolean;
  voice: Voice;
}

/** Where hoist's own lines go while a display has the terminal. */
interface Voice {
  say: ((line: string) => void) | undefined;
}

/** Runs the tasks, shows what came of it, and records it. */
async function runOnce(
  prepared: Prepared,
  options: RunTasksOptions,
  { flags, io, output, now, plain, voice }: Once,
): Promise<RunResult> {
  const startedAt = now();
  if (!output.quiet) warn(prepared.warnings, io);
  const style = styleFor(terminalOf(io.stderr, io.env));
  const logDir = logOf(io, flags.label);
  const expects = io.stderr.isTTY && !output.quiet && output.output !== 'json' && options.dryRun !== true;
  if (logDir !== undefined && expects) await sayUsual(prepared, options, logDir, io);
  const { openDisplay } = await import('./display.ts');
  const display = await openDisplay(prepared, options, { io, clock: options.clock, output, plain });
  let result: RunResult;
  try {
    if (display) voice.say = (line) => display.screen.print(`${forStream(line)}\n`);
    result = await runPrepared(prepared, {
      ...options,
      show: output.output === 'json' ? 'events' : 'grouped',
      screen: display?.screen,
      subscribers: [...options.subscribers, ...(display ? [display.onEvent] : [])],
    });
  } finally {
    display?.close();
    voice.say = undefined;
  }
  // It only made room for the next one.
  const outdated = options.signal.aborted && !io.signal.aborted;
  if (options.dryRun !== true && !outdated)
    await record(prepared, result, options, { label: flags.label, io, startedAt });
  // Nothing ran, so there are no times to show.
  const shown = options.dryRun === true ? { ...output, quiet: true } : output;
  if (!outdated || output.output === 'json') conclude(result, { io, output: shown, style });
  return result;
}

interface Ending {
  label: string | undefined;
  io: Io;
  startedAt: Date;
}

/** A run within another one is part of that one's record. */
function logOf(io: Io, label: string | undefined): string | undefined {
  return io.env[RUN_FOLDER] === undefined ? logFolder(io, label !== undefined) : undefined;
}

/** What a person at a terminal may expect, from the history of the same run. */
async function sayUsual(prepared: Prepared, options: RunTasksOptions, logDir: string, io: Io): Promise<void> {
  const { usualRun } = await import('../../../tasks/run-record.ts');
  const usual = await usualRun(prepared, options, logDir).catch(() => undefined);
  if (usual !== undefined) io.stderr.write(`usually ${duration(usual.ms)}\n`);
}

async function record(
  prepared: Prepared,
  result: RunResult,
  options: RunTasksOptions,
  { label, io, startedAt }: Ending,
): Promise<void> {
  const logDir = logOf(io, label);
  if (logDir === undefined) return;
  try {
    const { recordRun } = await import('../../../tasks/run-record.ts');
    await recordRun(prepared, result, options, { logDir, startedAt, label });
  } catch (error) {
    io.stderr.write(`warning: the benchmark log could not be written: ${messageOf(error)}\n`);
  }
}

function outputOf(flags: RunFlags, config: MaruConfig): OutputOptions {
  const given = outputOptions({ flags });
  const level = flags['log-level'] ?? config.logLevel ?? 'info';
  const known: readonly string[] = LOG_LEVELS;
  if (!known.includes(level)) throw new UsageError(`--log-level must be one of ${known.join(', ')}, not "${level}"`);
  return {
    ...given,
    quiet: given.quiet || level === 'error' || level === 'warn',
    verbose: given.verbose || level === 'debug' || level === 'trace',
  };
}

function optionsOf(
  { flags, operands }: RunArguments,
  io: Io,
  { quiet }: OutputOptions,
  voice: Voice,
): Omit<RunTasksOptions, 'clock' | 'exec' | 'subscribers' | 'config'> {
  return {
    file: flags.file ?? 'tasks.yaml',
    tasks: operands,
    set: assignments('--set', flags.set),
    with: assignments('--with', flags.with),
    jobs: jobsOf(flags.jobs),
    quiet,
    env: io.env,
    cwd: io.cwd,
    signal: io.signal,
    sinks: { stdout: sink(io.stdout), stderr: sink(io.stderr) },
    parallel: flags.parallel,
    force: flags.force,
    dryRun: flags['dry-run'],
    strict: flags.check,
    offline: flags.offline,
    updateLock: flags['update-lock'],
    cacheHome: cacheHome(io.env),
    say(line) {
      if (quiet) return;
      if (voice.say) voice.say(line);
      else io.stderr.write(`${line}\n`);
    },
  };
}

function warn(warnings: readonly Problem[], io: Io): void {
  for (const { where, message } of warnings.slice(0, SHOWN_WARNINGS))
    io.stderr.write(`warning: ${where}: ${message}\n`);
  const rest = warnings.length - SHOWN_WARNINGS;
  if (rest > 0) io.stderr.write(`${rest} more warnings: \`hoist run --check\` shows them\n`);
}

interface Concluding {
  io: Io;
  output: OutputOptions;
  style: Style;
}

function conclude(result: RunResult, { io, output, style }: Concluding): void {
  const { run, failures, error, mask } = result;
  const summary = { ...result, style };
  if (output.output === 'json') {
    const failed = failures.map(({ message, details, path, hint, exitCode }) => ({
      step: details.step,
      message: mask(message),
      path,
      command: details.command === undefined ? undefined : mask(details.command),
      exitCode: details.exitCode ?? exitCode,
      signal: details.signal,
      attempts: details.attempts,
      lastOutput: details.lastLines.map(mask),
      hint,
    }));
    const line = {
      type: 'summary',
      time: new Date().toISOString(),
      ready: run.outcome === 'done',
      subject: 'run',
      wallMs: run.wallMs,
      failures: failed,
      exitCode: error === undefined ? 0 : exitCodeOf(error),
    };
    io.stdout.write(`${JSON.stringify(line)}\n`);
  } else {
    const lines = [
      ...failureText(summary),
      ...(output.quiet || (run.steps.length < 2 && failures.length === 0) ? [] : timeText(summary, output.verbose)),
    ];
    for (const text of lines) io.stderr.write(`${text}\n`);
  }
}

/** @throws what ended the run where no action's failure did */
function codeOf({ error, failures }: RunResult): number {
  if (error === undefined) return 0;
  if (failures.length === 0) throw error as Error;
  markTold(error);
  return exitCodeOf(error);
}

function jobsOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_JOBS;
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new UsageError(`--jobs must be a number of at least 1, not "${text}"`);
  return Number(text);
}

/** Writes, and asks to wait where the reader is slower. A reader that is gone, or a full disk, loses what comes. */
function sink(stream: NodeJS.WriteStream): (chunk: Buffer | string) => Promise<void> | undefined {
  let open = true;
  let drained: Promise<void> | undefined;
  // What is wrong with it is reported for all commands at once: throwing here would end what runs without its clean-up.
  stream.on('error', () => (open = false));
  const terminal = stream.isTTY ? new TerminalStream() : undefined;
  return (chunk) => {
    const shown = terminal !== undefined && typeof chunk !== 'string' ? Buffer.from(terminal.push(chunk)) : chunk;
    if (!open || stream.write(shown)) return undefined;
    // One wait for all who write meanwhile: each with listeners of its own would be more than Node takes for sound.
    drained ??= new Promise((done) => {
      const end = (): void => {
        stream.off('drain', end).off('close', end);
        drained = undefined;
        done();
      };
      stream.on('drain', end).on('close', end);
    });
    return drained;
  };
}
