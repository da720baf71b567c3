// Values of variables before anything runs: defaults, the environment's prefixes, --set.

import { ConfigError, type Problem } from '../../base/errors.ts';
import type { TaskFile, Variable } from '../file/model.ts';
import { lineOf, problemAt } from '../file/source.ts';
import { matches } from './pattern.ts';
import type { Declaration, Value } from './variables.ts';

/** In this order: maru's own prefix counts before that of uds. */
const PREFIXES = ['MARU_', 'UDS_'] as const;

export interface Preset {
  name: string;
  value: string;
  /** Where it comes from. */
  source: string;
}

/** `--set` wins over the environment; names are in upper case, as maru makes them. */
export function presetsOf(
  root: TaskFile,
  set: ReadonlyMap<string, string>,
  env: Readonly<Record<string, string | undefined>>,
): Map<string, Preset> {
  const presets = new Map<string, Preset>();
  for (const { name } of root.variables) {
    for (const prefix of PREFIXES) {
      const value = env[prefix + name];
      if (value === undefined || value === '' || presets.has(name)) continue;
      presets.set(name, { name, value, source: `environment variable ${prefix}${name}` });
    }
  }
  for (const [key, value] of set) {
    const name = key.toUpperCase();
    presets.set(name, { name, value, source: '--set' });
  }
  return presets;
}

/** Collects the variables of all files that a run reaches; of several declarations of a name the first counts. */
export class Declarations {
  readonly #values = new Map<string, Value>();
  readonly #declared = new Map<string, Declaration>();
  readonly #owners = new Map<string, Variable>();
  readonly problems: Problem[] = [];

  constructor(readonly presets: ReadonlyMap<string, Preset>) {
    for (const { name, value, source } of presets.values()) {
      this.#values.set(name, { text: value, source, sensitive: false });
    }
  }

  add(file: TaskFile): void {
    for (const variable of file.variables) this.#add(variable);
  }

  #add(variable: Variable): void {
    const { name, pattern, sensitive } = variable;
    const known = this.#declared.get(name);
    this.#declared.set(name, {
      pattern: known?.pattern ?? pattern?.value,
      sensitive: sensitive || known?.sensitive === true,
    });
    const value = this.#values.get(name);
    if (value !== undefined) this.#values.set(name, { ...value, sensitive: value.sensitive || sensitive });
    else {
      const source = `default (${lineOf(variable.at)})`;
      this.#values.set(name, { text: variable.default ?? '', source, sensitive });
    }
    if (this.#owners.has(name)) return;
    this.#owners.set(name, variable);
    this.#check(variable);
  }

  #check(variable: Variable): void {
    const { pattern, name } = variable;
    const value = this.#values.get(name);
    if (pattern === undefined || value === undefined || this.#asked(variable)) return;
    const verdict = matches(pattern.value, value.text);
    if (verdict === true) return;
    const shown = value.sensitive ? '' : ` "${value.text}"`;
    const message =
      verdict === false
        ? `the value${shown} of variable "${name}" (${value.source}) does not match the pattern "${pattern.value}"`
        : `the pattern of variable "${name}" is no regular expression: ${verdict}`;
    this.problems.push(problemAt(pattern.at, message));
  }

  /** Whether its value comes from the user, who has not been asked yet. */
  #asked({ name, prompt }: Variable): boolean {
    return prompt && !this.presets.has(name);
  }

  /** Variables to ask for. */
  prompted(): Variable[] {
    return [...this.#owners.values()].filter((variable) => this.#asked(variable));
  }

  /** The user's answer. */
  give(name: string, text: string): void {
    const sensitive = this.#values.get(name)?.sensitive ?? false;
    this.#values.set(name, { text, source: 'the answer at the prompt', sensitive });
  }

  get values(): ReadonlyMap<string, Value> {
    return this.#values;
  }

  get declared(): ReadonlyMap<string, Declaration> {
    return this.#declared;
  }

  owner(name: string): Variable | undefined {
    return this.#owners.get(name);
  }

  /** @throws ConfigError for values that do not match their patterns */
  refuse(): void {
    if (this.problems.length > 0) throw new ConfigError(this.problems);
  }
}
