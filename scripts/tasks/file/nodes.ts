// Reads typed values out of YAML nodes and notes everything that is wrong with them, with its place.

import { type Document, type Node, isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Problem } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import { parseDuration } from '../../settings/units.ts';
import { type ObjectName, keys } from './keys.ts';
import { type Mark, type Source, type Text, problemAt } from './source.ts';

/** What the reader notes on its way. */
export class Findings {
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];

  problem(at: Mark, message: string): void {
    this.problems.push(problemAt(at, message));
  }

  warn(at: Mark, message: string): void {
    this.warnings.push(problemAt(at, message));
  }
}

/** The document that nodes belong to. */
export interface Origin {
  document: Document;
  source: Source;
}

export function markOf(node: unknown, origin: Origin, fallback: Mark): Mark {
  const range = (node as Node | null)?.range;
  return range ? { source: origin.source, offset: range[0] } : fallback;
}

/** A node with aliases followed. */
export function resolved(node: unknown, origin: Origin): unknown {
  return isAlias(node) ? node.resolve(origin.document) : node;
}

/** The pairs of a mapping with merged ones (`<<`) below its own; undefined where the node is no mapping. */
export function pairsOf(
  node: unknown,
  origin: Origin,
  depth = 0,
): Map<string, { key: Mark; value: unknown }> | undefined {
  const map = resolved(node, origin);
  if (!isMap(map) || depth > 20) return undefined;
  const pairs = new Map<string, { key: Mark; value: unknown }>();
  const here = markOf(map, origin, { source: origin.source, offset: 0 });
  for (const { key, value } of map.items) {
    const name = isScalar(key) ? String(key.source ?? key.value) : '';
    if (name === '<<') {
      const merged = resolved(value, origin);
      for (const one of isSeq(merged) ? merged.items : [merged]) {
        for (const [inner, pair] of pairsOf(one, origin, depth + 1) ?? []) {
          if (!pairs.has(inner)) pairs.set(inner, pair);
        }
      }
    } else pairs.set(name, { key: markOf(key, origin, here), value });
  }
  return pairs;
}

/** The items of a list, empty for none; undefined where the node is something else. */
export function itemsOf(node: unknown, origin: Origin): unknown[] | undefined {
  const list = resolved(node, origin);
  if (list === null || list === undefined || (isScalar(list) && list.value === null)) return [];
  return isSeq(list) ? list.items : undefined;
}

/** A scalar as it was written: `1.10` stays `1.10`. Undefined where the node is no scalar. */
export function textOf(node: unknown, origin: Origin, fallback: Mark): Text | undefined {
  const scalar = resolved(node, origin);
  if (scalar === null || scalar === undefined) return { value: '', at: fallback };
  if (!isScalar(scalar)) return undefined;
  const { value } = scalar;
  const text = typeof value === 'string' ? value : value === null ? '' : (scalar.source ?? JSON.stringify(value));
  return { value: text, at: markOf(scalar, origin, fallback) };
}

/** One mapping of a known kind, read key by key. */
export class Reading {
  readonly #pairs: Map<string, { key: Mark; value: unknown }>;
  /** Its first key, or itself. */
  readonly at: Mark;
  readonly origin: Origin;
  readonly findings: Findings;

  constructor(
    node: unknown,
    readonly name: ObjectName,
    { origin, findings, around }: { origin: Origin; findings: Findings; around: Mark },
  ) {
    this.origin = origin;
    this.findings = findings;
    const pairs = pairsOf(node, origin);
    const itself = markOf(resolved(node, origin), origin, around);
    if (pairs === undefined) findings.problem(itself, `must be a mapping with ${listed(Object.keys(keys[name]))}`);
    this.#pairs = pairs ?? new Map<string, { key: Mark; value: unknown }>();
    this.at = [...this.#pairs.values()][0]?.key ?? itself;
    this.#checkKeys();
  }

  #checkKeys(): void {
    const known = keys[this.name];
    for (const [name, { key }] of this.#pairs) {
      if (Object.hasOwn(known, name) || name.startsWith('x-')) continue;
      const guess = nearest(name, Object.keys(known));
      const hint = guess === undefined ? '' : `; did you mean "${guess}"?`;
      const message = `unknown key "${name}" in ${article(this.name)}${hint}`;
      // What looks like a new key must not be passed over: its meaning would silently be lost.
      if (guess !== undefined && known[guess]?.ours && guess.length - 1 <= name.length)
        this.findings.problem(key, message);
      else this.findings.warn(key, `${message}${hint === '' ? '; it' : ' It'} has no effect`);
    }
    for (const [name, { required }] of Object.entries(known)) {
      if (required && !this.#pairs.has(name) && this.name !== 'file') {
        this.findings.problem(this.at, `${article(this.name)} needs the key "${name}"`);
      }
    }
  }

  has(key: string): boolean {
    return this.#pairs.has(key);
  }

  node(key: string): unknown {
    return this.#pairs.get(key)?.value;
  }

  /** Place of a key, or of the whole where it is not given. */
  mark(key: string): Mark {
    return this.#pairs.get(key)?.key ?? this.at;
  }

  text(key: string): Text | undefined {
    const pair = this.#pairs.get(key);
    if (pair === undefined) return undefined;
    const text = textOf(pair.value, this.origin, pair.key);
    if (text === undefined) this.findings.problem(pair.key, `"${key}" must be a text`);
    return text;
  }

  /** A text that has content. */
  filled(key: string): Text | undefined {
    const text = this.text(key);
    return text?.value === '' ? undefined : text;
  }

  flag(key: string): boolean {
    const text = this.text(key);
    if (text === undefined || text.value === '') return false;
    if (/^(true|True|TRUE)$/.test(text.value)) return true;
    if (!/^(false|False|FALSE)$/.test(text.value)) {
      this.findings.problem(text.at, `"${key}" must be true or false, not "${text.value}"`);
    }
    return false;
  }

  count(key: string, least = 0): number | undefined {
    const text = this.filled(key);
    if (text === undefined) return undefined;
    const number = Number(text.value);
    if (Number.isSafeInteger(number) && number >= least) return number;
    this.findings.problem(text.at, `"${key}" must be a whole number of at least ${least}, not "${text.value}"`);
    return undefined;
  }

  /** A duration in ms: `90s`, `1m30s`; a bare number is seconds. */
  duration(key: string): number | undefined {
    const text = this.filled(key);
    if (text === undefined) return undefined;
    const ms = /^\d+(\.\d+)?$/.test(text.value) ? Number(text.value) * 1000 : parseDuration(text.value);
    if (ms !== undefined && ms > 0 && ms <= 2 ** 31 - 1) return ms;
    this.findings.problem(text.at, `"${key}" must be a duration like "90s" or "1m30s", not "${text.value}"`);
    return undefined;
  }

  /** A list of texts; one text alone counts as a list of one. */
  texts(key: string): Text[] {
    const pair = this.#pairs.get(key);
    if (pair === undefined) return [];
    const alone = textOf(pair.value, this.origin, pair.key);
    if (alone !== undefined) return alone.value === '' ? [] : [alone];
    const items = itemsOf(pair.value, this.origin);
    if (items === undefined) {
      this.findings.problem(pair.key, `"${key}" must be a list`);
      return [];
    }
    return items.flatMap((item) => {
      const text = textOf(item, this.origin, pair.key);
      if (text === undefined)
        this.findings.problem(markOf(item, this.origin, pair.key), `an item of "${key}" must be a text`);
      return text ?? [];
    });
  }

  items(key: string): { node: unknown; at: Mark }[] {
    const pair = this.#pairs.get(key);
    if (pair === undefined) return [];
    const items = itemsOf(pair.value, this.origin);
    if (items === undefined) this.findings.problem(pair.key, `"${key}" must be a list`);
    return (items ?? []).map((node) => ({ node, at: markOf(node, this.origin, pair.key) }));
  }

  /** A mapping of names to anything. */
  entries(key: string): [name: string, pair: { key: Mark; value: unknown }][] {
    const pair = this.#pairs.get(key);
    if (pair === undefined) return [];
    const value = resolved(pair.value, this.origin);
    if (value === null || value === undefined || (isScalar(value) && value.value === null)) return [];
    const pairs = pairsOf(value, this.origin);
    if (pairs === undefined) this.findings.problem(pair.key, `"${key}" must be a mapping`);
    return [...(pairs ?? [])];
  }

  /** A mapping of names to texts. */
  map(key: string): Map<string, Text> {
    const map = new Map<string, Text>();
    for (const [name, { key: at, value }] of this.entries(key)) {
      const text = textOf(value, this.origin, at);
      if (text === undefined) this.findings.problem(at, `"${name}" in "${key}" must be a text`);
      else map.set(name, text);
    }
    return map;
  }

  /** The mapping below a key, as one of a known kind. */
  below(key: string, name: ObjectName): Reading | undefined {
    const pair = this.#pairs.get(key);
    if (pair === undefined) return undefined;
    return new Reading(pair.value, name, { origin: this.origin, findings: this.findings, around: pair.key });
  }
}

function listed(names: readonly string[]): string {
  return names.length < 3 ? names.join(' and ') : `${names.slice(0, 3).join(', ')}, …`;
}

function article(name: ObjectName): string {
  const words: Partial<Record<ObjectName, string>> = {
    file: 'a task file',
    input: 'an input',
    action: 'an action',
    setVariable: 'an item of setVariables',
    waitCluster: 'wait.cluster',
    waitNetwork: 'wait.network',
    parallelBlock: 'parallel',
    apply: 'apply',
    ready: 'ready',
    retry: 'retry',
    wait: 'wait',
    shell: 'shell',
  };
  return words[name] ?? `a ${name}`;
}
