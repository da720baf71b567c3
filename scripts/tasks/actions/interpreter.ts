// Runs tasks: their actions in order, calls, conditions, blocks, and what is to be done at the end.

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import type { HoistError } from '../../base/errors.ts';
import { ConfigError, messageOf } from '../../base/errors.ts';
import type { Action, Task, Work } from '../file/model.ts';
import { problemAt } from '../file/source.ts';
import { isUrl } from '../includes/program.ts';
import { missingInputs } from '../variables/inputs.ts';
import { runCommand } from './command.ts';
import { ActionError, type Call, CancelledError } from './errors.ts';
import { Scene, labelOf, suggestion } from './render.ts';
import type { Flow, Frame, Runtime } from './runtime.ts';

/** Calls within calls: as in maru. */
const DEEPEST = 2048;

type Condition = 'always' | 'failure' | 'cancelled';

/** What runs although something went wrong: `always()`, `failure()`, `cancelled()`. */
function conditionOf(action: Action): Condition | undefined {
  const name = /^\s*(always|failure|cancelled)\(\)\s*$/.exec(action.if?.value ?? '')?.[1];
  return name as Condition | undefined;
}

export class Interpreter {
  constructor(readonly runtime: Runtime) {}

  /** Runs a task that the command line names. @throws ActionError, CancelledError, ConfigError */
  async runRoot(task: Task, given: ReadonlyMap<string, string>, flow: Flow): Promise<void> {
    await this.#task(
      { task, given, called: false, calls: [{ task: task.name, at: task.at }], envFile: new Map() },
      flow,
    );
  }

  async #task(frame: Frame, flow: Flow): Promise<void> {
    const { task } = frame;
    if (frame.calls.length > DEEPEST) {
      throw this.#failure(`tasks call each other more than ${DEEPEST} levels deep`, frame, task.actions[0]);
    }
    this.#checkInputs(frame);
    const own: Frame = task.envPath === undefined ? frame : { ...frame, envFile: await this.#envFile(task) };
    let failure: unknown;
    try {
      await this.#list(task.actions, own, flow);
    } catch (error) {
      failure = error;
    }
    if (task.finally.length > 0) {
      // It runs also where the run is being cancelled.
      const atEnd: Flow = { ...flow, signal: this.runtime.cleanup };
      try {
        await this.#list(task.finally, own, atEnd);
      } catch (error) {
        failure ??= error;
      }
      flow.last = atEnd.last;
    }
    if (failure !== undefined) throw failure as Error;
  }

  #checkInputs({ task, given, calls }: Frame): void {
    const missing = missingInputs(task, (name) => (given.get(name) ?? '') !== '');
    if (missing.length > 0) {
      const at = calls.at(-1)?.at ?? task.at;
      throw new ConfigError([problemAt(at, `task ${task.name} is missing required inputs: ${missing.join(', ')}`)]);
    }
    for (const name of given.keys()) {
      const input = task.inputs.get(name);
      if (input?.deprecatedMessage !== undefined) {
        this.runtime.warn(`input "${name}" of task "${task.name}" is deprecated: ${input.deprecatedMessage}`);
      } else if (input === undefined) {
        this.runtime.warn(`task "${task.name}" has no input "${name}"${suggestion(name, task.inputs.keys())}`);
      }
    }
  }

  async #envFile(task: Task): Promise<ReadonlyMap<string, string>> {
    const { envPath, file } = task;
    if (envPath === undefined) return new Map();
    const folder = isUrl(file.location) ? this.runtime.cwd : dirname(file.location);
    const path = resolve(folder, envPath.value);
    try {
      const entries = Object.entries(parseEnv(await readFile(path, 'utf8')));
      return new Map(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
    } catch (error) {
      throw new ConfigError([problemAt(envPath.at, `envPath cannot be read: ${messageOf(error)}`)]);
    }
  }

  /** Actions one after another; after a failure only those that ask for it. @throws the first failure */
  async #list(actions: readonly Action[], frame: Frame, flow: Flow): Promise<void> {
    let failure: unknown;
    for (const action of actions) {
      const condition = conditionOf(action);
      const cancelled = flow.signal.aborted || failure instanceof CancelledError;
      if (condition === undefined) {
        if (failure !== undefined || cancelled) continue;
      } else if (
        condition === 'failure'
          ? failure === undefined || failure instanceof CancelledError
          : condition === 'cancelled' && !cancelled
      ) {
        continue;
      }
      const own: Flow = condition !== undefined && cancelled ? { ...flow, signal: this.runtime.cleanup } : flow;
      try {
        await this.#action(action, frame, own);
      } catch (error) {
        failure ??= error;
      }
      flow.last = own.last;
    }
    if (failure !== undefined) throw failure as Error;
    if (flow.signal.aborted) throw new CancelledError(messageOf(flow.signal.reason), flow.signal.reason);
  }

  async #action(action: Action, frame: Frame, flow: Flow): Promise<void> {
    const scene = new Scene(this.runtime, frame, flow.variables);
    if (action.if !== undefined && conditionOf(action) === undefined && scene.template(action.if) === 'false') {
      this.runtime.ledger.pass(`${frame.task.name}: ${labelOf(action, scene)}`, 'skipped', 'its "if" is false');
      return;
    }
    const { work } = action;
    switch (work.kind) {
      case 'cmd':
        return runCommand(work.cmd, action, frame, flow, this.runtime);
      case 'task':
        return this.#call(work, action, frame, flow);
      case 'nothing':
        return;
      case 'parallel':
      case 'wait':
      case 'apply':
        throw this.#failure(`"${work.kind}" is not supported yet`, frame, action);
    }
  }

  async #call(work: Extract<Work, { kind: 'task' }>, action: Action, frame: Frame, flow: Flow): Promise<void> {
    const scene = new Scene(this.runtime, frame, flow.variables);
    const reference = { value: scene.template(work.task), at: work.task.at };
    const task = await this.runtime.program.find(reference, frame.task.file);
    const given = new Map([...work.with].map(([name, text]) => [name, scene.text(text)]));
    const calls: Call[] = [...frame.calls, { task: task.name, at: action.at }];
    await this.#task({ task, given, called: true, calls, envFile: frame.envFile, item: undefined }, flow);
  }

  #failure(message: string, frame: Frame, action: Action | undefined): HoistError {
    const at = action?.at ?? frame.task.at;
    return new ActionError(message, {
      step: frame.task.name,
      at,
      calls: frame.calls.slice(-20),
      attempts: 0,
      lastLines: [],
    });
  }
}
