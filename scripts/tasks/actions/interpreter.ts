// Runs tasks: their actions in order, calls, conditions, blocks, and what is to be done at the end.

import { dirname, isAbsolute, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readTextBounded } from '../../host/files/bounded.ts';
import { ConfigError, HoistError, TimeoutError, messageOf } from '../../base/errors.ts';
import { didYouMean } from '../../base/suggest.ts';
import { readEnvFile } from '../../settings/env-file.ts';
import { backoffMs } from '../../engine/backoff.ts';
import type { Action, Parallel, Task, Work } from '../file/model.ts';
import { type Mark, type Text, problemAt } from '../file/source.ts';
import { isUrl } from '../includes/program.ts';
import { missingInputs } from '../variables/inputs.ts';
import { runCommand } from './kinds/command.ts';
import { startBackground } from './background.ts';
import { type BlockOptions, type Turn, runBlock } from './kinds/block.ts';
import { isUnknown, showAction } from './dry.ts';
import { ActionError, type Call, CancelledError, isInterruption } from './action-errors.ts';
import { itemsOfLoop } from './kinds/loop.ts';
import { Scene, labelOf } from './render.ts';
import type { Doing, Flow, Frame, Item, Runtime, Scope } from './runtime.ts';

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

  /** Runs the tasks that the command line names. @throws ActionError, CancelledError */
  async runRoots(
    tasks: readonly Task[],
    given: ReadonlyMap<string, string>,
    flow: Flow,
    parallel: boolean,
  ): Promise<void> {
    if (!parallel) {
      for (const task of tasks) await this.#root(task, given, flow);
      return;
    }
    await runBlock({
      failure: 'finish',
      turns: tasks.map((task) => ({ task, label: task.name, needs: [] })),
      flow,
      run: ({ task }, own) => this.#root(task, given, own),
      passed: ({ label }, outcome, reason) => this.runtime.ledger.pass(label, outcome, reason),
    });
  }

  async #root(task: Task, given: ReadonlyMap<string, string>, flow: Flow): Promise<void> {
    const calls: Call[] = [{ task: task.name, at: task.at }];
    await this.#called({ task, given, called: false, calls, once: [], envFile: new Map() }, task.once, flow);
  }

  /** Runs a task, once where it is to run once. */
  async #called(call: TaskCall, once: boolean, flow: Flow): Promise<void> {
    const run = (own: TaskCall, within: Flow): Promise<void> => this.#unlessUpToDate(own, within);
    if (!once) return run(call, flow);
    const { task, given } = call;
    const inputs = [...given].map((input) => JSON.stringify(input)).sort();
    const key = JSON.stringify([task.file.location, task.name, inputs]);
    await this.runtime.once.run(key, call.once, flow, (own) => run({ ...call, once: [...call.once, key] }, own));
  }

  async #unlessUpToDate(call: TaskCall, flow: Flow): Promise<void> {
    const { sources, generates } = call.task;
    if (this.runtime.dry || [...sources, ...generates].length === 0) return this.#task(call, flow);
    const frame: Frame = { ...call, scope: { backgrounds: [], onDeath: () => undefined } };
    const { unlessUpToDate } = await import('./up-to-date.ts');
    await unlessUpToDate(frame, flow, this.runtime, (own) => this.#task(call, own));
  }

  async #task(call: TaskCall, outer: Flow): Promise<void> {
    const { task } = call;
    const death = new AbortController();
    const scope: Scope = { backgrounds: [], onDeath: (error) => death.abort(error) };
    const signal = hasBackground(task.actions) ? AbortSignal.any([outer.signal, death.signal]) : outer.signal;
    const flow: Flow = { ...outer, signal };
    const frame: Frame = { ...call, scope };
    const failures: unknown[] = [];
    const attempt = async (work: () => Promise<void>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        failures.push(error);
      }
    };
    await attempt(async () => {
      if (call.calls.length > DEEPEST) throw new HoistError(`tasks call each other more than ${DEEPEST} levels deep`);
      this.#checkInputs(call);
      if (task.envPath !== undefined) frame.envFile = await this.#envFile(task);
      await this.#list(task.actions, frame, flow);
    });
    // What stands at the end runs also where the run is being cancelled.
    const atEnd: Flow = { ...flow, signal: this.runtime.cleanup };
    await attempt(() => this.#list(task.finally, frame, atEnd));
    await Promise.all(scope.backgrounds.map((background) => background.stop()));
    Object.assign(outer, { last: atEnd.last, lastMs: atEnd.lastMs });
    const failure: unknown = death.signal.aborted ? death.signal.reason : failures[0];
    if (failure !== undefined) throw failure as Error;
  }

  #checkInputs({ task, given, calls }: TaskCall): void {
    const missing = missingInputs(task, (name) => (given.get(name) ?? '') !== '');
    if (missing.length > 0 && !this.runtime.dry) {
      const at = calls.at(-1)?.at ?? task.at;
      throw new ConfigError([problemAt(at, `task ${task.name} is missing required inputs: ${missing.join(', ')}`)]);
    }
    for (const name of given.keys()) {
      const input = task.inputs.get(name);
      if (input?.deprecatedMessage !== undefined) {
        this.runtime.warn(`input "${name}" of task "${task.name}" is deprecated: ${input.deprecatedMessage}`);
      } else if (input === undefined) {
        this.runtime.warn(`task "${task.name}" has no input "${name}"${didYouMean(name, task.inputs.keys())}`);
      }
    }
  }

  async #envFile({ envPath, file }: Task): Promise<ReadonlyMap<string, string>> {
    if (envPath === undefined) return new Map();
    const remote = isUrl(file.location);
    const folder = remote ? this.runtime.cwd : dirname(file.location);
    if (remote && (isAbsolute(envPath.value) || envPath.value.split('/').includes('..'))) {
      const why = 'a remote file may only name files below the folder of the run';
      throw new ConfigError([problemAt(envPath.at, `envPath: ${why}`)]);
    }
    try {
      const { values, problems } = readEnvFile(await readTextBounded(resolve(folder, envPath.value)), envPath.value);
      for (const { where, message } of problems) this.runtime.warn(`${where}: ${message}`);
      return new Map(Object.entries(values));
    } catch (error) {
      throw new ConfigError([problemAt(envPath.at, `envPath cannot be read: ${messageOf(error)}`)]);
    }
  }

  /** Actions one after another; after a failure only those that ask for it. @throws the first failure */
  async #list(actions: readonly Action[], frame: Frame, flow: Flow): Promise<void> {
    let failure: unknown;
    for (const action of actions) {
      const condition = conditionOf(action);
      const reason: unknown = flow.signal.aborted ? flow.signal.reason : undefined;
      const state = stateOf(failure ?? reason);
      if (!applies(condition, state)) continue;
      const own: Flow =
        condition !== undefined && flow.signal.aborted ? { ...flow, signal: this.runtime.cleanup } : flow;
      try {
        await this.#turns(action, frame, own);
      } catch (error) {
        failure ??= error;
      }
      Object.assign(flow, { last: own.last, lastMs: own.lastMs });
    }
    if (failure !== undefined) throw failure as Error;
    if (flow.signal.aborted) throw new CancelledError(messageOf(flow.signal.reason), flow.signal.reason);
  }

  /** An action, or each turn of its loop. */
  async #turns(action: Action, frame: Frame, flow: Flow): Promise<void> {
    if (action.for === undefined) return this.#action(action, frame, flow);
    const { for: loop } = action;
    const items = await this.#guarded(action, frame, flow, () => {
      const scene = new Scene(this.runtime, frame, flow.variables);
      return Promise.resolve(itemsOfLoop(loop, (text) => scene.text(text)));
    });
    for (const item of items) await this.#action(action, { ...frame, item }, flow);
  }

  async #action(action: Action, frame: Frame, flow: Flow): Promise<void> {
    await this.#guarded(action, frame, flow, async () => {
      const scene = new Scene(this.runtime, frame, flow.variables);
      if (action.if !== undefined && conditionOf(action) === undefined && this.#isFalse(action.if, scene, flow)) {
        this.runtime.ledger.pass(`${frame.task.name}: ${labelOf(action, scene)}`, 'skipped', 'its "if" is false');
        return;
      }
      await this.#work(action, frame, flow);
    });
  }

  /** A dry run goes on where the answer depends on what only a run gives. */
  #isFalse(condition: Text, scene: Scene, flow: Flow): boolean {
    if (this.runtime.dry && isUnknown(condition.value, flow)) return false;
    return scene.template(condition) === 'false';
  }

  /** Whatever is thrown leaves as an ActionError that knows its place, or as a CancelledError. */
  async #guarded<T>(action: Action, frame: Frame, flow: Flow, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ActionError || error instanceof CancelledError) throw error;
      if (flow.signal.aborted && error === flow.signal.reason) throw new CancelledError(messageOf(error), error);
      if (!(error instanceof HoistError)) throw error;
      const { hint, exitCode, message } = error;
      const step = `${frame.task.name}: ${action.description?.value ?? action.work.kind}`;
      const details = { step, at: action.at, calls: frame.calls.slice(-20), attempts: 0, lastLines: [] };
      const failure = new ActionError(message, details, { exitCode, hint, cause: error });
      this.runtime.failures.push(failure);
      throw failure;
    }
  }

  async #work(action: Action, frame: Frame, flow: Flow): Promise<void> {
    const { work } = action;
    const { runtime } = this;
    const doing: Doing = { action, frame, flow, runtime };
    if (runtime.dry && work.kind !== 'task' && work.kind !== 'parallel') {
      if (work.kind !== 'nothing') showAction(action, frame, flow, runtime);
      return;
    }
    switch (work.kind) {
      case 'cmd': {
        if (!action.background) return runCommand(work.cmd, doing);
        const { onDeath } = frame.scope;
        frame.scope.backgrounds.push(await startBackground({ ...doing, cmd: work.cmd, onDeath }));
        return;
      }
      case 'task':
        return this.#limited(action, frame, flow, (own) => this.#call(work, action, frame, own));
      case 'parallel':
        return this.#limited(action, frame, flow, (own) => this.#parallel(work.parallel, frame, own));
      case 'nothing':
        return;
      case 'wait':
        return (await import('./kinds/wait.ts')).runWait(work.wait, doing);
      case 'apply':
        return (await import('./kinds/apply.ts')).runApply(work.apply, doing);
    }
  }

  /** A time limit and attempts for what is not a single command. */
  async #limited(action: Action, frame: Frame, flow: Flow, work: (flow: Flow) => Promise<void>): Promise<void> {
    const { timeoutMs, retry } = action;
    const attempts = retry?.attempts ?? 1;
    const limit = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
    const signal = limit === undefined ? flow.signal : AbortSignal.any([flow.signal, limit]);
    for (let attempt = 1; ; attempt++) {
      const own: Flow = { ...flow, signal };
      const known = new Set(this.runtime.failures);
      try {
        await work(own);
        return;
      } catch (error) {
        if (limit?.aborted === true && !flow.signal.aborted) {
          throw new TimeoutError(`took longer than ${(timeoutMs ?? 0) / 1000} s`);
        }
        if (attempt >= attempts || signal.aborted || !(error instanceof ActionError)) throw error;
        // What another attempt makes good is no failure of the run.
        const { failures } = this.runtime;
        const within = marksOf(action);
        const kept = failures.filter(
          (one) => known.has(one) || ![one.details, ...one.details.calls].some(({ at }) => within.has(at)),
        );
        failures.splice(0, failures.length, ...kept);
        const pauseMs = backoffMs({ attempts, backoffMs: retry?.backoffMs ?? 0 }, attempt, Math.random);
        this.runtime.warn(
          `attempt ${attempt} of ${labelOf(action, new Scene(this.runtime, frame, flow.variables))} failed: ${error.message}`,
        );
        await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      } finally {
        Object.assign(flow, { last: own.last, lastMs: own.lastMs });
      }
    }
  }

  async #call(work: Extract<Work, { kind: 'task' }>, action: Action, frame: Frame, flow: Flow): Promise<void> {
    const scene = new Scene(this.runtime, frame, flow.variables);
    const reference = { value: scene.template(work.task), at: work.task.at };
    const task = await this.runtime.program.find(reference, frame.task.file);
    if (this.runtime.dry && frame.calls.filter((call) => call.at === action.at).length > 1) return;
    const given = new Map([...work.with].map(([name, text]) => [name, scene.text(text)]));
    const calls: Call[] = [...frame.calls, { task: task.name, at: action.at }];
    const call = { task, given, called: true, calls, once: frame.once, envFile: frame.envFile };
    await this.#called(call, task.once || action.once, flow);
  }

  async #parallel(block: Parallel, frame: Frame, flow: Flow): Promise<void> {
    const scene = new Scene(this.runtime, frame, flow.variables);
    const turnsOf = (action: Action): ActionTurn[] => {
      const items = action.for === undefined ? [undefined] : itemsOfLoop(action.for, (text) => scene.text(text));
      return items.map((item) => {
        const label = labelOf(action, new Scene(this.runtime, { ...frame, item: item ?? frame.item }, flow.variables));
        const needs = action.needs.map(({ value }) => value);
        return { action, item, id: action.id?.value, needs, label: `${frame.task.name}: ${label}` };
      });
    };
    const turns = block.actions.filter((action) => conditionOf(action) === undefined).flatMap(turnsOf);
    const run = (turn: ActionTurn, own: Flow): Promise<void> =>
      this.#action(turn.action, { ...frame, item: turn.item ?? frame.item }, own);
    let failure: unknown;
    try {
      const passed: BlockOptions<ActionTurn>['passed'] = ({ label }, outcome, reason) =>
        this.runtime.ledger.pass(label, outcome, reason);
      await runBlock({ ...block, turns, flow, run, passed });
    } catch (error) {
      failure = error;
    }
    // What asks for the state of the block runs when that is known.
    const state = stateOf(failure ?? (flow.signal.aborted ? flow.signal.reason : undefined));
    for (const action of block.actions) {
      const condition = conditionOf(action);
      if (condition === undefined || !applies(condition, state)) continue;
      try {
        await this.#turns(action, frame, { ...flow, signal: flow.signal.aborted ? this.runtime.cleanup : flow.signal });
      } catch (error) {
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure as Error;
  }
}

interface ActionTurn extends Turn {
  action: Action;
  item: Item | undefined;
}

type TaskCall = Omit<Frame, 'scope' | 'item'>;

type State = 'good' | 'failed' | 'cancelled';

/** A cancellation because of a failure elsewhere counts as a failure here. */
function stateOf(failure: unknown): State {
  if (failure === undefined) return 'good';
  const root = failure instanceof CancelledError ? failure.because : failure;
  return isInterruption(root) ? 'cancelled' : 'failed';
}

function applies(condition: Condition | undefined, state: State): boolean {
  if (condition === undefined) return state === 'good';
  return condition === 'always' || (condition === 'failure' ? state === 'failed' : state === 'cancelled');
}

/** Places of an action and of those that stand in it. */
function marksOf({ at, work }: Action): Set<Mark> {
  const inner = work.kind === 'parallel' ? work.parallel.actions.map(marksOf) : [];
  return new Set([at, ...inner.flatMap((marks) => [...marks])]);
}

function hasBackground(actions: readonly Action[]): boolean {
  return actions.some(
    ({ background, work }) => background || (work.kind === 'parallel' && hasBackground(work.parallel.actions)),
  );
}
