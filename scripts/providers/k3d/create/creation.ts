// One run of k3d that makes or starts a cluster, watched from the outside so that nothing waits for k3d itself.

import { setTimeout as sleep } from 'node:timers/promises';
import { CreationError, HoistError, messageOf } from '../../../base/errors.ts';
import type { DockerClient } from '../../../docker/client.ts';
import { type Command, type Exec, ExecError } from '../../../host/exec.ts';
import { followLogs, type LogFollower, type NodeTrouble } from './log-follower.ts';
import { killedText, MEMORY_HINT } from '../nodes/memory.ts';
import { isPull, parseK3dLine, startingNode } from './node-log.ts';

/** ms in which a node's own word is waited for when k3d has failed. */
const LAST_WORD_MS = 500;

export interface CreationInputs {
  command: Command;
  env: Readonly<Record<string, string | undefined>>;
  /** Config for k3d's stdin. */
  input: string | undefined;
  /** ms that k3d may say nothing: it says what it does with each node. While the engine pulls an image, it may. */
  silenceMs: number;
  signal: AbortSignal;
  /** The nodes ran before: only what their logs say from now on counts. */
  restart: boolean;
  /** Called with each line of k3d that says something. */
  onLine: (line: string) => void;
  /** Called once, when k3d has failed; true where the obstacle is gone and k3d is to be run again. */
  retry?: (failure: HoistError) => Promise<boolean>;
}

export interface Creation {
  /** Resolves when the first server's container starts. */
  readonly serverStarted: Promise<void>;
  /** Resolves when k3d says that it is done. */
  readonly done: Promise<void>;
  readonly logs: LogFollower;
  /** k3d's own output so far. */
  readonly output: readonly string[];
}

/**
 * Starts k3d. Both promises reject with the CreationError that says why the cluster cannot be made, within seconds of
 * the line in which k3s says so: k3d itself would wait for its whole timeout.
 */
export function startCreation(engine: DockerClient, exec: Exec, inputs: CreationInputs): Creation {
  return new RunOfK3d(engine, exec, inputs);
}

class RunOfK3d implements Creation {
  readonly serverStarted: Promise<void>;
  readonly done: Promise<void>;
  readonly output: string[] = [];
  readonly #engine: DockerClient;
  readonly #exec: Exec;
  readonly #inputs: CreationInputs;
  #logs: LogFollower;
  #errors: string[] = [];
  #silence: Silence | undefined;
  #seen!: () => void;

  constructor(engine: DockerClient, exec: Exec, inputs: CreationInputs) {
    this.#engine = engine;
    this.#exec = exec;
    this.#inputs = inputs;
    this.#logs = followLogs(engine, inputs.restart);
    const seen = new Promise<void>((resolve) => (this.#seen = resolve));
    this.done = this.#run();
    this.serverStarted = Promise.race([seen, this.done]);
    // Callers may wait for them later: until then a failure is no unhandled rejection.
    this.done.catch(() => undefined);
    this.serverStarted.catch(() => undefined);
  }

  get logs(): LogFollower {
    return this.#logs;
  }

  async #run(): Promise<void> {
    const { signal, retry, restart } = this.#inputs;
    try {
      await this.#runOnce();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof HoistError && (await retry?.(error)) === true)) throw error;
      this.#errors = [];
      this.#logs = followLogs(this.#engine, restart);
      await this.#runOnce();
    }
  }

  async #runOnce(): Promise<void> {
    const { command, env, input, silenceMs, signal } = this.#inputs;
    const logs = this.#logs;
    const stop = new AbortController();
    const silence = new Silence(silenceMs, () => stop.abort());
    this.#silence = silence;
    let trouble: NodeTrouble | undefined;
    void logs.trouble.then((found) => {
      trouble = found;
      this.#inputs.onLine(`${found.node}: ${found.line}`);
      stop.abort();
    });
    try {
      await this.#exec({
        ...command,
        env,
        ...(input === undefined ? {} : { input }),
        signal: AbortSignal.any([signal, stop.signal]),
        onLine: (line) => this.#onLine(line),
      });
    } catch (error) {
      signal.throwIfAborted();
      // k3d may notice first that a node has ended, and it says less of why.
      if (logs.lines.size > 0) trouble ??= await Promise.race([logs.trouble, sleep(LAST_WORD_MS, undefined)]);
      if (trouble === undefined && silence.isOver) throw this.#silent(silenceMs, error);
      throw failure(error, trouble, this.#errors);
    } finally {
      silence.end();
      logs.stop();
    }
  }

  #silent(silenceMs: number, cause: unknown): CreationError {
    const last = this.output.findLast((line) => line.trim() !== '');
    return new CreationError(
      `k3d has said nothing for ${silenceMs / 1000} s${last === undefined ? '' : ` after "${last.trim()}"`}`,
      { cause },
    );
  }

  #onLine(text: string): void {
    const line = parseK3dLine(text);
    this.#silence?.broken(isPull(line));
    this.output.push(line.message);
    if (line.level === 'error' || line.level === 'fatal') this.#errors.push(line.message);
    if (line.level !== 'other') this.#inputs.onLine(line.message);
    const node = startingNode(line);
    if (node === undefined || node.endsWith('-tools')) return;
    this.#seen();
    this.#logs.follow(node);
  }
}

/** The time in which a word is expected; it begins again with each one. */
class Silence {
  isOver = false;
  readonly #ms: number;
  readonly #over: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number, over: () => void) {
    this.#ms = ms;
    this.#over = over;
    this.broken(false);
  }

  /** @param expected whether what was said explains any silence that follows. */
  broken(expected: boolean): void {
    this.end();
    if (expected) return;
    this.#timer = setTimeout(() => {
      this.isOver = true;
      this.#over();
    }, this.#ms);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

function failure(error: unknown, trouble: NodeTrouble | undefined, errors: readonly string[]): HoistError {
  if (trouble?.outgrown !== undefined) {
    const text = `${killedText(trouble.node, trouble.outgrown)} (${trouble.line})`;
    return new CreationError(text, { hint: MEMORY_HINT });
  }
  if (trouble) {
    return new CreationError(`k3s ended on ${trouble.node}: ${trouble.line}`, {
      hint: 'Check the arguments for k3s and its components, and the image.',
    });
  }
  if (!(error instanceof ExecError)) return new CreationError(messageOf(error), { cause: error });
  const own = errors.filter((message) => !message.startsWith('Cluster creation FAILED'));
  if (own.length === 0) return new CreationError(error.message, { hint: error.hint, cause: error });
  return new CreationError(`k3d: ${own.join('; ')}`, { cause: error });
}
