// Reads specs strictly: documents of troubleshoot's kinds as lists of items, with everything that is odd about them.

import { nearest } from '../../base/suggest.ts';
import type { Item, Place } from '../types.ts';
import { type Problem, type SpecText, type YamlDocument, readDocuments } from './document.ts';
import {
  type ItemList,
  analyzerMeta,
  clusterAnalyzers,
  clusterCollectors,
  collectorMeta,
  documents as kinds,
  hostAnalyzers,
  hostCollectors,
  redactor,
} from './keys.ts';
import { type Mismatch, type Schema, keySchema, mismatches } from './schema.ts';

export type { Problem, SpecText } from './document.ts';

/** A document of one of the kinds, its items in order. */
export interface SpecDocument {
  kind: string;
  /** metadata.name; empty where it has none. */
  name: string;
  place: Place;
  lists: Readonly<Record<ItemList, readonly Item[]>>;
  /** The keys of its `spec` that are no lists of items. */
  keys: Readonly<Record<string, unknown>>;
}

const apiVersions = ['troubleshoot.sh/v1beta2', 'troubleshoot.replicated.com/v1beta1', 'troubleshoot.sh/v1beta3'];
const groups = /^troubleshoot\.(sh|replicated\.com)\//;

/** Documents of other kinds are passed over. */
export function parseSpec(source: SpecText): { documents: SpecDocument[]; problems: Problem[] } {
  const { documents, problems } = readDocuments(source);
  const specs: SpecDocument[] = [];
  for (const document of documents) {
    const { apiVersion, kind } = document.value;
    if (typeof apiVersion !== 'string' || !groups.test(apiVersion)) continue;
    const reader = new DocumentReader(document, apiVersion.endsWith('v1beta3'));
    if (!apiVersions.includes(apiVersion)) {
      const message = `apiVersion "${apiVersion}" is not known${meant(apiVersion, apiVersions)}`;
      problems.push({ place: document.placeOf(['apiVersion']), message, severity: 'warning' });
    }
    if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind)) {
      const message = `kind "${String(kind)}" is not known${meant(String(kind), Object.keys(kinds))}`;
      problems.push({ place: document.placeOf(['kind']), message, severity: 'warning' });
      continue;
    }
    specs.push(reader.read(kind));
    problems.push(...reader.problems);
  }
  return { documents: specs, problems };
}

/** `; did you mean "x"?`, or nothing. */
function meant(name: string, known: Iterable<string>): string {
  const guess = nearest(name, known);
  return guess === undefined ? '' : `; did you mean "${guess}"?`;
}

const vocabulary: Readonly<Record<Exclude<ItemList, 'redactors'>, ReadonlyMap<string, Schema>>> = {
  cluster: schemas(clusterCollectors, collectorMeta),
  host: schemas(hostCollectors, collectorMeta),
  remote: schemas(hostCollectors, collectorMeta),
  clusterChecks: schemas(clusterAnalyzers, analyzerMeta),
  hostChecks: schemas(hostAnalyzers, analyzerMeta),
};

const redactorSchema = keySchema(redactor);

function schemas(table: Readonly<Record<string, string>>, meta: string): Map<string, Schema> {
  return new Map(Object.entries(table).map(([kind, notation]) => [kind, keySchema(notation, meta)]));
}

const NOUNS: Readonly<Record<ItemList, string>> = {
  cluster: 'collector',
  host: 'host collector',
  remote: 'host collector',
  clusterChecks: 'analyzer',
  hostChecks: 'host analyzer',
  redactors: 'redactor',
};

class DocumentReader {
  readonly problems: Problem[] = [];

  constructor(
    readonly document: YamlDocument,
    readonly referenced: boolean,
  ) {}

  read(kind: string): SpecDocument {
    const { lists, keys } = kinds[kind] ?? { lists: {}, keys: '' };
    const { value, place } = this.document;
    const result: Record<ItemList, Item[]> = {
      cluster: [],
      host: [],
      remote: [],
      clusterChecks: [],
      hostChecks: [],
      redactors: [],
    };
    const spec = value['spec'] ?? {};
    // Some keys mean something to JavaScript, like __proto__.
    const others = Object.create(null) as Record<string, unknown>;
    if (typeof spec !== 'object' || Array.isArray(spec)) this.#problem(['spec'], 'is no mapping', 'error');
    else {
      for (const [key, below] of Object.entries(spec)) {
        const list = Object.hasOwn(lists, key) ? lists[key] : undefined;
        if (list) result[list].push(...this.#items(['spec', key], below, list));
        else others[key] = below;
      }
      const known = keySchema(keys, Object.keys(lists).join(' '));
      for (const mismatch of mismatches(others, known)) {
        this.#mismatch(['spec', ...mismatch.path], mismatch, (key) =>
          kind === 'SupportBundle' ? ofBundle(key) : ofPreflight(kind, key),
        );
      }
    }
    for (const key of Object.keys(value)) {
      if (!['apiVersion', 'kind', 'metadata', 'spec', 'status'].includes(key))
        this.#problem([key], `unknown key "${key}"${meant(key, ['metadata', 'spec'])}`, 'warning');
    }
    const metadata = value['metadata'] as { name?: unknown } | null | undefined;
    const name = typeof metadata?.name === 'string' ? metadata.name : '';
    return { kind, name, place, lists: result, keys: others };
  }

  #items(path: readonly (string | number)[], value: unknown, list: ItemList): Item[] {
    if (value === null || value === undefined) return [];
    if (!Array.isArray(value)) {
      this.#problem(path, 'is no list', 'error');
      return [];
    }
    return value.flatMap((entry: unknown, i) => this.#entry([...path, i], entry, list));
  }

  #entry(path: readonly (string | number)[], entry: unknown, list: ItemList): Item[] {
    // A template that renders to nothing leaves an empty entry.
    if (entry === null) return [];
    if (typeof entry !== 'object' || Array.isArray(entry)) {
      this.#problem(path, `a ${NOUNS[list]} is a mapping`, 'error');
      return [];
    }
    if (list === 'redactors') {
      for (const mismatch of mismatches(entry, redactorSchema)) this.#mismatch([...path, ...mismatch.path], mismatch);
      return [this.#item(path, 'redactor', entry as Record<string, unknown>, false)];
    }
    // Words for people, which stand beside the kind in v1beta3.
    const pairs = Object.entries(entry as Record<string, unknown>).filter(([key]) => key !== 'docString');
    if (pairs.length === 0) this.#problem(path, `an empty ${NOUNS[list]}`, 'warning');
    const table = vocabulary[list];
    const host = list !== 'cluster' && list !== 'clusterChecks';
    return pairs.flatMap(([kind, spec]): Item[] => {
      const at = [...path, kind];
      const schema = table.get(kind);
      if (!schema) {
        this.#problem(
          at,
          `unknown ${NOUNS[list]} "${kind}"${elsewhere(kind, list) ?? hintFor(kind, table, pairs)}`,
          'warning',
        );
        const known = typeof spec === 'object' && spec !== null && !Array.isArray(spec);
        return known ? [this.#item(at, kind, spec as Record<string, unknown>, host)] : [];
      }
      const found = mismatches(spec ?? {}, this.referenced ? loosened(schema) : schema);
      for (const mismatch of found) this.#mismatch([...at, ...mismatch.path], mismatch);
      if (found.some((one) => one.kind === 'type')) return [];
      return [this.#item(at, kind, (spec ?? {}) as Record<string, unknown>, host)];
    });
  }

  #item(path: readonly (string | number)[], kind: string, spec: Record<string, unknown>, host: boolean): Item {
    const { placeOf } = this.document;
    return { kind, host, spec, place: placeOf(path), placeOf: (below) => placeOf([...path, ...below]) };
  }

  #mismatch(
    path: readonly (string | number)[],
    { kind, expected }: Pick<Mismatch, 'kind' | 'expected'>,
    special?: (key: string) => string | undefined,
  ): void {
    const last = String(path.at(-1));
    if (kind === 'type') this.#problem(path, `"${last}" must be ${expected.join('')}`, 'error');
    else if (kind === 'word') {
      if (this.document.isPlain(path))
        this.#problem(path, `"${last}" is a boolean to troubleshoot, which then refuses the spec: quote it`, 'warning');
    } else if (kind === 'template')
      this.#problem(path, `"${last}" is a template that has not been rendered: it counts as false`, 'warning');
    else this.#problem(path, special?.(last) ?? `unknown key "${last}"${meant(last, expected)}`, 'warning');
  }

  #problem(path: readonly (string | number)[], message: string, severity: Problem['severity']): void {
    this.problems.push({ place: this.document.placeOf(path), message, severity });
  }
}

/** Host checks of a Preflight are often written, and are none. */
function ofPreflight(kind: string, key: string): string | undefined {
  return kind === 'Preflight' && /^host(Collectors|Analyzers)$/.test(key)
    ? `a Preflight takes no "${key}": they stand in a HostPreflight`
    : undefined;
}

/** `spec.redactors` of a SupportBundle is often written, and does nothing. */
function ofBundle(key: string): string | undefined {
  return key === 'redactors'
    ? 'a SupportBundle takes no "redactors": they stand in a document of kind Redactor'
    : undefined;
}

/** The lists of the other place, whose kinds have names of their own. */
const COUNTERPARTS = {
  cluster: { list: 'host', words: 'it is a host collector' },
  host: { list: 'cluster', words: 'it is a collector of the cluster' },
  remote: { list: 'cluster', words: 'it is a collector of the cluster' },
  clusterChecks: { list: 'hostChecks', words: 'it is a host analyzer' },
  hostChecks: { list: 'clusterChecks', words: 'it is an analyzer of the cluster' },
} as const;

/** Of a kind that is one of the machine in a list of the cluster, or the other way round. */
function elsewhere(kind: string, list: keyof typeof COUNTERPARTS): string | undefined {
  const other = COUNTERPARTS[list];
  return vocabulary[other.list].has(kind) ? `; ${other.words}` : undefined;
}

/** Of a kind that is not known: a key of its sibling, or what was probably meant. */
function hintFor(
  kind: string,
  table: ReadonlyMap<string, Schema>,
  pairs: readonly (readonly [string, unknown])[],
): string {
  const sibling = pairs.map(([key]) => ({ key, schema: table.get(key) })).find(({ schema }) => schema !== undefined);
  if (sibling?.schema?.type === 'keys' && sibling.schema.keys.has(kind)) return `; it belongs below "${sibling.key}"`;
  return meant(kind, table.keys());
}

/** In v1beta3 an address is a value or a reference to one. */
function loosened(schema: Schema): Schema {
  if (schema.type !== 'keys') return schema;
  const any: Schema = { type: 'any' };
  return {
    type: 'keys',
    keys: new Map([...schema.keys].map(([key, below]) => [key, key === 'uri' || key === 'tls' ? any : below])),
  };
}
