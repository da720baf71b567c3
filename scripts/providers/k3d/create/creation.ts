// One run of k3d that makes or starts a cluster, watched from the outside so that nothing waits for k3d itself.

import { setTimeout as sleep } from 'node:timers/promises';
import { CreationError, HoistError, messageOf } from '../../../base/errors.ts';
import type { DockerClient } from '../../../docker/client.ts';
import { type Command, type Exec, ExecError } from '../../../host/exec.ts';
import { followLogs, type LogFollower, type NodeTrouble } from './log-follower.ts';
import { killedText, MEMORY_HINT } from '../nodes/memory.ts';
import { parseK3dLine, startingNode } from './node-log.ts';

/** ms in which a node's own word is waited for when k3d has failed. */
const LAST_WORD_MS = 500;

export interface CreationInputs {
  command: Command;
  env: Readonly<Record<string, string | undefined>>;
  /** Config for k3d's stdin. */
  input: string | undefined;
  /** The longest time that k3d may take, in ms. */
  timeoutMs: number;
  signal: AbortSignal;
  /** The nodes ran before: only what their logs say from now on counts. */
  restart: boolean;
  /** Told each line of k3d that is worth one. */
  onLine: (line: string) => void;
  /** Asked once, when k3d has failed: whether what was in its way is mended, so that it is run again. */
  mended?: (failure: HoistError) => Promise<boolean>;
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
  let logs = followLogs(engine, inputs.restart);
  const output: string[] = [];
  const errors: string[] = [];
  let started!: () => void;
  const serverSeen = new Promise<void>((resolve) => (started = resolve));

  const onLine = (text: string): void => {
    const line = parseK3dLine(text);
    output.push(line.message);
    if (line.level === 'error' || line.level === 'fatal') errors.push(line.message);
    if (line.level !== 'other') inputs.onLine(line.message);
    const node = startingNode(line);
    if (node === undefined || node.endsWith('-tools')) return;
    started();
    logs.follow(node);
  };

  const once = async (): Promise<void> => {
    const stop = new AbortController();
    let trouble: NodeTrouble | undefined;
    void logs.trouble.then((found) => {
      trouble = found;
      inputs.onLine(`${found.node}: ${found.line}`);
      stop.abort();
    });
    try {
      await exec({
        ...inputs.command,
        env: inputs.env,
        ...(inputs.input === undefined ? {} : { input: inputs.input }),
        timeoutMs: inputs.timeoutMs,
        signal: AbortSignal.any([inputs.signal, stop.signal]),
        onLine,
      });
    } catch (error) {
      inputs.signal.throwIfAborted();
      // k3d may notice first that a node has ended, and it says less of why.
      if (logs.lines.size > 0) trouble ??= await Promise.race([logs.trouble, sleep(LAST_WORD_MS, undefined)]);
      throw failure(error, trouble, errors, inputs.timeoutMs);
    } finally {
      logs.stop();
    }
  };
  const run = async (): Promise<void> => {
    try {
      await once();
    } catch (error) {
      inputs.signal.throwIfAborted();
      if (!(error instanceof HoistError && (await inputs.mended?.(error)) === true)) throw error;
      errors.length = 0;
      logs = followLogs(engine, inputs.restart);
      await once();
    }
  };
  const done = run();
  const serverStarted = Promise.race([serverSeen, done]);
  // Whoever needs them waits for them; until then a failure is not unheard of.
  done.catch(() => undefined);
  serverStarted.catch(() => undefined);
  return {
    serverStarted,
    done,
    output,
    get logs() {
      return logs;
    },
  };
}

function failure(
  error: unknown,
  trouble: NodeTrouble | undefined,
  errors: readonly string[],
  timeoutMs: number,
): HoistError {
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
  if (error.details.reason === 'timeout') {
    return new CreationError(`k3d did not finish within ${timeoutMs / 1000} s`, { cause: error });
  }
  const own = errors.filter((message) => !message.startsWith('Cluster creation FAILED'));
  if (own.length === 0) return new CreationError(error.message, { hint: error.hint, cause: error });
  return new CreationError(`k3d: ${own.join('; ')}`, { cause: error });
}
