// Starts a command that runs beside what comes after it, waits until it is ready, and ends it with its task.

import { setTimeout as sleep } from 'node:timers/promises';
import { HoistError, TimeoutError, messageOf } from '../../base/errors.ts';
import type { Ready } from '../file/model.ts';
import { type CommandResult, runShellCommand } from '../processes/command.ts';
import { shellOf } from '../processes/shell.ts';
import { httpProbe, tcpProbe, until } from '../wait/network.ts';
import { type Prepared, prepareCommand } from './kinds/command.ts';
import { ActionError, CancelledError } from './action-errors.ts';
import type { Entry } from './ledger.ts';
import { Scene, labelOf } from './render.ts';
import type { Doing, Runtime } from './runtime.ts';
import type { Text } from '../file/source.ts';

/** A command that runs in the background. */
export interface Background {
  /** Ends it and waits for that. */
  stop(): Promise<void>;
}

/** Why a background action is ended: not for a failure. */
class TaskEnded extends HoistError {}

interface Started extends Doing {
  cmd: Text;
  /** It ended by itself, and badly: what depends on it must stop. */
  onDeath: (error: ActionError) => void;
}

/** Resolves when it is ready. @throws ActionError where it dies before, or is not ready in time; CancelledError */
export async function startBackground(started: Started): Promise<Background> {
  const { cmd, action, frame, flow, runtime } = started;
  const scene = new Scene(runtime, frame, flow.variables);
  const label = `${frame.task.name}: ${labelOf(action, scene)}`;
  const prepared = prepareCommand(cmd, action, scene);
  flow.signal.throwIfAborted();
  const entry = runtime.ledger.begin(label, flow.last);
  entry.attempt();
  const channel = runtime.output.open(entry.name, { mute: action.mute, background: true });
  const stopper = new AbortController();
  const forward = (): void => stopper.abort(flow.signal.reason);
  flow.signal.addEventListener('abort', forward, { once: true });
  const log = new LogWatch(action.ready?.log === undefined ? undefined : scene.text(action.ready.log));
  const life = new Life(started, { entry, command: prepared.cmd });
  const ended = runShellCommand({
    ...prepared,
    start: runtime.start,
    registry: runtime.registry,
    onData(stream, chunk) {
      log.add(stream, chunk);
      return channel.write(stream, chunk);
    },
    signal: stopper.signal,
    graceMs: runtime.graceMs,
    owner: `"${entry.name}"`,
  })
    .then(
      (result) => life.end(result, stopper.signal),
      (error: unknown) => life.fail(messageOf(error), [], 1),
    )
    .finally(() => {
      channel.end();
      flow.signal.removeEventListener('abort', forward);
    });

  const stop = async (): Promise<void> => {
    stopper.abort(new TaskEnded('its task has ended'));
    await ended;
  };
  const early = await waitReady({ ready: action.ready, scene, prepared, runtime, log, ended, signal: flow.signal });
  if (early === 'ready') {
    life.ready = true;
    void ended.then((error) => {
      if (error !== undefined) started.onDeath(error);
    });
    flow.last = entry.name;
    return { stop };
  }
  if (early instanceof ActionError) throw early;
  if (flow.signal.aborted) {
    await ended;
    throw new CancelledError(messageOf(flow.signal.reason), flow.signal.reason);
  }
  const late = life.fail(messageOf(early), [], early instanceof TimeoutError ? early.exitCode : 1);
  await stop();
  throw late;
}

/** How a background command ends, and what that means. */
class Life {
  ready = false;

  constructor(
    readonly doing: Doing,
    readonly begun: { entry: Entry; command: string },
  ) {}

  /** The error where it ended by itself, and badly or too early. */
  end({ code, signal, lastLines }: CommandResult, stopped: AbortSignal): ActionError | undefined {
    const { entry } = this.begun;
    if (stopped.aborted) {
      const cancelled = !(stopped.reason instanceof TaskEnded);
      if (!cancelled) entry.note('stopped');
      entry.end(cancelled ? 'cancelled' : 'done', cancelled ? messageOf(stopped.reason) : undefined);
      return undefined;
    }
    const how = signal === null ? `ended with code ${String(code)}` : `was ended by ${signal}`;
    if (!this.ready) return this.fail(`${how} before it was ready`, lastLines(20), code === 0 ? 1 : (code ?? 1));
    if (code !== 0) return this.fail(`${how} while it was needed`, lastLines(20), code ?? 1);
    entry.note('ended by itself');
    entry.end('done');
    return undefined;
  }

  /** The failure, which is recorded too. */
  fail(message: string, lines: readonly string[], exitCode: number): ActionError {
    const { action, frame, runtime } = this.doing;
    const { entry, command } = this.begun;
    entry.end('failed', message);
    const details = { step: entry.name, at: action.at, calls: frame.calls, command, attempts: 1 };
    const error = new ActionError(message, { ...details, lastLines: action.mute ? [] : lines }, { exitCode });
    runtime.failures.push(error);
    return error;
  }
}

/** Looks for a text in what is written, also where it is cut into several pieces or has no line end. */
class LogWatch {
  readonly seen: Promise<void>;
  #found: () => void = () => undefined;
  #ends = { stdout: '', stderr: '' };

  constructor(readonly text: string | undefined) {
    this.seen = new Promise((resolve) => (this.#found = resolve));
  }

  add(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    if (this.text === undefined) return;
    const whole = this.#ends[stream] + chunk.toString('latin1');
    const wanted = Buffer.from(this.text).toString('latin1');
    if (whole.includes(wanted)) this.#found();
    this.#ends[stream] = whole.slice(-Math.max(1, wanted.length));
  }
}

interface ReadyWait {
  ready: Ready | undefined;
  scene: Scene;
  prepared: Prepared;
  runtime: Runtime;
  log: LogWatch;
  ended: Promise<ActionError | undefined>;
  signal: AbortSignal;
}

/** What came first: it is ready, it died (its error), or its time was over or the run was cancelled (another error). */
async function waitReady({ ready, scene, prepared, runtime, log, ended, signal }: ReadyWait): Promise<unknown> {
  if (ready === undefined) return 'ready';
  const over = new AbortController();
  const onAbort = (): void => over.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  let why = '';
  const timer = setTimeout(() => {
    over.abort(new TimeoutError(`was not ready within ${ready.timeoutMs / 1000} s${why === '' ? '' : `: ${why}`}`));
  }, ready.timeoutMs);
  const aborted = new Promise<unknown>((resolve) => {
    over.signal.addEventListener('abort', () => resolve(over.signal.reason), { once: true });
  });
  const probe = async (): Promise<unknown> => {
    try {
      if (ready.log) await log.seen;
      else await until(probeOf(ready, scene, prepared, runtime), over.signal, (miss) => (why = miss));
      return 'ready';
    } catch (error) {
      return error;
    }
  };
  try {
    const died = ended.then((error) => error ?? new HoistError('ended before it was ready'));
    return await Promise.race([aborted, died, probe()]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    over.abort(new HoistError('no longer asked'));
  }
}

function probeOf(
  ready: Ready,
  scene: Scene,
  { env, cwd }: Prepared,
  runtime: Runtime,
): (signal: AbortSignal) => Promise<string | undefined> {
  if (ready.tcp) return tcpProbe(scene.text(ready.tcp));
  if (ready.http) return httpProbe(scene.text(ready.http), undefined);
  const cmd = ready.cmd ? scene.command(ready.cmd) : 'true';
  const { file, args } = shellOf(undefined, process.platform);
  return async (signal) => {
    const { code, lastLines } = await runShellCommand({
      start: runtime.start,
      registry: runtime.registry,
      file,
      args: [...args, cmd],
      env,
      cwd,
      onData: () => undefined,
      signal,
      graceMs: 1_000,
      owner: 'a readiness check',
    });
    if (code === 0) return undefined;
    await sleep(100, undefined, { signal }).catch(() => undefined);
    return lastLines(1)[0] ?? `ended with code ${String(code)}`;
  };
}
