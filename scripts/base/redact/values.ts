// Where a value begins and ends: strings in JSON at any depth of escaping, YAML's scalars, words of a log line.

import { matchAt, type BodyEnd, type Match, type Span, type View } from './view.ts';

/** No value that is not quoted is longer. */
const LONGEST_WORD = 16_384;

const HARMLESS =
  /^(?:|true|false|yes|no|on|off|null|none|nil|~|enabled|disabled|undefined|-?\d{1,5}(?:\.\d+)?|\[?<?redacted>?\]?|x{3,}|\*+|\$\{[\w.:-]+\}|\$\([\w.:-]+\)|\$[A-Z_]+|(?:repl|\$)?\{\{.*\}\}|<[\w -]{1,40}>)$/i;
const HIDDEN = /^\*\*\*(?:HIDDEN|TOKEN_[A-Z0-9_]+)\*\*\*/;
const WEAKLY_HARMLESS =
  /^(?:v?\d+(?:\.\d+){1,3}(?:[-+][\w.-]+)?|\d+(?:\.\d+)?(?:ns|us|ms|s|m|h|d|Ki|Mi|Gi|Ti|k|M|G|%)|(?:~|\.{0,2})\/(?:var|etc|run|home|root|usr|opt|tmp|secrets?|mnt|data|srv|app|config|certs?|keys?|proc|sys|dev|Users)(?:\/[\w.@-]+)*\/?)$/;

/** Whether a value is none that would have to be hidden; `strong` where its key can only be that of a password. */
export function harmless(value: string, strong: boolean): boolean {
  if (value.length > 400) return false;
  if (HIDDEN.test(value)) return true;
  if (strong && /^\d{4,}$/.test(value)) return false;
  return HARMLESS.test(value) || (!strong && WEAKLY_HARMLESS.test(value));
}

/** Whether a word would not be written in a sentence. */
export function looksRandom(word: string): boolean {
  if (word.length >= 24 && !/^[a-z]+(?:[-_./:][a-z]+)*$/i.test(word)) return true;
  return word.length >= 8 && /\d/.test(word) && /[a-z]/i.test(word) && !/^[a-z]+-?\d{1,3}$/i.test(word);
}

/** A value that was found, or how to go on. */
export type Value =
  | { spans: Span[]; end: number; bare?: boolean; text?: string }
  | { more: true; body?: BodyEnd; from?: number }
  | undefined;

/** Backslashes and quotes before a string at `at`: level 0 is JSON, 1 JSON in a string of JSON. */
export function quoteAt(text: string, at: number): { level: number; length: number; single: boolean } | undefined {
  let i = at;
  while (text.charCodeAt(i) === 0x5c && i - at < 64) i++;
  const code = text.charCodeAt(i);
  if (code === 0x22) return { level: i - at, length: i - at + 1, single: false };
  return code === 0x27 ? { level: i - at, length: i - at + 1, single: true } : undefined;
}

/**
 * Where the string ends that began with a quote behind `level` backslashes: at a quote with as many before it, where the
 * string's own escapes have more; -1 where the text ends before.
 */
export function stringEnd(text: string, from: number, level: number): number {
  let at = from;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return -1;
    let backslashes = 0;
    while (quote - backslashes > from && text.charCodeAt(quote - backslashes - 1) === 0x5c) backslashes++;
    const escaped = (backslashes - level) / (level + 1);
    if (backslashes < level || (Number.isInteger(escaped) ? escaped % 2 === 0 : true)) {
      return quote - Math.min(backslashes, level);
    }
    at = quote + 1;
  }
}

/** The secret of a string in JSON, without the escapes of its level. */
function unescaped(raw: string, level: number): string {
  let value = raw;
  for (let depth = level; depth >= 0 && value.includes('\\'); depth = (depth - 1) >> 1) {
    try {
      value = JSON.parse(`"${value}"`) as string;
    } catch {
      return value;
    }
  }
  return value;
}

/** A string behind a double quote at `at`. */
export function doubleQuoted(view: View, at: number, quote: { level: number; length: number }): Value {
  const start = at + quote.length;
  const end = stringEnd(view.text, start, quote.level);
  if (end < 0) {
    if (!view.final) return { more: true, body: { kind: 'quote', level: quote.level }, from: start };
    return { spans: [{ start, end: view.text.length }], end: view.text.length, text: view.text.slice(start) };
  }
  const raw = view.text.slice(start, end);
  const text = raw.includes('\\') ? unescaped(raw, quote.level) : raw;
  return { spans: [{ start, end, ...(text === raw ? {} : { value: text }) }], end: end + quote.length, text };
}

function singleQuoted(view: View, at: number, length: number): Value {
  const start = at + length;
  let end = start;
  for (;;) {
    const char = view.text.charAt(end);
    if (char === '') {
      if (!view.final) return end - start > LONGEST_WORD ? undefined : { more: true };
      break;
    }
    if (char === '\n') break;
    if (char === "'") {
      if (view.text.charAt(end + 1) !== "'") break;
      end++;
    }
    end++;
  }
  return { spans: [{ start, end }], end: end + 1, text: view.text.slice(start, end) };
}

/** A word up to a blank or to what ends a value in a list, a URL or a sentence; what stands within a word belongs to it. */
const WORD = new RegExp(
  String.raw`(?:[^\s"'\\;,&|<>)\]}]|\\(?![\\"'nrtu])|,(?!\s|$|[\w.-]+\s*[=:])|;(?!\s|$|[\w .-]+=)|&(?![\w.%-]+=|$)|[)\]}'|<>](?=\w))` +
    `{1,${LONGEST_WORD}}`,
  'y',
);

export function word(view: View, at: number): Value {
  const match = matchAt(WORD, view.text, at);
  const end = at + (match?.[0].length ?? 0);
  if (!view.final && end + 80 > view.text.length && (match?.[0].length ?? 0) < LONGEST_WORD) return { more: true };
  if (!match) return undefined;
  let last = end;
  // A full stop ends a sentence, not a word.
  if (/[.:!?]$/.test(match[0]) && match[0].length > 1) last--;
  return { spans: [{ start: at, end: last }], end: last, text: view.text.slice(at, last) };
}

/** Up to one of the given characters or the end of the line, without blanks at its end and a comment of YAML. */
export function until(view: View, at: number, enders: string): Value {
  let end = at;
  const { text } = view;
  for (; end - at < LONGEST_WORD; end++) {
    if (end >= text.length) {
      if (!view.final) return { more: true };
      break;
    }
    const char = text.charAt(end);
    if (char === '\n' || char === '\r' || enders.includes(char)) break;
    if (char === '#' && /\s/.test(text.charAt(end - 1))) break;
  }
  let last = end;
  while (last > at && /[ \t]/.test(text.charAt(last - 1))) last--;
  if (last === at) return undefined;
  return { spans: [{ start: at, end: last }], end, text: text.slice(at, last) };
}

/** The strings of a list in JSON that begins at `at`. */
export function list(view: View, at: number): Value {
  const spans: Span[] = [];
  let i = at + 1;
  const { text } = view;
  for (let count = 0; count < 10_000; count++) {
    while (/[\s,]/.test(text.charAt(i))) i++;
    if (i >= text.length) return view.final ? { spans, end: i } : { more: true };
    const quote = quoteAt(text, i);
    if (!quote || quote.single) {
      const bare = matchAt(/[^\s,\]{}["]+/y, text, i);
      if (text.charAt(i) === ']' || !bare) return { spans, end: i };
      if (!harmless(bare[0], false)) spans.push({ start: i, end: i + bare[0].length });
      i += bare[0].length;
      continue;
    }
    const value = doubleQuoted(view, i, quote);
    if (!value) return { spans, end: i };
    if ('more' in value) return value;
    if (!harmless(value.text ?? '', false)) spans.push(...value.spans);
    i = value.end;
  }
  return { spans, end: i };
}

/** The lines of a block of YAML that stand deeper than the line that `at` is on. */
export function block(view: View, at: number, indent: number): Value {
  const { text } = view;
  const spans: Span[] = [];
  let line = text.indexOf('\n', at) + 1;
  if (line === 0) return view.final ? undefined : { more: true };
  let first = -1;
  let last = line;
  for (;;) {
    const next = text.indexOf('\n', line);
    if (next < 0 && !view.final) return { more: true };
    const end = next < 0 ? text.length : next;
    const content = text.slice(line, end);
    if (content.trim() !== '') {
      const own = content.length - content.trimStart().length;
      if (own <= indent) break;
      if (first < 0) first = line + own;
      last = text.charAt(end - 1) === '\r' ? end - 1 : end;
    }
    if (next < 0) break;
    line = next + 1;
  }
  if (first >= 0) spans.push({ start: first, end: last });
  return { spans, end: last, text: first < 0 ? '' : text.slice(first, last) };
}

/** A single- or double-quoted string at `at`, or undefined where there is none. */
export function quoted(view: View, at: number): Value {
  const quote = quoteAt(view.text, at);
  if (!quote) return undefined;
  return quote.single ? singleQuoted(view, at, quote.length) : doubleQuoted(view, at, quote);
}

/** As a rule reports it. */
export function findingOf(value: Value, at: number): Match {
  if (!value) return undefined;
  if ('more' in value) return { more: value.from ?? at, ...(value.body ? { body: value.body } : {}) };
  return { spans: value.spans, resume: Math.max(value.end, at + 1) };
}
