// Small changes of a YAML text that leave every other byte as it was: where things stand, and edits by offset.

import type { Pair, YAMLMap, YAMLSeq } from 'yaml';
import { type Node, isCollection, isPair, isScalar } from 'yaml';

/** Replaces the characters from `start` up to, not including, `end`. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

export type Span = readonly [start: number, end: number];

/** A file without a line feed at its end goes without one after the edits, too. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  // The sort is stable: insertions at one place stay in the order in which they were made.
  for (const { start, end, text: replacement } of [...edits].sort((a, b) => a.start - b.start)) {
    result += text.slice(at, start) + replacement;
    at = end;
  }
  return result + text.slice(at);
}

export function eolOf(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? '\n';
}

/** Puts whole lines at the start of a line, or after the last line where that has no end. */
export function insertLines(text: string, at: number, lines: readonly string[]): Edit {
  const eol = eolOf(text);
  const inserted = lines.join(eol);
  const open = at === text.length && at > 0 && !text.endsWith('\n') && text !== BOM;
  return { start: at, end: at, text: open ? eol + inserted : inserted + eol };
}

const BOM = '\uFEFF';

/** Takes whole lines out. Where the last one has no end, the end of the line before goes in its place. */
export function removeLines(text: string, spans: readonly Span[]): Edit[] {
  const merged: [number, number][] = [];
  for (const [start, end] of [...spans].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  const last = merged.at(-1);
  if (last?.[1] === text.length && !text.endsWith('\n'))
    last[0] -= /\r?\n$/.exec(text.slice(0, last[0]))?.[0].length ?? 0;
  return merged.map(([start, end]) => ({ start, end, text: '' }));
}

/** Takes items out of a flow collection, each run of them with the comma that is not needed any more. */
export function removeFlowItems(items: readonly Span[], removed: (index: number) => boolean): Edit[] {
  const edits: Edit[] = [];
  for (let first = 0; first < items.length; first++) {
    if (!removed(first)) continue;
    let last = first;
    while (last + 1 < items.length && removed(last + 1)) last++;
    const start = items[first - 1]?.[1] ?? items[first]?.[0] ?? 0;
    const end = (first === 0 ? items[last + 1]?.[0] : undefined) ?? items[last]?.[1] ?? start;
    edits.push({ start, end, text: '' });
    first = last;
  }
  return edits;
}

export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** The start of the line after `offset`; `offset` itself where it is the start of one. */
export function lineEnd(text: string, offset: number): number {
  if (offset > 0 && text[offset - 1] === '\n') return offset;
  const feed = text.indexOf('\n', offset);
  return feed < 0 ? text.length : feed + 1;
}

/** The end of what a node says: without the comments and blank lines that a block collection's own range may hold. */
export function contentEnd(node: Node): number {
  if (isCollection(node) && node.flow !== true) {
    const last: unknown = node.items.at(-1);
    if (isPair(last)) return pairEnd(last as RootPair);
    if (last) return contentEnd(last as Node);
  }
  return node.range?.[1] ?? 0;
}

/** A pair without a value ends at its colon, where its parsed value may stand further on. */
export function pairEnd(pair: RootPair): number {
  const range = pair.value?.range;
  if (pair.value && range && range[1] > range[0]) return contentEnd(pair.value);
  return afterColon(pair)?.[1] ?? contentEnd(pair.key);
}

export type RootPair = Pair<Node, Node | null>;

export function findPair(root: YAMLMap | undefined, key: string): RootPair | undefined {
  const pairs = (root?.items ?? []) as RootPair[];
  return pairs.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

/** From the `:` of a pair to the end of its value; undefined for a key without a `:`. */
export function afterColon(pair: RootPair): Span | undefined {
  const colon = pair.srcToken?.sep?.find((token) => token.type === 'map-value-ind');
  if (!colon) return undefined;
  const from = colon.offset + 1;
  const range = pair.value?.range;
  return [from, range && range[1] > range[0] ? range[1] : from];
}

/** Where the `-` of each item of a block sequence stands. */
export function dashes(list: YAMLSeq): number[] {
  const token = list.srcToken;
  if (token?.type !== 'block-seq') return [];
  return token.items.flatMap((item) => item.start.find((part) => part.type === 'seq-item-ind')?.offset ?? []);
}
