// Hides values at given paths of a JSON or YAML document, without a change to anything else in it.

import { isMap, isScalar, isSeq, parseAllDocuments, type Document, type Node } from 'yaml';
import { RedactionError } from './redact-errors.ts';

interface Span {
  start: number;
  end: number;
  rule: string;
}

/** A path like `spec.*.password.0`, and the rule that it is of. */
export interface WantedPath {
  wanted: string;
  rule: string;
}

/** What stands in place of the value. */
export type HideValue = (rule: string, secret: string) => string;

/**
 * The text (bytes in a string) with the values at `paths` hidden.
 * @throws RedactionError where a file that is JSON or YAML by its name is none
 */
export function hideAtPaths(
  bytes: string,
  { path, paths, hide }: { path: string; paths: readonly WantedPath[]; hide: HideValue },
): string {
  const buffer = Buffer.from(bytes, 'latin1');
  const text = buffer.toString('utf8');
  const wanted = paths.map(({ wanted: dotted, rule }) => ({ parts: dotted.split('.'), rule }));
  const spans = spansOf(text, wanted);
  if (!spans) {
    if (!/\.(?:json|ya?ml)$/i.test(path)) return bytes;
    throw new RedactionError(`a redactor with a yamlPath names it, and it is neither JSON nor YAML`);
  }
  spans.sort((a, b) => a.start - b.start || b.end - a.end);
  let out = '';
  let from = 0;
  for (const { start, end, rule } of spans) {
    if (start < from) continue;
    const found = text.slice(start, end);
    out += text.slice(from, start) + `"${hide(rule, Buffer.from(unquoted(found), 'utf8').toString('latin1'))}"`;
    from = end;
  }
  return Buffer.from(out + text.slice(from), 'utf8').toString('latin1');
}

interface Wanted {
  parts: readonly string[];
  rule: string;
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text.replace(/^'(.*)'$/s, '$1');
  try {
    return String(JSON.parse(text));
  } catch {
    return text.slice(1, -1);
  }
}

function spansOf(text: string, wanted: readonly Wanted[]): Span[] | undefined {
  if (/^\s*[{[]/.test(text)) {
    const spans: Span[] = [];
    const end = jsonValue(text, blanks(text, 0), wanted, spans);
    if (end >= 0 && blanks(text, end) === text.length) return spans;
  }
  const documents = parseAllDocuments(text, { uniqueKeys: false, logLevel: 'silent' });
  if ('empty' in documents) return [];
  if (documents.some((document: Document) => document.errors.length > 0 || isScalar(document.contents)))
    return undefined;
  const spans: Span[] = [];
  for (const document of documents) for (const { parts, rule } of wanted) inYaml(document.contents, parts, rule, spans);
  return spans;
}

function inYaml(node: unknown, parts: readonly string[], rule: string, spans: Span[]): void {
  const [part, ...below] = parts;
  if (part === undefined) {
    const range = (node as Node | null)?.range;
    if (!range) return;
    // A block ends with the end of its last line, which stays.
    const multiline = isMap(node) || isSeq(node) || (isScalar(node) && (node.type ?? '').startsWith('BLOCK'));
    spans.push({ start: range[0], end: multiline ? range[1] - 1 : range[1], rule });
    return;
  }
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : undefined;
      if (part === '*' || part === name) inYaml(value, below, rule, spans);
    }
  } else if (isSeq(node)) {
    for (const [i, item] of node.items.entries())
      if (part === '*' || part === String(i)) inYaml(item, below, rule, spans);
  }
}

const blanks = (text: string, from: number): number => {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at++;
  return at;
};

/** Where the value at `at` ends; -1 where it is not JSON. */
function jsonValue(text: string, at: number, wanted: readonly Wanted[], spans: Span[]): number {
  const char = text.charAt(at);
  const end =
    char === '{' || char === '['
      ? jsonItems(text, at, wanted, spans)
      : char === '"'
        ? jsonString(text, at)
        : jsonWord(text, at);
  if (end < 0) return -1;
  for (const { parts, rule } of wanted) if (parts.length === 0) spans.push({ start: at, end, rule });
  return end;
}

function jsonItems(text: string, opening: number, wanted: readonly Wanted[], spans: Span[]): number {
  const inObject = text.charAt(opening) === '{';
  const closing = inObject ? '}' : ']';
  let at = blanks(text, opening + 1);
  if (text.charAt(at) === closing) return at + 1;
  for (let i = 0; ; i++) {
    let key = String(i);
    if (inObject) {
      const end = jsonString(text, at);
      if (end < 0) return -1;
      key = unquoted(text.slice(at, end));
      at = blanks(text, end);
      if (text.charAt(at) !== ':') return -1;
      at = blanks(text, at + 1);
    }
    const below: Wanted[] = [];
    for (const { parts, rule } of wanted) {
      if (parts.length > 0 && (parts[0] === '*' || parts[0] === key)) below.push({ parts: parts.slice(1), rule });
    }
    const end = jsonValue(text, at, below, spans);
    if (end < 0) return -1;
    at = blanks(text, end);
    const next = text.charAt(at);
    if (next === closing) return at + 1;
    if (next !== ',') return -1;
    at = blanks(text, at + 1);
  }
}

const STRING = /"(?:[^"\\\n]|\\[^])*"/y;
const PLAIN = /[-+.\w]+/y;

function jsonString(text: string, at: number): number {
  STRING.lastIndex = at;
  return STRING.test(text) ? STRING.lastIndex : -1;
}

function jsonWord(text: string, at: number): number {
  PLAIN.lastIndex = at;
  return PLAIN.test(text) ? PLAIN.lastIndex : -1;
}
