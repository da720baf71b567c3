// Reads objects of unknown shape, as charts render them, without believing that anything is there.

import { valueAt } from '../../base/tree.ts';

export type Json = unknown;

/** The value at a path of keys; undefined where there is none. */
export function at(value: Json, ...path: readonly string[]): Json {
  return valueAt(value, path);
}

/** The items of a list; none where it is no list. */
export function items(value: Json): Json[] {
  return Array.isArray(value) ? value : [];
}

/** The entries of a mapping; none where it is no mapping. */
export function entries(value: Json): [string, Json][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

/** A text; empty where it is none. */
export function text(value: Json): string {
  return typeof value === 'string' ? value : '';
}
