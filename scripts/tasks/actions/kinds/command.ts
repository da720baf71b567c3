// Runs a `cmd`: its environment, its output, its attempts, the variables that it sets.

import { statSync } from 'node:fs';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { ConfigError, HoistError, TimeoutError, messageOf } from '../../../base/errors.ts';
import type { Action, SetVariable } from '../../file/model.ts';
import { type Text, problemAt, whereOf } from '../../file/source.ts';
import { type CommandResult, runShellCommand } from '../../processes/command.ts';
import { rewritten, shellOf } from '../../processes/shell.ts';
import { matches } from '../../variables/pattern.ts';
import { withAttempts } from '../attempts.ts';
import { ActionError, CancelledError, isInterruption } from '../action-errors.ts';
import type { Entry } from '../ledger.ts';
import { Scene, labelOf } from '../render.ts';
import type { Doing, Flow, Frame, Runtime } from '../runtime.ts';

/** A command that is ready to be run. */
export interface Prepared {
  cmd: string;
  file: string;
  args: string[];
  env: Record<string, string>;
  cwd: string;
}

/** @throws ConfigError for texts that cannot be evaluated, and for a folder that does not exist */
export function prepareCommand(cmd: Text, action: Action, scene: Scene): Prepared {
  const { runtime } = scene;
  const text = rewritten(scene.command(cmd), runtime.commands);
  const { file, args } = shellOf(action.shell, process.platform);
  const cwd = action.dir === undefined ? runtime.cwd : resolve(runtime.cwd, scene.text(action.dir));
  if (action.dir !== undefined && !runtime.dry && statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new ConfigError([problemAt(action.dir.at, `there is no folder ${cwd}`)]);
  }
  return { cmd: text, file, args: [...args, text], env: scene.environment(action.env), cwd };
}

/** Runs the command to its end. @throws ActionError, CancelledError */
export async function runCommand(cmd: Text, doing: Doing): Promise<void> {
  const { action, frame, flow, runtime } = doing;
  const scene = new Scene(runtime, frame, flow.variables);
  const label = `${frame.task.name}: ${labelOf(action, scene)}`;
  const prepared = prepareCommand(cmd, action, scene);
  const work = async (): Promise<void> => {
    flow.signal.throwIfAborted();
    const entry = runtime.ledger.begin(label, flow.last);
    let result: CommandResult | undefined;
    try {
      await withAttempts({ action, entry, signal: flow.signal }, async (signal) => {
        result = await attempt(prepared, { action, entry, signal, runtime });
        checkEnd(result, signal);
        setVariables(result, action.setVariables, flow, runtime);
      });
      entry.end('done');
      flow.last = entry.name;
      flow.lastMs = performance.now();
    } catch (error) {
      throw failed(error, { action, frame, flow, entry, prepared, result, runtime });
    }
  };
  try {
    await (action.interactive ? runtime.terminal(work) : runtime.jobs(work));
  } catch (error) {
    if (flow.signal.aborted && !(error instanceof ActionError) && !(error instanceof CancelledError)) {
      throw new CancelledError(messageOf(flow.signal.reason), flow.signal.reason);
    }
    throw error;
  }
}

interface Attempt {
  action: Action;
  entry: Entry;
  signal: AbortSignal;
  runtime: Runtime;
}

async function attempt(prepared: Prepared, { action, entry, signal, runtime }: Attempt): Promise<CommandResult> {
  const channel = runtime.output.open(entry.name, { mute: action.mute, background: false });
  // What becomes a secret is known for one only when all of it has been written.
  const secret = setsSecret(action, runtime);
  // The terminal's user sees nothing of others while an interactive action has it.
  const release = action.interactive ? runtime.output.hold() : undefined;
  try {
    return await runShellCommand({
      ...prepared,
      start: runtime.start,
      registry: runtime.registry,
      interactive: action.interactive,
      capture: action.setVariables.length > 0,
      onData: (stream, chunk) => (secret && stream === 'stdout' ? undefined : channel.write(stream, chunk)),
      signal,
      graceMs: runtime.graceMs,
      owner: `"${entry.name}"`,
    });
  } finally {
    release?.();
    channel.end();
  }
}

/** The command itself ended badly. */
class BadEnd extends HoistError {
  constructor(
    message: string,
    readonly code: number,
    readonly signalName: string | undefined,
  ) {
    super(message);
  }
}

function checkEnd({ code, signal: killedBy }: CommandResult, signal: AbortSignal): void {
  signal.throwIfAborted();
  if (code === 0) return;
  if (killedBy !== null) throw new BadEnd(`was ended by ${killedBy}`, 128 + constants.signals[killedBy], killedBy);
  throw new BadEnd(`ended with code ${String(code)}`, code ?? 1, undefined);
}

function setsSecret({ setVariables }: Action, { declared }: Runtime): boolean {
  return setVariables.some(({ name, sensitive }) => sensitive || declared.get(name.value)?.sensitive === true);
}

function setVariables(result: CommandResult, names: readonly SetVariable[], flow: Flow, runtime: Runtime): void {
  if (names.length > 0 && result.stdout === undefined) {
    throw new HoistError('it wrote more than 1 MiB, which no variable can hold');
  }
  for (const { name, pattern, sensitive } of names) {
    const text = result.stdout ?? '';
    const declared = runtime.declared.get(name.value);
    const secret = sensitive || declared?.sensitive === true;
    const wanted = pattern?.value ?? declared?.pattern;
    if (wanted !== undefined && matches(wanted, text) !== true) {
      const shown = secret ? 'its output' : `its output "${text.length > 80 ? `${text.slice(0, 79)}…` : text}"`;
      throw new HoistError(`${shown} does not match the pattern "${wanted}" of variable "${name.value}"`);
    }
    if (secret) runtime.hide(text);
    flow.variables.set(name.value, {
      text,
      source: `setVariables (${whereOf(name.at)})`,
      sensitive: secret,
      setAt: name.at,
    });
  }
}

interface Failed {
  action: Action;
  frame: Frame;
  flow: Flow;
  entry: Entry;
  prepared: Prepared;
  result: CommandResult | undefined;
  runtime: Runtime;
}

/** Notes the end of the step, and gives the error to throw for it. */
function failed(error: unknown, { action, frame, flow, entry, prepared, result, runtime }: Failed): Error {
  if (flow.signal.aborted) {
    const { reason } = flow.signal as { reason: unknown };
    entry.end(isInterruption(reason) ? 'cancelled' : 'given-up', messageOf(reason));
    return new CancelledError(messageOf(reason), reason);
  }
  const message = startProblem(error, prepared) ?? messageOf(error);
  entry.end('failed', message);
  const details = {
    step: entry.name,
    at: action.at,
    calls: frame.calls,
    command: prepared.cmd,
    exitCode: error instanceof BadEnd ? error.code : undefined,
    signal: error instanceof BadEnd ? error.signalName : undefined,
    attempts: entry.attempts,
    lastLines: action.mute || setsSecret(action, runtime) ? [] : (result?.lastLines(20) ?? []),
  };
  const exitCode = error instanceof BadEnd ? error.code : error instanceof TimeoutError ? error.exitCode : 1;
  const failure = new ActionError(message, details, { exitCode, cause: error });
  runtime.failures.push(failure);
  return failure;
}

function startProblem(error: unknown, { file, env }: Prepared): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return `the shell "${file}" was not found`;
  if (code === 'E2BIG') {
    const [name = '', value = ''] = Object.entries(env).sort(([, a], [, b]) => b.length - a.length)[0] ?? [];
    return `its environment and command are too long for the system; the longest is ${name} with ${value.length} characters`;
  }
  if (code === 'ERR_INVALID_ARG_VALUE')
    return 'its command or environment holds a NUL character, which no process can get';
  if (code === 'EACCES') return `the shell "${file}" may not be executed, or its folder not be entered`;
  return undefined;
}
