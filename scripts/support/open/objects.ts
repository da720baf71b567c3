// The objects of a bundle as an API server keeps them, from the files that hoist and troubleshoot write.

import { parse as parseYaml } from 'yaml';
import type { KubeObject } from '../../kube/object.ts';
import type { FileStore } from '../bundle/store.ts';
import { Definitions } from './definitions.ts';
import { keyedObjects } from './keyed-files.ts';
import { type StoredKind, builtIn, kindOfFile, known } from './kinds.ts';
import { storable } from './storable.ts';

export interface StoredObject {
  /** In etcd. */
  key: string;
  /** JSON. */
  value: string;
  kind: StoredKind;
}

const ROOT = 'cluster-resources/';
/** Bytes of a file that is still read as a whole. */
const MOST_JSON = 512 << 20;
const MOST_YAML = 16 << 20;
/** Bytes of an object; no API server takes more than 3 MiB. */
const MOST_OBJECT = 8 << 20;
/** Files that hold no objects. */
const NO_OBJECTS = /^(pods\/logs\/|auth-cani-list|image-pull-secrets\/|groups|resources|license)|-errors\.\w+$/;
const NOT_IN_BUNDLE = { 'hoist/note': 'this object is not in the bundle; others name it' };

/** Reads all objects once; what it leaves out is counted by reason. */
export class BundleObjects {
  readonly leftOut = new Map<string, number>();
  /** Kinds of the objects that were read, by prefix. */
  readonly kinds = new Map<string, StoredKind>();
  /** Objects that only their names are known of. */
  placeholders = 0;
  readonly #store: FileStore;
  readonly #definitions = new Definitions();
  readonly #keys = new Set<string>();
  /** Names that other objects speak of. */
  readonly #named = { nodes: new Set<string>(), namespaces: new Set<string>() };

  constructor(store: FileStore) {
    this.#store = store;
  }

  get count(): number {
    return this.#keys.size;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Definitions of custom resources come first. */
  async *read(): AsyncGenerator<StoredObject> {
    const files = this.#files();
    for (const file of files.filter((path) => isDefinitions(path))) yield* this.#ofFile(file);
    for (const file of files.filter((path) => !isDefinitions(path))) yield* this.#ofFile(file);
    for await (const object of keyedObjects(this.#store)) yield* this.#ofObject(object, known(object.kind));
    yield* this.#missing('Namespace', this.#named.namespaces, {});
    yield* this.#missing('Node', this.#named.nodes, {});
  }

  #files(): string[] {
    return this.#store.list().filter((path) => {
      if (!path.startsWith(ROOT) || NO_OBJECTS.test(path.slice(ROOT.length))) return false;
      if (path.endsWith('.json')) return true;
      // Of the same content, with both names.
      return /\.ya?ml$/.test(path) && !this.#store.has(path.replace(/\.ya?ml$/, '.json'));
    });
  }

  async *#ofFile(path: string): AsyncGenerator<StoredObject> {
    const parsed = await this.#parsed(path);
    if (parsed === undefined) return;
    const parts = path
      .slice(ROOT.length)
      .replace(/\.\w+$/, '')
      .split('/');
    const [folder = '', second, third] = parts;
    const ofCustom = folder === 'custom-resources' ? this.#definitions.named(second ?? '') : undefined;
    const fallback = ofCustom ?? kindOfFile(folder);
    const namespace = folder === 'custom-resources' ? third : second;
    for (const item of itemsOf(parsed)) {
      const object = objectOf(item, fallback);
      const kind = object && this.#kindOf(object);
      if (!object || !kind)
        this.#leave(object ? 'of kinds that are not defined in the bundle' : 'without a name or a kind');
      else yield* this.#ofObject(withNamespace(object, kind, namespace), kind);
    }
  }

  async #parsed(path: string): Promise<unknown> {
    const isJson = path.endsWith('.json');
    if (this.#store.sizeOf(path) > (isJson ? MOST_JSON : MOST_YAML)) {
      this.#leave('files too large to be read');
      return undefined;
    }
    const text = (await this.#store.read(path))?.toString('utf8') ?? '';
    try {
      return isJson ? JSON.parse(text) : yamlOf(text);
    } catch {
      this.#leave('files that are no JSON or YAML');
      return undefined;
    }
  }

  #kindOf({ apiVersion = '', kind = '' }: KubeObject): StoredKind | undefined {
    return builtIn(kind, apiVersion) ?? this.#definitions.kindOf(apiVersion, kind);
  }

  *#ofObject(object: KubeObject, kind: StoredKind): Generator<StoredObject> {
    const { name, namespace } = object.metadata;
    if (!isSegment(name) || (kind.namespaced && !isSegment(namespace))) {
      this.#leave('whose names no API server takes');
      return;
    }
    const key = `/registry/${kind.prefix}/${kind.namespaced ? `${namespace ?? ''}/` : ''}${name}`;
    if (this.#keys.has(key)) return;
    const ready = this.#ready(object, kind);
    if (ready === undefined) {
      this.#leave('whose parts are not of the types that they should be');
      return;
    }
    if (kind.kind === 'CustomResourceDefinition' && !this.#definitions.add(ready)) {
      this.#leave('definitions that are incomplete');
      return;
    }
    const value = JSON.stringify(ready);
    if (value.length > MOST_OBJECT) {
      this.#leave('larger than an API server takes');
      return;
    }
    this.#keys.add(key);
    this.kinds.set(kind.prefix, kind);
    if (kind.namespaced && namespace !== undefined) this.#named.namespaces.add(namespace);
    const node = kind.kind === 'Pod' ? (object as { spec?: { nodeName?: unknown } }).spec?.nodeName : undefined;
    if (typeof node === 'string' && isSegment(node)) this.#named.nodes.add(node);
    yield { key, value, kind };
  }

  /** undefined for what has, say, a number where a list should be. */
  #ready(object: KubeObject, { kind }: StoredKind): KubeObject | undefined {
    try {
      return storable(object, kind);
    } catch (error) {
      if (error instanceof TypeError) return undefined;
      throw error;
    }
  }

  /** A bundle of a user who may not list nodes has pods all the same: their logs are found by way of their node. */
  *#missing(kind: 'Node' | 'Namespace', names: ReadonlySet<string>, more: object): Generator<StoredObject> {
    const before = this.#keys.size;
    for (const name of names)
      yield* this.#ofObject(
        { apiVersion: 'v1', kind, metadata: { name, annotations: NOT_IN_BUNDLE }, ...more },
        known(kind),
      );
    this.placeholders += this.#keys.size - before;
  }

  #leave(why: string): void {
    this.leftOut.set(why, (this.leftOut.get(why) ?? 0) + 1);
  }
}

/** Redaction line by line leaves what looks like an alias, and keys that have become the same. */
function yamlOf(text: string): unknown {
  const options = { maxAliasCount: 100, uniqueKeys: false };
  if (!text.includes(MASK)) return parseYaml(text, options);
  return parseYaml(
    text.replace(MASKED_VALUE, (_whole, before: string, value: string) => before + JSON.stringify(value)),
    options,
  );
}

const MASK = '***HIDDEN***';
const MASKED_VALUE = /^([ -]*(?:[^\s:'"#][^:\n]*: +)?)(\*\*\*HIDDEN\*\*\*[^\n]*)$/gm;

const isDefinitions = (path: string): boolean => path.startsWith(`${ROOT}custom-resource-definitions`);

/** Whether it can be one part of a key and of an address. */
function isSegment(name: unknown): boolean {
  return typeof name === 'string' && /^[^\p{C}/%]{1,253}$/u.test(name) && name !== '.' && name !== '..';
}

interface Items {
  items: unknown;
  kind?: unknown;
  apiVersion?: unknown;
}

/** Of a list, with the kind that the list's own kind gives them; an object alone is one. */
function itemsOf(parsed: unknown): unknown[] {
  if (Array.isArray(parsed)) return parsed as unknown[];
  if (typeof parsed !== 'object' || parsed === null) return [];
  if (!('items' in parsed)) return 'metadata' in parsed ? [parsed] : [];
  const { items, kind, apiVersion } = parsed as Items;
  if (!Array.isArray(items)) return [];
  if (typeof kind !== 'string' || !/.List$/.test(kind)) return items as unknown[];
  return (items as unknown[]).map((item) =>
    typeof item === 'object' && item !== null ? { kind: kind.slice(0, -4), apiVersion, ...item } : item,
  );
}

function objectOf(
  item: unknown,
  fallback: Pick<StoredKind, 'kind' | 'apiVersion'> | undefined,
): KubeObject | undefined {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return undefined;
  const { kind, apiVersion, metadata, ...rest } = item as Partial<KubeObject>;
  // Whoever wrote the bundle may have written anything.
  if (typeof metadata?.name !== 'string') return undefined;
  const known = typeof kind === 'string' && kind !== '' && typeof apiVersion === 'string' && apiVersion !== '';
  const own = known ? { apiVersion, kind } : fallback && { apiVersion: fallback.apiVersion, kind: fallback.kind };
  return own && { ...own, metadata, ...rest };
}

/** The file's own where the object names none. */
function withNamespace(object: KubeObject, { namespaced }: StoredKind, namespace: string | undefined): KubeObject {
  const { metadata } = object;
  if (!namespaced || namespace === undefined || typeof metadata.namespace === 'string') return object;
  return { ...object, metadata: { ...metadata, namespace } };
}
