// Turns the texts of an action into what they mean at this moment: templates, `${NAME}`, the environment.

import { ConfigError } from '../../base/errors.ts';
import { TemplateError } from '../../base/go-template/template-errors.ts';
import type { Action } from '../file/model.ts';
import { type Text, markWithin, problemAt, whereOf } from '../file/source.ts';
import { expand } from '../templates/expand.ts';
import { type TemplateValue, isTemplate, render } from '../templates/template.ts';
import { inputEnvironment, inputValues } from '../variables/inputs.ts';
import type { Value, Variables } from '../variables/variables.ts';
import { itemLabel } from './kinds/loop.ts';
import type { Frame, Runtime } from './runtime.ts';

/** The world that the texts of one action are read in. */
export class Scene {
  #data: ReadonlyMap<string, TemplateValue> | undefined;

  constructor(
    readonly runtime: Runtime,
    readonly frame: Frame,
    readonly variables: Variables,
  ) {}

  /** A text with its `${{ … }}` evaluated. @throws ConfigError with the place of what is wrong in it */
  template(text: Text): string {
    if (!isTemplate(text.value)) return text.value;
    this.#refuseConflicts(text, /\.variables\s*\.\s*(\w+)|"(\w+)"/g);
    try {
      return render(text.value, (this.#data ??= this.#templateData()));
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      throw new ConfigError([templateProblem(text, error)]);
    }
  }

  /** A text with templates evaluated and each known `${NAME}` replaced. */
  text(text: Text): string {
    const templated = this.template(text);
    this.#refuseConflicts({ ...text, value: templated }, /\$\{(\w+)\}/g);
    return expand(templated, (name) => this.lookup(name));
  }

  /** A command: the shell replaces `$NAME` itself, from the environment. */
  command(text: Text): string {
    const templated = this.template(text);
    this.#refuseConflicts({ ...text, value: templated }, /\$\{?(\w+)/g);
    return templated;
  }

  /** An error about one of the texts. */
  problem(text: Text, message: string): ConfigError {
    return new ConfigError([problemAt(text.at, message)]);
  }

  lookup(name: string): string | undefined {
    return this.runtime.extraEnv[name] ?? this.variables.get(name)?.text;
  }

  #templateData(): ReadonlyMap<string, TemplateValue> {
    const variables = new Map([...this.variables.entries()].map(([name, { text }]) => [name, text]));
    return new Map<string, TemplateValue>([
      ['inputs', inputValues(this.frame.task, this.frame.given)],
      ['variables', variables],
      ...(this.frame.item === undefined ? [] : [['item', this.frame.item] as const]),
    ]);
  }

  /** Of several values that parallel branches wrote, none may be read. */
  #refuseConflicts(text: Text, names: RegExp): void {
    for (const match of text.value.matchAll(names)) {
      const name = match[1] ?? match[2] ?? '';
      const value = this.variables.get(name);
      if (value?.conflict === undefined) continue;
      throw new ConfigError([problemAt(markWithin(text, match.index, match[0]), conflictMessage(name, value))], {
        hint: 'Order the branches with `needs`, or set the variable in one of them only.',
      });
    }
  }

  /** The whole environment of a command; `own` are the action's entries. */
  environment(own: readonly Text[]): Record<string, string> {
    const { runtime, frame, variables } = this;
    const entries = new Map<string, string>();
    const inputs = inputEnvironment(frame.task, frame.given);
    const add = (map: Iterable<readonly [string, string]>): void => {
      for (const [name, value] of map) entries.set(name, value);
    };
    add(inputs);
    for (const text of own) {
      const [name = '', ...value] = this.template(text).split('=');
      if (value.length > 0) entries.set(name, value.join('='));
    }
    // maru lets what a caller gives win over the action's own entries, but not what the command line gives.
    if (frame.called)
      add([...inputs].filter(([name]) => [...frame.given.keys()].some((key) => inputName(key) === name)));
    add(itemEnvironment(frame.item));
    add(frame.envFile);
    for (const [name, value] of variables.entries()) {
      if (value.conflict === undefined && !this.#hides(name, value)) entries.set(name, value.text);
    }
    const env: Record<string, string> = { ...runtime.env };
    for (const [name, value] of entries) env[name] = expand(value, (one) => this.lookup(one));
    return Object.assign(env, runtime.extraEnv);
  }

  /** A variable that nothing has set does not hide the user's own one of that name. */
  #hides(name: string, value: Value): boolean {
    return value.text === '' && value.source.startsWith('default') && (this.runtime.env[name] ?? '') !== '';
  }
}

function inputName(key: string): string {
  return `INPUT_${key.replace(/[^a-zA-Z0-9]+/g, '_').toUpperCase()}`;
}

function itemEnvironment(item: Frame['item']): [string, string][] {
  if (item === undefined) return [];
  if (typeof item === 'string') return [['ITEM', item]];
  return [...item].map(([name, value]) => [`ITEM_${name.replace(/[^a-zA-Z0-9]+/g, '_').toUpperCase()}`, value]);
}

function conflictMessage(name: string, { conflict = [], sensitive }: Value): string {
  const values = conflict.map(({ text, setAt }) => {
    const where = setAt === undefined ? '' : ` at ${whereOf(setAt)}`;
    return sensitive ? `a value${where}` : `"${text}"${where}`;
  });
  return `variable "${name}" was set to different values by actions that ran in parallel: ${values.join(', ')}`;
}

/** The place and the words of what is wrong in a template. */
function templateProblem(text: Text, error: TemplateError): ReturnType<typeof problemAt> {
  return problemAt(markWithin(text, error.offset, error.part), error.message);
}

/** What an action is called: its description, or the start of what it does; with the item of its loop. */
export function labelOf(action: Action, scene: Scene): string {
  const label = bareLabel(action, scene);
  const item = action.for === undefined || scene.frame.item === undefined ? '' : itemLabel(scene.frame.item);
  return item === '' || label.includes(item) ? label : `${label} [${item}]`;
}

function bareLabel(action: Action, scene: Scene): string {
  const text = action.description === undefined ? undefined : scene.template(action.description);
  if (text !== undefined && text.trim() !== '') return firstLine(text);
  const { work } = action;
  switch (work.kind) {
    case 'cmd':
      return firstLine(scene.template(work.cmd));
    case 'task':
      return scene.template(work.task);
    case 'wait': {
      const { cluster, network } = work.wait;
      if (cluster) return firstLine(`wait for ${scene.text(cluster.kind)} ${scene.text(cluster.name)}`);
      return firstLine(`wait for ${network ? scene.text(network.address) : 'nothing'}`);
    }
    case 'apply':
      return firstLine(`apply ${work.apply.files.map(({ value }) => value).join(' ')}`);
    case 'parallel':
      return 'parallel';
    case 'nothing':
      return 'nothing';
  }
}

const LABEL = 60;

function firstLine(text: string): string {
  const line = text.trim().split('\n')[0]?.trim() ?? '';
  return line.length > LABEL ? `${line.slice(0, LABEL - 1)}…` : line;
}
