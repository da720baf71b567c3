// The data of Kubernetes Secrets, whose keys say nothing of what they hold: found by the object's kind or type.

import { block, doubleQuoted, quoteAt } from './values.ts';
import { matchAt, type Match, type Rule, type Span, type View } from './view.ts';

/** Notes the kind of the object that the following text belongs to. */
const kind: Rule = {
  name: 'kind',
  starts: ['kin'],
  find(view, at) {
    const match = matchAt(/kind\\*"?\s{0,64}:\s{0,64}\\*"?([A-Za-z]{1,64})/y, view.text, at);
    if (match?.[1] !== undefined) view.kind = match[1];
    return undefined;
  },
};

const KIND_BEHIND =
  /^[\s\S]{0,400}?(?:kind\\*"?\s*:\s*\\*"?Secret(?:List)?\b|type\\*"?\s*:\s*\\*"?(?:Opaque|kubernetes\.io\/|helm\.sh\/|bootstrap\.kubernetes\.io\/))/;

const secretData: Rule = {
  name: 'data of a Secret',
  starts: ['dat'],
  find(view, at) {
    const { text } = view;
    const strings = /^string$/i.test(text.slice(Math.max(0, at - 6), at));
    const start = strings ? at - 6 : at;
    if (/[\w.-]/.test(text.charAt(start - 1))) return undefined;
    const json = matchAt(/[dD]ata\\*"\s{0,64}:\s{0,64}\{/y, text, at);
    if (json) return inJson(view, { start, from: at + json[0].length, strings });
    const printed = strings ? matchAt(/Data:\s{0,4}map\[/y, text, at) : undefined;
    if (printed) return printedByGo(view, start, at + printed[0].length);
    const flow = matchAt(/[dD]ata:[ \t]*\{/y, text, at);
    if (flow) return inFlow(view, { start, from: at + flow[0].length, strings });
    const yaml = matchAt(/[dD]ata:[ \t]*(?=\r?\n)/y, text, at);
    if (!yaml || /[^\s-]/.test(text.slice(text.lastIndexOf('\n', start) + 1, start))) return undefined;
    return inYaml(view, { start, from: at + yaml[0].length, strings });
  },
};

interface Found {
  start: number;
  from: number;
  strings: boolean;
}

function inJson(view: View, { start, from, strings }: Found): Match {
  const { text } = view;
  const spans: Span[] = [];
  let at = from;
  for (;;) {
    while (/[\s,]/.test(text.charAt(at))) at++;
    if (at >= text.length) return view.final ? judged(view, spans, at) : { more: start };
    if (text.charAt(at) === '}') return judged(view, spans, at + 1, start);
    const quote = quoteAt(text, at);
    const key = quote && !quote.single ? doubleQuoted(view, at, quote) : undefined;
    if (!key) return undefined;
    if ('more' in key) return { more: start };
    const colon = matchAt(/\s{0,64}:\s{0,64}/y, text, key.end);
    const valueAt = key.end + (colon?.[0].length ?? 0);
    if (valueAt >= text.length && !view.final) return { more: start };
    const opening = colon ? quoteAt(text, valueAt) : undefined;
    if (!opening || opening.single) return undefined;
    const value = doubleQuoted(view, valueAt, opening);
    if (!value) return undefined;
    if ('more' in value) return { more: start };
    for (const span of value.spans) if (span.end > span.start) spans.push(withSecret(span, value.text ?? '', strings));
    at = value.end;
  }
}

function inYaml(view: View, { start, from, strings }: Found): Match {
  const { text } = view;
  const line = text.lastIndexOf('\n', start) + 1;
  const indent = start - line;
  const body = block(view, from, indent);
  if (!body) return undefined;
  if ('more' in body) return { more: start };
  const [whole] = body.spans;
  if (!whole) return undefined;
  const spans: Span[] = [];
  let at = text.lastIndexOf('\n', whole.start) + 1;
  const depth = whole.start - at;
  while (at < whole.end) {
    const next = text.indexOf('\n', at);
    const end = next < 0 ? text.length : next;
    const entry = /^([ \t]*)(["']?[\w.-]+["']?:[ \t]+)(\S.*?)[ \t\r]*$/.exec(text.slice(at, end));
    if (!entry || (entry[1]?.length ?? 0) !== depth) {
      if (text.slice(at, end).trim() !== '' && !text.slice(at, end).trimStart().startsWith('#')) return undefined;
      at = end + 1;
      continue;
    }
    const valueAt = at + (entry[1]?.length ?? 0) + (entry[2]?.length ?? 0);
    const value = entry[3] ?? '';
    const deeper = block({ ...view, final: true }, at, depth);
    const below = deeper && 'spans' in deeper ? deeper.spans[0] : undefined;
    if (!/^[|>][+-]?\d?[+-]?(?:\s|$)/.test(value)) {
      const bare = value.replace(/^(["'])(.*)\1$/, '$2');
      const offset = value === bare ? 0 : 1;
      const span = { start: valueAt + offset, end: valueAt + offset + bare.length };
      if (bare !== '') spans.push(withSecret(span, bare, strings));
    }
    if (below) spans.push({ start: below.start, end: below.end });
    at = below ? below.end + 1 : end + 1;
  }
  return judged(view, spans, body.end, start);
}

/** `StringData:map[key:value …]`, as Go prints a Secret; no other object has such a field. */
function printedByGo(view: View, start: number, from: number): Match {
  const end = view.text.indexOf(']', from);
  if (end < 0 && !view.final) return { more: start };
  const last = end < 0 ? view.text.length : end;
  return last > from ? { spans: [{ start: from, end: last }], resume: last } : undefined;
}

const FLOW_ENTRY =
  /[\s,]{0,256}(?:"[^"\n]{1,256}"|'[^'\n]{1,256}'|[\w.-]{1,256}):[ \t]{1,64}(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)'|([^\s,}][^,}\n]*))/y;

/** `data: {key: value}` in YAML. */
function inFlow(view: View, { start, from, strings }: Found): Match {
  const { text } = view;
  const spans: Span[] = [];
  let at = from;
  for (;;) {
    const entry = matchAt(FLOW_ENTRY, text, at);
    if (!entry) break;
    at += entry[0].length;
    const value = entry[1] ?? entry[2] ?? entry[3] ?? '';
    const end = entry[3] === undefined ? at - 1 : at;
    if (value !== '') spans.push(withSecret({ start: end - value.length, end }, value, strings));
  }
  if (at + 256 > text.length && !view.final) return { more: start };
  return judged(view, spans, at, start);
}

function withSecret(span: Span, text: string, strings: boolean): Span {
  if (strings) return span;
  return { ...span, value: Buffer.from(text, 'base64').toString('latin1') };
}

function judged(view: View, spans: readonly Span[], end: number, start = 0): Match {
  if (spans.length === 0) return undefined;
  if (view.kind === 'Secret' || view.kind === 'SecretList' || KIND_BEHIND.test(view.text.slice(end, end + 500))) {
    return { spans, resume: end };
  }
  return !view.final && view.text.length < end + 500 ? { more: start } : undefined;
}

export const OBJECT_RULES: readonly Rule[] = [kind, secretData];
