// Puts a context into a kubeconfig's text; everything else stays byte for byte.

import { isDeepStrictEqual } from 'node:util';
import {
  type Config,
  type Entry,
  LISTS,
  type ListName,
  assertSays,
  indexIn,
  listNode,
  parseConfig,
  unusable,
} from './document.ts';
import { appendEntry, appendKeys, currentContextEdit, replaceEntry, shapeOf } from './place.ts';
import { type Edit, applyEdits, findPair } from './splice.ts';
import { type Undo, WHOLE_FILE, contextEntry, references, undoOf } from './undo.ts';

export interface ContextSpec {
  /** Of the context, the cluster and the user alike. */
  name: string;
  /** As kubeconfig writes it: `server`, `certificate-authority-data`. */
  cluster: Readonly<Record<string, unknown>>;
  /** As kubeconfig writes it: `token`, or `client-certificate-data` and `client-key-data`. */
  user: Readonly<Record<string, unknown>>;
  /** Makes it the current context. */
  setCurrent: boolean;
}

const HEAD = { apiVersion: 'v1', kind: 'Config' };

/**
 * Adds the context, or brings it up to date in its place.
 * @param before undefined where there is no file yet
 * @throws ConfigError where the text cannot be edited safely, or has a context of this name that is not hoist's.
 */
export function mergeText(before: string | undefined, path: string, spec: ContextSpec): string {
  const text = before ?? '';
  const config = parseConfig(text, path);
  const { name } = spec;
  const known = config.lists.contexts.find((entry) => entry.name === name);
  const oldUndo = undoOf(known);
  assertOurs(config, name, known !== undefined && oldUndo === undefined);

  const edits: Edit[] = [];
  const undo: Undo = { ...oldUndo };
  const bare = !config.root || config.root.items.length === 0;
  const newKeys = bare ? Object.keys(HEAD) : [];
  const plain = (value: object): Record<string, unknown> =>
    JSON.parse(JSON.stringify(value)) as Record<string, unknown>;

  for (const key of LISTS) {
    const shape = shapeOf(config, key);
    if (shape.kind === 'absent') newKeys.push(key);
    if (shape.kind === 'cut' || shape.kind === 'replace') {
      undo.empty = { ...undo.empty, [key]: text.slice(...shape.span) };
    }
  }
  if (spec.setCurrent && config.currentContext !== name) {
    const pair = findPair(config.root, 'current-context');
    if (pair) {
      const edit = currentContextEdit(config, pair, name);
      edits.push(edit);
      undo.current = text.slice(edit.start, edit.end);
      // It was ours to remove, until someone else has set it.
      if (undo.added) undo.added = undo.added.filter((key) => key !== 'current-context');
    } else {
      newKeys.push('current-context');
    }
  }
  const added = [...(before === undefined ? [WHOLE_FILE] : []), ...newKeys];
  if (added.length > 0) undo.added = [...new Set([...(undo.added ?? []), ...added])];

  const entries: Record<ListName, Entry> = {
    clusters: { name, cluster: plain(spec.cluster) },
    contexts: contextEntry(name, known, undo),
    users: { name, user: plain(spec.user) },
  };
  for (const key of LISTS) edits.push(...putEntry(config, key, entries[key]));
  const values: Record<string, string | Entry> = { ...HEAD, ...entries, 'current-context': name };
  edits.push(
    ...appendKeys(
      config,
      newKeys.map((key) => [key, values[key] ?? '']),
    ),
  );

  const merged = applyEdits(text, edits);
  const put = (key: ListName): Entry[] => withEntry(config.lists[key], entries[key]);
  const lists = { clusters: put('clusters'), contexts: put('contexts'), users: put('users') };
  const currentContext = spec.setCurrent ? name : config.currentContext;
  assertSays(merged, { path, lists, currentContext, rest: bare ? HEAD : config.rest });
  return merged;
}

function assertOurs({ lists, path }: Config, name: string, foreign: boolean): void {
  const others = lists.contexts.filter((entry) => entry.name !== name);
  const taken =
    (references(others, 'cluster', name) && lists.clusters.some((entry) => entry.name === name)) ||
    (references(others, 'user', name) && lists.users.some((entry) => entry.name === name));
  if (foreign || taken) throw unusable(path, `the kubeconfig has entries named "${name}" that hoist did not make`);
}

/** Nothing for an entry that is as it should be, or whose list is not there yet. */
function putEntry(config: Config, key: ListName, entry: Entry): Edit[] {
  const index = indexIn(config, key, entry.name);
  if (index < 0) {
    const shape = shapeOf(config, key);
    return shape.kind === 'absent' ? [] : appendEntry(config, shape, entry);
  }
  const list = listNode(config, key);
  const known = config.lists[key].find(({ name }) => name === entry.name);
  return !list || isDeepStrictEqual(known, entry) ? [] : [replaceEntry(config, list, index, entry)];
}

function withEntry(list: readonly Entry[], entry: Entry): Entry[] {
  const known = list.some(({ name }) => name === entry.name);
  return known ? list.map((other) => (other.name === entry.name ? entry : other)) : [...list, entry];
}
