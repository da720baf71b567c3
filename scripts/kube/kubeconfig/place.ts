// Where in a kubeconfig's text a list or a key goes, whatever way the file is written in.

import { type Node, type YAMLSeq, isCollection, isSeq, stringify } from 'yaml';
import { type Config, type Entry, type ListName, unusable } from './document.ts';
import {
  type Edit,
  type RootPair,
  type Span,
  afterColon,
  contentEnd,
  dashes,
  eolOf,
  findPair,
  insertLines,
  lineEnd,
  lineStart,
  pairEnd,
} from './splice.ts';

/** How a list is written: what it takes to put an entry into it. */
export type Shape =
  | { kind: 'absent' }
  | { kind: 'block'; list: YAMLSeq }
  | { kind: 'flow'; list: YAMLSeq }
  /** Empty, and its text can be cut out after the colon, to make room for a block list. */
  | { kind: 'cut'; span: Span }
  /** Empty, and a flow list takes the place of its text. */
  | { kind: 'replace'; span: Span };

export function shapeOf(config: Config, key: ListName): Shape {
  const { text, root, path } = config;
  const pair = findPair(root, key);
  if (!pair) return { kind: 'absent' };
  const span = afterColon(pair);
  if (!span) throw unusable(path, `\`${key}\` has no value`);
  const { value } = pair;
  if (isSeq(value) && value.items.length > 0) return { kind: value.flow === true ? 'flow' : 'block', list: value };
  // Comments, anchors and tags between the colon and the value have to stay.
  if (root?.flow !== true && !/[\n#&!]/.test(text.slice(...span))) return { kind: 'cut', span };
  if (isSeq(value)) return { kind: 'flow', list: value };
  return { kind: 'replace', span: tokenOf(pair, span) };
}

/** The text of a scalar alone where there is one, else nothing at all after the colon. */
function tokenOf(pair: RootPair, span: Span): Span {
  const range = pair.value?.range;
  return range && range[1] > range[0] ? [range[0], range[1]] : [span[0], span[0]];
}

/** Edits that append an entry to a list that is there. */
export function appendEntry(config: Config, shape: Exclude<Shape, { kind: 'absent' }>, entry: Entry): Edit[] {
  const { text } = config;
  switch (shape.kind) {
    case 'block': {
      const token = shape.list.srcToken;
      const indent = token?.type === 'block-seq' ? token.indent : 0;
      return [insertLines(text, lineEnd(text, contentEnd(shape.list)), blockLines(entry, indent))];
    }
    case 'flow': {
      const at = flowEnd(shape.list);
      return [{ start: at, end: at, text: flowSeparator(text, shape.list) + JSON.stringify(entry) }];
    }
    case 'cut': {
      const [start, end] = shape.span;
      const lines = blockLines(entry, indentOf(config));
      return [{ start, end, text: '' }, insertLines(text, lineEnd(text, end), lines)];
    }
    case 'replace': {
      const [start, end] = shape.span;
      return [{ start, end, text: `${start === end ? ' ' : ''}[${JSON.stringify(entry)}]` }];
    }
  }
}

/** Replaces an entry in its place. */
export function replaceEntry(config: Config, list: YAMLSeq, index: number, entry: Entry): Edit {
  const { text } = config;
  const node = list.items[index] as Node;
  if (list.flow === true) return { start: node.range?.[0] ?? 0, end: contentEnd(node), text: JSON.stringify(entry) };
  const [start, end] = itemLines(config, list, index);
  const indent = (dashes(list)[index] ?? start) - start;
  const eol = eolOf(text);
  return { start, end, text: blockLines(entry, indent).join(eol) + (text.slice(start, end).endsWith('\n') ? eol : '') };
}

/** The whole lines of an item of a block list. */
export function itemLines({ text, path }: Config, list: YAMLSeq, index: number): Span {
  const dash = dashes(list)[index] ?? 0;
  const start = lineStart(text, dash);
  if (text.slice(start, dash).trim() !== '') throw unusable(path, 'an entry begins in the middle of a line');
  return [start, Math.max(dash + 1, lineEnd(text, contentEnd(list.items[index] as Node)))];
}

/** The whole lines of a key of a block mapping. */
export function pairLines({ text, path }: Config, pair: RootPair): Span {
  const key = pair.key.range?.[0] ?? 0;
  const start = lineStart(text, key);
  if (text.slice(start, key).replace('\uFEFF', '').trim() !== '')
    throw unusable(path, 'a key begins in the middle of a line');
  return [text.startsWith('\uFEFF') && start === 0 ? 1 : start, lineEnd(text, pairEnd(pair))];
}

/** An edit that puts new keys behind the last one. */
export function appendKeys(config: Config, values: readonly (readonly [key: string, value: string | Entry])[]): Edit[] {
  const { text, root } = config;
  if (values.length === 0) return [];
  if (root?.flow === true) {
    const pairs = values.map(
      ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(typeof value === 'string' ? value : [value])}`,
    );
    const at = flowEnd(root);
    return [{ start: at, end: at, text: (root.items.length > 0 ? ', ' : '') + pairs.join(', ') }];
  }
  const indent = indentOf(config);
  const lines = values.flatMap(([key, value]) =>
    typeof value === 'string'
      ? [`${' '.repeat(indent)}${key}: ${scalar(value, false)}`]
      : [`${' '.repeat(indent)}${key}:`, ...blockLines(value, indent)],
  );
  return [insertLines(text, root ? lineEnd(text, contentEnd(root)) : text.length, lines)];
}

/** The span that a new current context takes, and the text for it. */
export function currentContextEdit(config: Config, pair: RootPair, name: string): Edit {
  const { text, root, path } = config;
  const span = afterColon(pair);
  if (!span || isCollection(pair.value)) throw unusable(path, '`current-context` is no text');
  const value = scalar(name, root?.flow === true);
  const before = text.slice(...span);
  const spaced = before === '' || /^\s/.test(before);
  if (spaced && !/[\n#&!]/.test(before)) return { start: span[0], end: span[1], text: ` ${value}` };
  const [start, end] = tokenOf(pair, span);
  return { start, end: start + text.slice(start, end).trimEnd().length, text: value };
}

/** Puts back what a value was: with its space it goes right behind the colon, without one in place of the value alone. */
export function restoreValue({ path }: Config, pair: RootPair, text: string): Edit {
  const span = afterColon(pair);
  if (!span) throw unusable(path, 'a key has no value');
  const [start, end] = text === '' || /^\s/.test(text) ? span : tokenOf(pair, span);
  return { start, end, text };
}

function scalar(value: string, json: boolean): string {
  const plain = /^[A-Za-z][\w.-]*$/.test(value) && !/^(y|n|yes|no|on|off|true|false|null)$/i.test(value);
  return plain && !json ? value : JSON.stringify(value);
}

function blockLines(entry: Entry, indent: number): string[] {
  const lines = stringify([entry], { version: '1.1', lineWidth: 0 }).trimEnd().split('\n');
  return lines.map((line) => ' '.repeat(indent) + line);
}

function indentOf({ root }: Config): number {
  return root?.srcToken?.type === 'block-map' ? root.srcToken.indent : 0;
}

/** Behind the last item of a flow collection, or behind its opening bracket. */
function flowEnd(collection: Exclude<Config['root'], undefined> | YAMLSeq): number {
  const last: unknown = collection.items.at(-1);
  if (last === undefined) return (collection.range?.[0] ?? 0) + 1;
  return isSeq(collection) ? contentEnd(last as Node) : pairEnd(last as RootPair);
}

/** As the items are separated already: on one line, or each on its own. */
function flowSeparator(text: string, list: YAMLSeq): string {
  const [first, second] = list.items as (Node | undefined)[];
  if (!first?.range) return '';
  const between = second?.range
    ? text.slice(first.range[1], second.range[0])
    : `,${text.slice((list.range?.[0] ?? 0) + 1, first.range[0])}`;
  return /^\s*,\s*$/.test(between) && between.trim() !== between ? between : ', ';
}
