// The variables of a run: branches work on snapshots of their own, and what they wrote is joined afterwards.

import type { Mark } from '../file/source.ts';

export interface Value {
  text: string;
  /** For --explain: `default (tasks.yaml:3)`, `MARU_NAME`, `--set`. */
  source: string;
  sensitive: boolean;
  /** Where an action set it. */
  setAt?: Mark | undefined;
  /** Several values that branches wrote at the same time: no one of them is the value. */
  conflict?: readonly Value[] | undefined;
}

/** What is declared of a name, over all files that were loaded. */
export interface Declaration {
  pattern?: string | undefined;
  sensitive: boolean;
}

export class Variables {
  readonly #values: Map<string, Value>;
  readonly #written = new Map<string, Value>();

  constructor(values: Iterable<readonly [string, Value]> = []) {
    this.#values = new Map(values);
  }

  get(name: string): Value | undefined {
    return this.#values.get(name);
  }

  names(): IterableIterator<string> {
    return this.#values.keys();
  }

  entries(): IterableIterator<[string, Value]> {
    return this.#values.entries();
  }

  /** What was set since this snapshot was made. */
  get written(): ReadonlyMap<string, Value> {
    return this.#written;
  }

  set(name: string, value: Value): void {
    this.#values.set(name, value);
    this.#written.set(name, value);
  }

  /** A snapshot whose changes stay its own. */
  branch(): Variables {
    return new Variables(this.#values);
  }

  /** Takes over what branches wrote. */
  join(branches: readonly Branch[]): void {
    for (const [name, value] of merged(branches)) this.set(name, value);
  }
}

export interface Branch {
  written: ReadonlyMap<string, Value>;
  /** Branches that had ended before this one started, by their place in the list; with theirs in turn. */
  after: ReadonlySet<number>;
}

/** For each name the value of its last writer; a conflict where no order decides which of different ones that is. */
export function merged(branches: readonly Branch[]): Map<string, Value> {
  const result = new Map<string, Value>();
  const names = new Set(branches.flatMap(({ written }) => [...written.keys()]));
  for (const name of names) {
    const writers = branches.flatMap(({ written }, at) => (written.has(name) ? [at] : []));
    const last = writers.filter((at) => !writers.some((other) => branches[other]?.after.has(at)));
    const values = last.flatMap((at) => branches[at]?.written.get(name) ?? []);
    const [first] = values;
    if (first === undefined) continue;
    const differ = values.some(({ text, conflict }) => text !== first.text || conflict !== undefined);
    const sensitive = values.some((value) => value.sensitive);
    if (!differ || values.length === 1) result.set(name, { ...first, sensitive });
    else result.set(name, { ...first, sensitive, conflict: values.flatMap((value) => value.conflict ?? [value]) });
  }
  return result;
}
