// What two bundles of the same cluster must have in common: their paths, the shapes of their JSON, and their checks.

import { readArchive } from '../../../scripts/support/bundle/archive.ts';
import type { FileStore } from '../../../scripts/support/bundle/store.ts';

/** A bundle's files as what can be compared. */
export interface Shaped {
  /** By path: the shape of JSON, the text of a small text, `bytes` else. */
  files: Map<string, string>;
  /** Outcome and words of each check, sorted. */
  checks: string[];
}

/** Longer texts are compared by what they are, not by what they say. */
const SHORT = 4_000;

export async function shapedBundle(file: string): Promise<Shaped> {
  const store = await readArchive(file);
  try {
    const files = new Map<string, string>();
    for (const path of store.list()) files.set(path, await shapeOfFile(store, path));
    const analysis = (await store.read('analysis.json'))?.toString('utf8') ?? '[]';
    return { files, checks: checksOf(JSON.parse(analysis) as Check[]) };
  } finally {
    await store.close();
  }
}

async function shapeOfFile(store: FileStore, path: string): Promise<string> {
  const text = (await store.read(path))?.toString('utf8') ?? '';
  if (path.endsWith('.json')) {
    try {
      return shapeOf(JSON.parse(text));
    } catch {
      return 'no JSON';
    }
  }
  return text.length <= SHORT ? `text ${JSON.stringify(text)}` : 'bytes';
}

interface Check {
  name?: string;
  insight?: { primary?: string; detail?: string; severity?: string };
  severity?: string;
}

/** Sorted: both look at several objects in an order of their own. */
function checksOf(checks: readonly Check[]): string[] {
  return checks
    .map(({ insight, severity }) => `${severity ?? ''} | ${insight?.primary ?? ''} | ${insight?.detail ?? ''}`)
    .sort();
}

/**
 * Keys and kinds of values, not the values: `{a: number, b: [string]}`. Elements of a list are one shape; in what maps
 * names of the user to texts, like labels, the names do not count.
 */
function shapeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) {
    const shapes = [...new Set(value.map(shapeOf))].sort();
    return `[${shapes.join(' | ')}]`;
  }
  if (typeof value !== 'object') return typeof value;
  // Go writes a list without elements as null, and hoist as [].
  const { items } = value as { items?: unknown };
  if (items === null) return shapeOf({ ...value, items: [] });
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, below]) => `${key}: ${shapeOf(below)}`).join(', ')}}`;
}

/** One difference, in words; `path` is what a rule for deliberate ones goes by. */
export interface Difference {
  path: string;
  what: string;
}

export function differences(theirs: Shaped, ours: Shaped): Difference[] {
  const found: Difference[] = [];
  for (const path of [...new Set([...theirs.files.keys(), ...ours.files.keys()])].sort()) {
    const [one, other] = [theirs.files.get(path), ours.files.get(path)];
    if (one === undefined) found.push({ path, what: 'only hoist has it' });
    else if (other === undefined) found.push({ path, what: 'only troubleshoot has it' });
    else if (one !== other)
      found.push({ path, what: `troubleshoot: ${cut(one, other)}\n    hoist: ${cut(other, one)}` });
  }
  for (const check of theirs.checks)
    if (!ours.checks.includes(check)) found.push({ path: 'analysis.json', what: `only troubleshoot: ${check}` });
  for (const check of ours.checks)
    if (!theirs.checks.includes(check)) found.push({ path: 'analysis.json', what: `only hoist: ${check}` });
  return found;
}

/** The part of a long text where it begins to differ. */
function cut(text: string, other: string): string {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at++;
  return text.slice(Math.max(0, at - 80), at + 160);
}
