// Checks everything that the asked-for tasks reach before anything runs, and gathers all that is wrong at once.

import { ConfigError, type Problem } from '../../base/errors.ts';
import { TemplateError } from '../../base/go-template/template-errors.ts';
import type { Action, Task } from '../file/model.ts';
import { type Mark, type Text, lineOf, markWithin, problemAt } from '../file/source.ts';
import { type Program, ReferenceError } from '../includes/program.ts';
import { referencesOf } from '../templates/references.ts';
import { isTemplate } from '../templates/template.ts';
import { nearest } from '../../base/suggest.ts';
import { missingInputs } from '../variables/inputs.ts';
import type { Declarations } from '../variables/presets.ts';
import { textsOf } from './texts.ts';

export interface CheckOptions {
  program: Program;
  declarations: Declarations;
  /** Inputs that the command line gives. */
  given: ReadonlyMap<string, string>;
  /** Checks all tasks of the root file and all that these reach, and makes every warning a problem. */
  strict?: boolean | undefined;
}

export interface Checked {
  tasks: Task[];
  warnings: Problem[];
  /** All tasks that are reached, with the calls that lead from each. */
  reached: ReadonlyMap<Task, readonly Edge[]>;
  /** Places where variables are set, by name. */
  setters: ReadonlyMap<string, readonly Text[]>;
}

/** @throws ConfigError with all problems of what is reached */
export async function checkPlan(names: readonly Text[], options: CheckOptions): Promise<Checked> {
  const checker = new Checker(options);
  const tasks: Task[] = [];
  for (const name of names) {
    const task = await checker.resolve(name, options.program.root);
    if (task === undefined) continue;
    tasks.push(task);
    await checker.call(task, [...options.given.keys()], name);
  }
  if (options.strict) await checker.everything();
  await checker.finish();
  return { tasks, warnings: byPlace(checker.warnings), reached: checker.edges, setters: checker.setters };
}

/** A way from one task to another, and whether an `if` stands on it. */
export interface Edge {
  to: Task;
  free: boolean;
  at: Mark;
}

class Checker {
  readonly warnings: Problem[] = [];
  readonly #problems = new Map<string, Problem>();
  /** Task → sets of given input names that it was checked with. */
  readonly #seen = new Map<Task, Set<string>>();
  readonly edges = new Map<Task, Edge[]>();
  /** Names that some reached action sets. */
  readonly setters = new Map<string, Text[]>();
  readonly #templates: { text: Text; task: Task; given: readonly string[] }[] = [];

  constructor(readonly options: CheckOptions) {}

  #add(problems: readonly Problem[]): void {
    for (const problem of problems) this.#problems.set(`${problem.where} ${problem.message}`, problem);
  }

  async resolve(reference: Text, file: Task['file']): Promise<Task | undefined> {
    try {
      return await this.options.program.find(reference, file);
    } catch (error) {
      if (!(error instanceof ReferenceError)) throw error;
      this.#add(error.problems);
      return undefined;
    }
  }

  async call(task: Task, given: readonly string[], at: Text): Promise<void> {
    const missing = missingInputs(task, (name) => given.includes(name));
    if (missing.length > 0) {
      this.#add([problemAt(at.at, `task ${task.name} is missing required inputs: ${missing.join(', ')}`)]);
    }
    const key = [...given].sort().join('\0');
    const seen = this.#seen.get(task);
    if (seen?.has(key)) return;
    if (seen === undefined) {
      this.#seen.set(task, new Set([key]));
      this.options.declarations.add(task.file);
      this.#add(task.problems);
      this.edges.set(task, []);
    } else seen.add(key);
    for (const text of [...task.sources, ...task.generates]) {
      if (isTemplate(text.value)) this.#templates.push({ text, task, given });
    }
    await this.#actions([...task.actions, ...task.finally], task, given, true);
  }

  async #actions(actions: readonly Action[], task: Task, given: readonly string[], free: boolean): Promise<void> {
    for (const action of actions) {
      for (const text of textsOf(action)) if (isTemplate(text.value)) this.#templates.push({ text, task, given });
      for (const { name } of action.setVariables) {
        this.setters.set(name.value, [...(this.setters.get(name.value) ?? []), name]);
      }
      const freely = free && action.if === undefined && action.for === undefined;
      const { work } = action;
      if (work.kind === 'parallel') await this.#actions(work.parallel.actions, task, given, freely);
      if (work.kind !== 'task' || isTemplate(work.task.value)) continue;
      const called = await this.resolve(work.task, task.file);
      if (called === undefined) continue;
      this.edges.get(task)?.push({ to: called, free: freely, at: work.task.at });
      await this.call(called, [...work.with.keys()], work.task);
    }
  }

  /** All tasks of the root file, also those that were not asked for, and all files that it includes. */
  async everything(): Promise<void> {
    const { program } = this.options;
    for (const task of program.root.tasks.values()) {
      const given = [...task.inputs.values()].filter(({ required }) => required).map(({ name }) => name);
      await this.call(task, given, { value: task.name, at: task.at });
    }
    for (const include of program.root.includes) {
      try {
        await program.load(include, program.root);
      } catch (error) {
        if (!(error instanceof ReferenceError)) throw error;
        this.#add(error.problems);
      }
    }
  }

  /** What is loaded, but not reached, is worth a warning where it is wrong. */
  async #unreached(): Promise<void> {
    for (const file of await this.options.program.loaded()) {
      this.warnings.push(...file.warnings);
      for (const task of file.tasks.values()) if (!this.#seen.has(task)) this.warnings.push(...task.problems);
    }
  }

  /** @throws ConfigError where there are problems */
  async finish(): Promise<void> {
    await this.#unreached();
    this.options.declarations.refuse();
    for (const { text, task, given } of this.#templates) this.#template(text, task, given);
    this.#cycles();
    if (this.options.strict) this.#add(this.warnings.splice(0));
    if (this.#problems.size > 0) throw new ConfigError(byPlace([...this.#problems.values()]));
  }

  /** Names in templates that nothing gives, and templates that are none. */
  #template(text: Text, task: Task, given: readonly string[]): void {
    const { values } = this.options.declarations;
    try {
      for (const { root, name, offset, strict } of referencesOf(text.value)) {
        if (root === 'item') continue;
        const known =
          root === 'inputs' ? [...task.inputs.keys(), ...given] : [...values.keys(), ...this.setters.keys()];
        if (known.includes(name) || (!strict && root === 'variables')) continue;
        const guess = nearest(name, known);
        const hint = guess === undefined ? '' : `; did you mean "${guess}"?`;
        const what =
          root === 'inputs' ? `task "${task.name}" has no input "${name}"` : `there is no variable "${name}"`;
        const problem = problemAt(markWithin(text, offset, `.${root}`), `${what}${hint}`);
        if (strict) this.#add([problemAt(markWithin(text, offset, `.${root}.${name}`), problem.message)]);
        else this.warnings.push(problem);
      }
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      this.#add([problemAt(markWithin(text, error.offset, error.part), error.message)]);
    }
  }

  /** Tasks that call each other without an `if` on the way would never end. */
  #cycles(): void {
    const state = new Map<Task, 'open' | 'closed'>();
    const visit = (root: Task): void => {
      const path: { task: Task; edges: Edge[]; next: number }[] = [
        { task: root, edges: this.edges.get(root) ?? [], next: 0 },
      ];
      state.set(root, 'open');
      for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
        const edge = top.edges[top.next++];
        if (edge === undefined) {
          state.set(top.task, 'closed');
          path.pop();
        } else if (edge.free && state.get(edge.to) === 'open') {
          const from = path.findIndex(({ task }) => task === edge.to);
          const way = [...path.slice(from).map(({ task }) => task), edge.to];
          const names = way.map((task) => `${task.name} (${lineOf(task.at)})`).join(' → ');
          this.#add([problemAt(edge.at, `tasks call each other without an "if" on the way, for ever: ${names}`)]);
        } else if (edge.free && !state.has(edge.to)) {
          state.set(edge.to, 'open');
          path.push({ task: edge.to, edges: this.edges.get(edge.to) ?? [], next: 0 });
        }
      }
    };
    for (const task of this.edges.keys()) if (!state.has(task)) visit(task);
  }
}

/** In the order in which they stand in their files. */
function byPlace(problems: Problem[]): Problem[] {
  const key = ({ where }: Problem): [string, number, number] => {
    const [, file = where, line = '0', column = '0'] = /^(.*):(\d+):(\d+)$/.exec(where) ?? [];
    return [file, Number(line), Number(column)];
  };
  return problems.sort((a, b) => {
    const [fileA, lineA, columnA] = key(a);
    const [fileB, lineB, columnB] = key(b);
    return fileA.localeCompare(fileB) || lineA - lineB || columnA - columnB;
  });
}
