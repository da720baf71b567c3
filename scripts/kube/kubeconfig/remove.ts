// Takes hoist's context out of a kubeconfig's text, and gives back what stood in its place.

import { type Node, type YAMLSeq, isScalar } from 'yaml';
import {
  type Config,
  type Entry,
  LISTS,
  type ListName,
  assertSays,
  indexIn,
  listNode,
  parseConfig,
} from './document.ts';
import { handOver, renoted } from './hand-over.ts';
import { itemLines, pairLines, restoreValue } from './place.ts';
import {
  type Edit,
  type RootPair,
  type Span,
  afterColon,
  applyEdits,
  contentEnd,
  findPair,
  pairEnd,
  removeFlowItems,
  removeLines,
} from './splice.ts';
import { type Undo, WHOLE_FILE, references, undoOf, valueOf } from './undo.ts';

const KIND = { clusters: 'cluster', users: 'user' } as const;
const HEAD = ['apiVersion', 'kind'];

/**
 * Removes the context with its cluster and user, unless another context uses these. A context of this name that is not hoist's stays.
 * Undefined where nothing is left of a file that hoist made.
 * @throws ConfigError where the text cannot be edited safely.
 */
export function removeText(text: string, path: string, name: string): string | undefined {
  const config = parseConfig(text, path);
  const own = config.lists.contexts.find((entry) => entry.name === name);
  const undo = undoOf(own) ?? {};
  if (own && !undoOf(own)) return text;
  const others = config.lists.contexts.filter((entry) => entry.name !== name);
  const goes = (key: ListName): boolean =>
    config.lists[key].some((entry) => entry.name === name) &&
    (key === 'contexts' || !references(others, KIND[key], name));
  const current = currentAfter(config, undo, name, others);
  if (!LISTS.some(goes) && current === undefined) return text;

  const removal = new Removal(config);
  for (const key of LISTS) if (goes(key)) removal.entry(key, name, undo);
  if (current) removal.current(current);
  if (undo.added?.includes('apiVersion') && removal.leavesOnly(HEAD)) for (const key of HEAD) removal.key(key);
  const notes = handOver(config, { name, undo, keys: removal.keys, currentGoes: current !== undefined }, others);

  const result = applyEdits(text, [...removal.edits(), ...notes.flatMap(({ edit }) => edit)]);
  const left = (key: ListName): Entry[] => config.lists[key].filter((entry) => !goes(key) || entry.name !== name);
  assertSays(result, {
    path,
    lists: { clusters: left('clusters'), contexts: renoted(left('contexts'), notes), users: left('users') },
    currentContext: current ? current.value : config.currentContext,
    rest: Object.fromEntries(Object.entries(config.rest).filter(([key]) => !removal.keys.has(key))),
  });
  return result === '' && undo.added?.includes(WHOLE_FILE) ? undefined : result;
}

interface Current {
  /** Undefined where the whole key goes. */
  text: string | undefined;
  value: string;
}

/** What becomes of the current context; undefined where it is not the one that goes. A context that is gone is not put back. */
function currentAfter(
  { currentContext }: Config,
  undo: Undo,
  name: string,
  others: readonly Entry[],
): Current | undefined {
  if (currentContext !== name) return undefined;
  if (undo.added?.includes('current-context')) return { text: undefined, value: '' };
  const value = undo.current === undefined ? '' : valueOf(undo.current);
  const usable = undo.current !== undefined && (value === '' || others.some((entry) => entry.name === value));
  return usable ? { text: undo.current, value } : { text: ' ""', value: '' };
}

/** Gathers what goes, so that neighbours go as one. */
class Removal {
  readonly keys = new Set<string>();
  private readonly lines: Span[] = [];
  private readonly other: Edit[] = [];

  constructor(private readonly config: Config) {}

  entry(key: ListName, name: string, undo: Undo): void {
    const list = listNode(this.config, key);
    const pair = findPair(this.config.root, key);
    const index = indexIn(this.config, key, name);
    if (!list || !pair || index < 0) return;
    const last = list.items.length === 1;
    if (last && undo.added?.includes(key)) return this.key(key);
    const before = undo.empty?.[key];
    if (list.flow !== true) {
      this.lines.push(itemLines(this.config, list, index));
      if (last) this.other.push(behindColon(pair, before ?? ' []'));
    } else if (last && before !== undefined) {
      this.other.push(restoreValue(this.config, pair, before));
    } else {
      this.other.push(...removeFlowItems(spansOf(list), (i) => i === index));
    }
  }

  current({ text }: Current): void {
    const pair = findPair(this.config.root, 'current-context');
    if (text === undefined) this.key('current-context');
    else if (pair) this.other.push(restoreValue(this.config, pair, text));
  }

  key(key: string): void {
    this.keys.add(key);
  }

  leavesOnly(keys: readonly string[]): boolean {
    return this.pairs().every((pair) => this.isGone(pair) || keys.includes(keyOf(pair)));
  }

  edits(): Edit[] {
    const { text, root } = this.config;
    const gone = this.pairs().filter((pair) => this.isGone(pair));
    if (root?.flow === true) {
      const spans = this.pairs().map((pair): Span => [pair.key.range?.[0] ?? 0, pairEnd(pair)]);
      return [
        ...this.other,
        ...removeLines(text, this.lines),
        ...removeFlowItems(spans, (i) => this.isGone(this.pairs()[i])),
      ];
    }
    return [...this.other, ...removeLines(text, [...this.lines, ...gone.map((pair) => pairLines(this.config, pair))])];
  }

  private pairs(): RootPair[] {
    return (this.config.root?.items ?? []) as RootPair[];
  }

  private isGone(pair: RootPair | undefined): boolean {
    return pair !== undefined && this.keys.has(keyOf(pair));
  }
}

function keyOf(pair: RootPair): string {
  return isScalar(pair.key) ? String(pair.key.value) : '';
}

function behindColon(pair: RootPair, text: string): Edit {
  const start = afterColon(pair)?.[0] ?? 0;
  return { start, end: start, text: text === '' || /^\s/.test(text) ? text : ` ${text}` };
}

function spansOf(list: YAMLSeq): Span[] {
  return (list.items as Node[]).map((node) => [node.range?.[0] ?? 0, contentEnd(node)]);
}
