// Runs the tasks that were asked for: load, check, run, and say how it ended.

import pLimit from 'p-limit';
import { join, resolve } from 'node:path';
import { UsageError } from '../base/errors.ts';
import type { RunRecord, Subscriber } from '../engine/event.ts';
import type { Clock } from '../engine/clock.ts';
import { type StartChild, startChild } from '../host/child.ts';
import type { Exec } from '../host/exec.ts';
import type { ActionError } from './actions/action-errors.ts';
import { CancelledError } from './actions/action-errors.ts';
import { Interpreter } from './actions/interpreter.ts';
import { Ledger } from './actions/ledger.ts';
import { Once } from './actions/once.ts';
import type { Flow, Runtime } from './actions/runtime.ts';
import type { TaskFile } from './file/model.ts';
import { readTaskFile } from './file/read.ts';
import { Source } from './file/source.ts';
import { LockFile } from './includes/lock-file.ts';
import type { MaruConfig } from './includes/maru-config.ts';
import { Program, type Remote } from './includes/program.ts';
import { remoteIncludes } from './includes/remote.ts';
import { lineOutput } from './output/lines.ts';
import { type LiveScreen, liveOutput } from './output/live.ts';
import { markersFor } from './output/markers.ts';
import { type Output, type Sinks, groupedOutput } from './output/output.ts';
import { Mask } from './output/mask.ts';
import { type Checked, checkPlan } from './plan/check.ts';
import { InnerRun, OuterRun, RUN_FOLDER } from './processes/nested.ts';
import { Registry } from './processes/registry.ts';
import { type Ask, askVariables } from './variables/ask.ts';
import { Declarations, presetsOf } from './variables/presets.ts';
import { Variables } from './variables/variables.ts';

export interface RunTasksOptions {
  /** Path of the task file, and what messages call it. */
  file: string;
  tasks: readonly string[];
  set: ReadonlyMap<string, string>;
  /** Inputs of the tasks. */
  with: ReadonlyMap<string, string>;
  jobs: number;
  quiet: boolean;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  clock: Clock;
  signal: AbortSignal;
  sinks: Sinks;
  subscribers: readonly Subscriber[];
  /** How output is shown: whole for each action, or as events; defaults to `grouped`. */
  show?: 'grouped' | 'events';
  /** The terminal that output goes to line by line. */
  screen?: LiveScreen | undefined;
  start?: StartChild;
  /** Shows what would be run instead of running it. */
  dryRun?: boolean;
  /** Fetches remote includes otherwise than by their URL: for tests. */
  remote?: Remote;
  offline?: boolean;
  updateLock?: boolean;
  /** Folder of what can be fetched again. */
  cacheHome: string;
  say: (line: string) => void;
  /** Runs the tasks at the same time instead of one after another. */
  parallel?: boolean;
  /** Runs also tasks that are up to date. */
  force?: boolean;
  /** Called with the patterns of each task's files before it looks at them. */
  onSources?: ((sources: readonly string[], generates: readonly string[]) => Promise<void>) | undefined;
  /** Checks the whole file, and takes warnings for errors. */
  strict?: boolean;
  exec: Exec;
  config: MaruConfig;
  /** Asks for variables with `prompt: true`; without it their defaults count. */
  ask?: Ask | undefined;
}

export interface RunResult {
  run: RunRecord;
  failures: readonly ActionError[];
  /** The action whose output was shown last. */
  lastShown: string | undefined;
  /** Takes the secrets of the run out of a text. */
  mask: (text: string) => string;
  secrets: readonly string[];
  /** What the run is to end with; undefined where all went well. */
  error: unknown;
}

/** ms between the first signal to a process and SIGKILL. */
const GRACE_MS = 10_000;
/** Work at once where nothing else is asked for: a safety valve, since what runs in parallel is written in the file. */
export const DEFAULT_JOBS = 64;

/** The task files as far as the asked-for tasks reach them, with what is known before anything runs. */
export interface Prepared extends Checked {
  root: TaskFile;
  program: Program;
  declarations: Declarations;
}

type OpenOptions = Pick<RunTasksOptions, 'file' | 'set' | 'env' | 'cwd' | 'signal' | 'cacheHome' | 'say' | 'config'> &
  Partial<Pick<RunTasksOptions, 'remote' | 'offline' | 'updateLock'>>;

/** The root file, from which everything else is loaded. @throws ConfigError where it cannot be read */
export async function openProgram(options: OpenOptions): Promise<Pick<Prepared, 'root' | 'program' | 'declarations'>> {
  const { file, set, env, cwd } = options;
  const root = await readTaskFile(resolve(cwd, file), file);
  const declarations = new Declarations(presetsOf(root, set, env));
  declarations.add(root);
  const lookup = (name: string): string | undefined => extraEnv(options)[name] ?? declarations.values.get(name)?.text;
  const remote = options.remote ?? (await remoteOf(options));
  const program = new Program({ root, cwd, lookup, remote });
  return { root, program, declarations };
}

async function remoteOf(options: OpenOptions): Promise<Remote> {
  const { env, cwd, file, offline = false, updateLock = false, signal, say } = options;
  const lock = await LockFile.read(`${resolve(cwd, file)}.lock`);
  const { tokens } = options.config;
  const ci = !['', '0', 'false'].includes(env['CI'] ?? '');
  const cache = join(options.cacheHome, 'includes');
  return remoteIncludes({ lock, cache, tokens, offline, updateLock, ci, signal, say });
}

/** @throws ConfigError with everything that is wrong in what the tasks reach */
export async function prepareTasks(options: RunTasksOptions): Promise<Prepared> {
  const opened = await openProgram(options);
  const { program, declarations, root } = opened;
  if (options.tasks.length === 0 && !options.strict && !root.tasks.has('default')) throw noDefault(root);
  const commandLine = new Source('command line', options.tasks.join(' '));
  const names = options.tasks.length === 0 && !options.strict ? ['default'] : options.tasks;
  const checked = await checkPlan(
    names.map((value) => ({
      value,
      at: { source: commandLine, offset: Math.max(0, commandLine.text.indexOf(value)) },
    })),
    { program, declarations, given: options.with, strict: options.strict },
  );
  return { ...opened, ...checked };
}

/** How many tasks are named where none was asked for. */
const NAMED_TASKS = 8;

/** What is odd in the file comes along: with a key misspelled, its tasks are not where they are looked for. */
function noDefault({ source, tasks, warnings }: TaskFile): UsageError {
  const names = [...tasks.values()].filter(({ internal }) => !internal).map(({ name }) => name);
  const shown = names.slice(0, NAMED_TASKS).join(', ');
  const more = names.length > NAMED_TASKS ? `, and ${names.length - NAMED_TASKS} more: --list shows them all` : '';
  const odd = warnings.map(({ where, message }) => `\n${where}: ${message}`).join('');
  return new UsageError(`${source.name} has no task "default", and no other was named${odd}`, {
    hint: names.length === 0 ? 'Write one, or name one of an include.' : `Name one of its tasks: ${shown}${more}.`,
  });
}

/** As `prepareTasks`, and the user has been asked for what is still open. @throws ConfigError also where there is no terminal to ask on */
export async function prepareRun(options: RunTasksOptions): Promise<Prepared> {
  const prepared = await prepareTasks(options);
  if (options.dryRun !== true && options.strict !== true) await askVariables(prepared.declarations, options.ask);
  return prepared;
}

/** Runs what was checked before; failures do not reject, but are part of the result. */
export async function runPrepared(prepared: Prepared, options: RunTasksOptions): Promise<RunResult> {
  const mask = new Mask();
  for (const { text, sensitive } of prepared.declarations.values.values()) if (sensitive) mask.add(text);
  const ledger = new Ledger(options.clock, options.subscribers, (text) => mask.text(text));
  const output = outputOf(options, mask, ledger);
  const own = pLimit(options.jobs);
  const around = options.env[RUN_FOLDER];
  const inner = around === undefined ? undefined : new InnerRun(around);
  const outer = inner === undefined && options.dryRun !== true ? await OuterRun.open(own) : undefined;
  const registry = new Registry({ inner, outer });
  const runtime: Runtime = {
    program: prepared.program,
    cwd: options.cwd,
    env: definedIn(options.env),
    extraEnv: { ...extraEnv(options), ...(outer === undefined ? {} : { [RUN_FOLDER]: outer.folder }) },
    declared: prepared.declarations.declared,
    commands: options.config.commands,
    start: options.start ?? startChild,
    exec: options.exec,
    registry,
    ledger,
    output,
    jobs: inner === undefined ? own : (work) => own(() => inner.slot(work)),
    // A run within a run has to be done before the one around it loses patience.
    graceMs: inner === undefined ? GRACE_MS : GRACE_MS / 2,
    cleanup: new AbortController().signal,
    hide: (secret) => mask.add(secret),
    ...sayings(output, options.quiet),
    upToDate: upToDateOf(prepared, options),
    dry: options.dryRun === true,
    failures: [],
    once: new Once(),
    terminal: pLimit(1),
  };
  ledger.open();
  const flow: Flow = { variables: new Variables(prepared.declarations.values), signal: options.signal };
  let error: unknown;
  try {
    const interpreter = new Interpreter(runtime);
    await interpreter.runRoots(prepared.tasks, options.with, flow, options.parallel === true);
  } catch (thrown) {
    error = thrown;
  }
  for (const notice of await registry.endLeftovers(GRACE_MS)) output.say(notice);
  output.flush();
  registry.close();
  const outcome = error === undefined ? 'done' : error instanceof CancelledError ? 'cancelled' : 'failed';
  const run = ledger.close(outcome);
  return {
    run,
    failures: runtime.failures,
    lastShown: output.lastShown(),
    mask: (text) => ownText(mask, text, options.env),
    secrets: mask.secrets,
    error: error instanceof CancelledError ? error.because : error,
  };
}

function sayings(output: Output, quiet: boolean): Pick<Runtime, 'warn' | 'note'> {
  return {
    warn: (message) => output.say(`warning: ${message}`),
    note: (message) => {
      if (!quiet) output.say(message);
    },
  };
}

function upToDateOf({ reached }: Prepared, { cacheHome, force, onSources }: RunTasksOptions): Runtime['upToDate'] {
  return { folder: join(cacheHome, 'up-to-date'), force: force === true, reached, onSources };
}

function outputOf({ sinks, quiet, show, screen, env }: RunTasksOptions, mask: Mask, ledger: Ledger): Output {
  if (show === 'events') {
    return lineOutput({
      mask,
      line(name, _stream, line) {
        ledger.line(name, line);
        return undefined;
      },
      say: (line) => void sinks.stderr(`${line}\n`),
    });
  }
  if (screen !== undefined) return liveOutput(mask, screen);
  const heading = quiet ? undefined : (name: string): string => `> ${name}\n`;
  return groupedOutput({ sinks, mask, heading, ci: markersFor(env, seconds), folded: !quiet });
}

function definedIn(env: RunTasksOptions['env']): Record<string, string> {
  const defined: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined) defined[name] = value;
  return defined;
}

/** What the report at the end repeats of others' texts. */
function ownText(mask: Mask, text: string, env: RunTasksOptions['env']): string {
  const masked = mask.text(text);
  return markersFor(env, seconds)?.tame(masked) ?? masked;
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** What every command finds in its environment; nothing else can change it. */
function extraEnv({ env, config }: Pick<RunTasksOptions, 'env' | 'config'>): Readonly<Record<string, string>> {
  const own = process.arch === 'x64' ? 'amd64' : process.arch;
  return { MARU: 'true', UDS_ARCH: env['UDS_ARCH'] ?? config.architecture ?? own };
}
