// What one of hoist's contexts could not give back when it went is handed to another one of hoist's that stays.

import { type YAMLSeq, isScalar } from 'yaml';
import { type Config, type Entry, type ListName, indexIn, listNode } from './document.ts';
import type { Edit } from './splice.ts';
import { type Undo, undoOf, undoPath, valueOf } from './undo.ts';

interface Note {
  name: string;
  undo: Undo;
  edit: Edit[];
}

/** The context of hoist's that goes. */
export interface Leaving {
  name: string;
  undo: Undo;
  /** Keys of the file that go with it. */
  keys: ReadonlySet<string>;
  /** Whether the current context is set to another one. */
  currentGoes: boolean;
}

/** What could not be given back now, since others of hoist's contexts are still there, is noted with one of those. */
export function handOver(
  config: Config,
  { name, undo, keys: gone, currentGoes }: Leaving,
  others: readonly Entry[],
): Note[] {
  const heirs = others.flatMap((entry) => {
    const own = undoOf(entry);
    return own ? [{ entry, undo: { ...own } }] : [];
  });
  const [heir] = heirs;
  if (!heir) return [];
  const before = JSON.stringify(heirs.map((h) => h.undo));
  const keys = (undo.added ?? []).filter((key) => !gone.has(key) && key !== 'current-context');
  if (keys.length > 0) heir.undo.added = [...new Set([...(heir.undo.added ?? []), ...keys])];
  const empty = Object.entries(undo.empty ?? {}).filter(([key]) => config.lists[key as ListName].length > 1);
  if (empty.length > 0) heir.undo.empty = { ...heir.undo.empty, ...Object.fromEntries(empty) };
  const next = currentGoes
    ? undefined
    : heirs.find((h) => h.undo.current !== undefined && valueOf(h.undo.current) === name);
  if (next && undo.added?.includes('current-context')) {
    delete next.undo.current;
    next.undo.added = [...(next.undo.added ?? []), 'current-context'];
  } else if (next && undo.current !== undefined) {
    next.undo.current = undo.current;
  }
  if (JSON.stringify(heirs.map((h) => h.undo)) === before) return [];
  return heirs.map((h) => ({ name: h.entry.name, undo: h.undo, edit: noteEdit(config, h.entry, h.undo) }));
}

function noteEdit(config: Config, entry: Entry, undo: Undo): Edit[] {
  const item = listNode(config, 'contexts')?.items[indexIn(config, 'contexts', entry.name)] as {
    getIn?: YAMLSeq['getIn'];
  };
  const node: unknown = item.getIn?.(undoPath(entry), true);
  if (!isScalar(node) || !node.range) return [];
  return [{ start: node.range[0], end: node.range[1], text: JSON.stringify(JSON.stringify(undo)) }];
}

export function renoted(entries: readonly Entry[], notes: readonly Note[]): Entry[] {
  return entries.map((entry) => {
    const note = notes.find(({ name }) => name === entry.name);
    if (!note) return entry;
    const copy = structuredClone(entry);
    const [, , index] = undoPath(entry) as [string, string, number];
    const { extensions } = copy['context'] as { extensions: { extension: { undo: string } }[] };
    const extension = extensions[index];
    if (extension) extension.extension.undo = JSON.stringify(note.undo);
    return copy;
  });
}
