// What hoist notes in its own context entry, so that removing the entry gives the file back as it was.

import { parse } from 'yaml';
import type { Entry, ListName } from './document.ts';

/** kubectl keeps extensions when it rewrites a file, other than comments. */
const EXTENSION = 'hoist';

/** Among the added keys: there was no file at all. */
export const WHOLE_FILE = '*';

export interface Undo {
  /** Keys of the file that were not there before. */
  added?: string[];
  /** The text that stood for an empty list, like ` []` or ` null`. */
  empty?: Partial<Record<ListName, string>>;
  /** The text that stood for the current context. */
  current?: string;
}

interface Extension {
  name?: unknown;
  extension?: { undo?: unknown } | null;
}

/** Undefined for a context that is not hoist's. */
export function undoOf(entry: Entry | undefined): Undo | undefined {
  const own = extensionsOf(entry).find(({ name }) => name === EXTENSION);
  if (!own) return undefined;
  try {
    return JSON.parse(String(own.extension?.undo)) as Undo;
  } catch {
    return {};
  }
}

/** The context entry, with all that its user may have added to it, and the note. */
export function contextEntry(name: string, existing: Entry | undefined, undo: Undo): Entry {
  const others = extensionsOf(existing).filter((extension) => extension.name !== EXTENSION);
  const context = (existing?.['context'] ?? {}) as Record<string, unknown>;
  const own = { name: EXTENSION, extension: { undo: JSON.stringify(undo) } };
  return { name, context: { ...context, cluster: name, user: name, extensions: [...others, own] } };
}

/** Where the note of a context entry stands, as path from the entry. */
export function undoPath(entry: Entry): (string | number)[] {
  const index = extensionsOf(entry).findIndex(({ name }) => name === EXTENSION);
  return ['context', 'extensions', index, 'extension', 'undo'];
}

function extensionsOf(entry: Entry | undefined): Extension[] {
  const context = entry?.['context'] as { extensions?: unknown } | null | undefined;
  return Array.isArray(context?.extensions) ? (context.extensions as Extension[]) : [];
}

export function references(contexts: readonly Entry[], kind: 'cluster' | 'user', name: string): boolean {
  return contexts.some((entry) => (entry['context'] as Record<string, unknown> | null | undefined)?.[kind] === name);
}

/** The context that a noted text names; empty where it names none. */
export function valueOf(text: string): string {
  const value: unknown = parse(text);
  return typeof value === 'string' ? value : '';
}
