// Values of a template with Go's meaning: truth, kinds, how they print, and what a range goes over.

import { CallError } from './template-errors.ts';

export type GoMap = ReadonlyMap<string, unknown> | Readonly<Record<string, unknown>>;

/** A Map or a plain object: a map of Go. */
export function isGoMap(value: unknown): value is GoMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The own value of a key, or undefined. */
export function valueOf(map: GoMap, key: string): unknown {
  if (map instanceof Map) return (map as ReadonlyMap<string, unknown>).get(key);
  return Object.hasOwn(map, key) ? (map as Readonly<Record<string, unknown>>)[key] : undefined;
}

/** A map's entries in the order of their keys, as Go ranges over them. */
function entriesOf(map: GoMap): [string, unknown][] {
  const entries = map instanceof Map ? [...(map as ReadonlyMap<string, unknown>)] : Object.entries(map);
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Go's truth: empty strings, maps and lists, 0, false and nil are false. */
export function truth(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** The word for a value's kind in messages. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'nil';
  if (Array.isArray(value)) return 'list';
  return typeof value === 'object' ? 'map' : typeof value;
}

/** As Go's fmt prints it with %v; nil is `nil` ("<nil>" within functions). */
export function show(value: unknown, nil = '<nil>'): string {
  if (value === undefined || value === null) return nil;
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return showNumber(value);
  if (Array.isArray(value)) return `[${(value as unknown[]).map((item) => show(item, nil)).join(' ')}]`;
  if (isGoMap(value)) {
    return `map[${entriesOf(value)
      .map(([key, item]) => `${key}:${show(item, nil)}`)
      .join(' ')}]`;
  }
  return typeof value === 'boolean' || typeof value === 'bigint' ? String(value) : '';
}

function showNumber(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-4 && size < 1e21)) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

/** The most turns of a range over a number. */
const MOST_TURNS = 100_000;

/**
 * Keys and values of a range; nil is an empty map.
 * @throws CallError for what cannot be ranged over
 */
export function ranged(value: unknown): [key: unknown, item: unknown][] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return (value as unknown[]).map((item, at) => [at, item]);
  if (isGoMap(value)) return entriesOf(value);
  if (typeof value === 'number' && Number.isInteger(value) && value < MOST_TURNS) {
    return Array.from({ length: Math.max(0, value) }, (_, at) => [at, at]);
  }
  throw new CallError(`"range" cannot go over ${JSON.stringify(show(value))}`);
}
