// Values that are secret by the name they have: keys of JSON, YAML, headers and command lines, pairs of name and value.

import { isUserAndPassword } from './tokens.ts';
import { block, findingOf, harmless, list, looksRandom, quoted, until, word, type Value } from './values.ts';
import { matchAt, type Match, type Rule, type View } from './view.ts';

/** How sure a name is: that of a password, that of a secret, or one that only counts in pairs of name and value. */
type Strength = 'strong' | 'secret' | 'pair';

interface Name {
  strength: Strength;
  start: number;
  end: number;
  text: string;
}

/** What may stand behind the word in a key that still holds the secret itself. */
const TAIL = String.raw`(?:s|\d{1,3}|[-_.]?(?:values?|val|data|strings?|str|text|plain(?:text)?|base64|b64|enc(?:oded)?|old|new|current|prev(?:ious)?|primary|secondary|main|backup|prod(?:uction)?|dev|test|staging|hash|\d{1,3}))?`;

/** What may stand behind it in the name of an env variable that only describes the secret. */
const DESCRIBES =
  /(?:file|path|dir|folder|name|ref|length|len|min|max|size|ttl|expiry|expires?|expiration|timeout|seconds|enabled?|required|policy|type|id|url|uri|endpoint|host|port|issuer|count|limit|version|header|field|mode|format|key_?prefix|prefix|audience|scope)s?$/i;

const KEY_OF =
  /(?:api|access|private|client|signing|sign|tls|ssh|encryption|encrypt|master|account|storage|auth|shared|secret|service|license|deploy|session|hmac|root|unseal|consumer|admin|webhook)[-_. ]?$/i;

interface Word {
  pattern: RegExp;
  strength: Strength;
  /** What must stand before the word, within the key. */
  before?: RegExp;
}

const WORDS: readonly Word[] = [
  { pattern: /pass(?:w(?:or)?d|phrase|wort)/iy, strength: 'strong' },
  { pattern: /pass/iy, strength: 'secret', before: /(?:^|[-_.])$/ },
  { pattern: /Pass/y, strength: 'secret', before: /[a-z]$/ },
  { pattern: /pwd/iy, strength: 'strong' },
  { pattern: /secret(?:[-_. ]?(?:access)?[-_. ]?key)?/iy, strength: 'secret' },
  { pattern: /token/iy, strength: 'secret' },
  { pattern: /credential/iy, strength: 'secret' },
  { pattern: /access[-_. ]?key[-_. ]?id/iy, strength: 'secret' },
  { pattern: /key/iy, strength: 'secret', before: KEY_OF },
  { pattern: /signature/iy, strength: 'secret', before: /(?:amz|access|goog)[-_.]?$/i },
  { pattern: /sig/y, strength: 'secret', before: /^$/ },
  { pattern: /cookie/iy, strength: 'secret', before: /(?:^|[-_.]|session|set)$/i },
  { pattern: /dockerc(?:onfigjson|fg)/iy, strength: 'secret' },
  { pattern: /user(?:[-_]?name)?/iy, strength: 'pair' },
  { pattern: /database/iy, strength: 'pair' },
  { pattern: /owner[-_]?account/iy, strength: 'pair' },
];

const WORDS_BY_FIRST = new Map<string, Word[]>();
for (const word of WORDS) {
  const first = /[a-z]/i.exec(word.pattern.source)?.[0] ?? '';
  for (const letter of [first.toLowerCase(), first.toUpperCase()]) {
    WORDS_BY_FIRST.set(letter, [...(WORDS_BY_FIRST.get(letter) ?? []), word]);
  }
}

const IN_KEY = /[\w.-]/;
const LONGEST_KEY = 96;

/** The key around a word at `at`, or undefined where it is none that names a secret. */
function nameAt({ text }: View, at: number): (Name & { tail: string }) | undefined {
  for (const { pattern, strength, before } of WORDS_BY_FIRST.get(text.charAt(at)) ?? []) {
    const match = matchAt(pattern, text, at);
    if (!match) continue;
    let start = at;
    while (start > 0 && at - start < LONGEST_KEY && IN_KEY.test(text.charAt(start - 1))) start--;
    const spaced = before === KEY_OF && text.charAt(at - 1) === ' ' ? text.slice(Math.max(0, at - 12), at) : undefined;
    if (before && !before.test(spaced ?? text.slice(start, at))) continue;
    const end = at + match[0].length;
    const tail = matchAt(/[\w.-]{0,96}/y, text, end)?.[0] ?? '';
    return { strength, start, end: end + tail.length, text: text.slice(start, end + tail.length), tail };
  }
  return undefined;
}

const TAIL_ONLY = new RegExp(`^${TAIL}$`, 'i');
/** Another word of a secret in the tail is found by itself, further on. */
const PAIR = /(\\*["'])?[ \t]*,?\s{0,256}(\\*["'])?[vV]alue(\\*["'])?\s{0,256}[:=]\s{0,256}/y;
const SEPARATOR = /(\\*["'])?[ \t]*(?:=>|:=|[:=])(?:[ \t]*\r?\n(?=[ \t]*\\*["[{]))?[ \t]*/y;
const ENCODED = /(?:%22|%27)?(?:%20|\+)*%3[AaDd](?:%20|\+)*(%22|%27)?/y;
const FLAG = /[ \t]+(?=[^\s-])|\\*"\s{0,256},\s{0,256}(?=\\*")/y;

/** A value by its key, in all ways that a key and a value are written. */
function byKey(view: View, at: number): Match {
  const name = nameAt(view, at);
  if (!name) return undefined;
  const { text } = view;
  const { end } = name;
  // `$PWD:/src` only names a variable.
  if (/\$\{?$/.test(text.slice(Math.max(0, name.start - 2), name.start)) && /^:[^-=]/.test(text.slice(end, end + 2)))
    return undefined;
  // Whose certificate it is: the name of a Secret.
  if (name.text === 'secret' && /"source"\s*:\s*\{\s*"$/.test(text.slice(Math.max(0, name.start - 24), name.start)))
    return undefined;
  // All that follows is to be in sight.
  if (!view.final && end + 600 > text.length) return { more: name.start };
  const inEnv = /^[A-Z0-9_]+$/.test(name.text) && text.charAt(end) === '=' && !DESCRIBES.test(name.tail);
  const inKey = (TAIL_ONLY.test(name.tail) || inEnv) && name.strength !== 'pair';
  const before = text.slice(Math.max(0, name.start - 24), name.start);
  if (!inKey || /(?:name|key|header)\\*["']?\s*[:=]\s*\\*["']?$/i.test(before)) {
    const found = inPair(view, name, before);
    if (found || !inKey) return found;
  }
  // An element of XML.
  if (text.charAt(name.start - 1) === '<' && text.charAt(end) === '>')
    return checked(until(view, end + 1, '<'), name, end + 1);
  const separator = matchAt(SEPARATOR, text, end);
  if (separator) return valueOf(view, name, separator);
  const encoded = matchAt(ENCODED, text, end);
  if (encoded) return urlEncoded(view, end + encoded[0].length, encoded[1]);
  const flag = name.text.startsWith('--') ? matchAt(FLAG, text, end) : undefined;
  if (!flag) return undefined;
  const from = end + flag[0].length;
  // Help texts give the type of a flag's value.
  if (/^(?:string|strings|stringArray|int|duration|file|path)(?: {2}|\r?\n|$)/.test(text.slice(from, from + 20)))
    return undefined;
  return checked(quoted(view, from) ?? word(view, from), name, from);
}

/** `"name": "DB_PASSWORD", "value": "…"` in JSON or YAML, and the other way round. */
function inPair(view: View, name: Name & { tail: string }, before: string): Match {
  const { text } = view;
  const described = /^[-_.]/.test(name.tail) && DESCRIBES.test(name.tail) && !/database/i.test(name.text);
  if (described) return undefined;
  if (
    name.strength === 'pair' &&
    !/(?:user(?:[-_]?name)?|database(?:[-_]?(?:url|uri|dsn|name|user|string))?|account\w*)$/i.test(name.text)
  ) {
    return undefined;
  }
  const pair = matchAt(PAIR, text, name.end);
  if (pair) {
    const from = name.end + pair[0].length;
    const value = quoted(view, from) ?? yamlOrWord(view, from);
    return checked(value, name, from);
  }
  const opening = /(?:name|key)(\\*)"\s*:\s*\1"$/i.exec(before);
  if (!opening) return undefined;
  const nameKey = name.start - opening[0].length;
  const earlier = text.slice(Math.max(0, nameKey - 2048), nameKey);
  const key = earlier.toLowerCase().lastIndexOf('value');
  if (key < 0) return undefined;
  const colon = matchAt(/value\\*"\s*:\s*/iy, earlier, key);
  if (!colon) return undefined;
  const from = nameKey - earlier.length + key + colon[0].length;
  const value = quoted({ ...view, final: true }, from);
  if (!value || 'more' in value || !/^\s*,\s*\\*"?$/.test(text.slice(value.end, nameKey))) return undefined;
  const found = checked(value, name, from);
  return found && 'spans' in found ? { spans: found.spans, resume: name.end } : found;
}

function valueOf(view: View, name: Name, separator: RegExpExecArray): Match {
  const { text } = view;
  const from = name.end + separator[0].length;
  const quotedKey = separator[1] !== undefined;
  const colon = separator[0].includes(':');
  const inString = quoted(view, from);
  if (inString) return checked(inString, name, from);
  const first = text.charAt(from);
  if (first === '[' && (quotedKey || /^\[[ \t]*\\*["\w]/.test(text.slice(from, from + 12)))) {
    return findingOf(list(view, from), name.start);
  }
  if (first === '{') return quotedKey ? carrier(view, name, from) : undefined;
  if (quotedKey) return number(view, name, from);
  const lineStart = colon && !view.prose ? indentOf(view, name.start) : -1;
  if (
    first === '\n' ||
    first === '\r' ||
    /^[|>][+-]?\d?[+-]?[ \t]*(?:#[^\n]*)?\r?\n/.test(text.slice(from, from + 200))
  ) {
    return lineStart < 0 ? undefined : deeper(view, name, from, lineStart);
  }
  if (lineStart >= 0 && separator[0] !== ':') return checked(yaml(view, from), name, from);
  const flow = colon && /[{,]\s*$/.test(text.slice(Math.max(0, name.start - 8), name.start)) && separator[0] !== ':';
  if (flow && !view.prose) return checked(until(view, from, ',}'), name, from);
  if (/cookie$/i.test(name.text) && separator[0].startsWith(':')) return checked(until(view, from, `"'`), name, from);
  const connection = !colon && /(?:;|^|["'])\s*$/.test(text.slice(Math.max(0, name.start - 4), name.start));
  const value =
    connection && /^[^\n"']*;/.test(text.slice(from, from + 512)) ? until(view, from, `;"'`) : word(view, from);
  return colon ? inSentence(value, name, from) : checked(value, name, from);
}

/** `secret: word` in a sentence hides only what looks like one, `password: word` whatever stands there. */
function inSentence(value: Value, name: Name, at: number): Match {
  if (value && !('more' in value) && name.strength !== 'strong' && !looksRandom(value.text ?? '')) return undefined;
  return checked(value, name, at);
}

/** A number, true or null behind a key of JSON stays, but for a password's digits. */
function number(view: View, name: Name, from: number): Match {
  const match = matchAt(/-?\d[\d.eE+-]{3,64}(?=[\s,}\]])/y, view.text, from);
  if (!match || name.strength !== 'strong') return undefined;
  return { spans: [{ start: from, end: from + match[0].length, bare: true }], resume: from + match[0].length };
}

/** `"password": {"value": "…"}`: below such a key these hold the secret, others describe it. */
const CARRIER =
  /\{(?:\s{0,256}"\w{1,64}"\s*:\s*(?:"[^"\\]{0,256}"|[\w.-]{1,64})\s*,){0,8}\s{0,256}"(?:value|literal|contents?|data|stringData)"\s*:\s*/y;

function carrier(view: View, name: Name, from: number): Match {
  const match = matchAt(CARRIER, view.text, from);
  if (!match) return undefined;
  const at = from + match[0].length;
  return checked(quoted(view, at), name, at);
}

/** How far the key at `start` is indented where it begins a line of YAML; -1 where it does not. */
function indentOf({ text }: View, start: number): number {
  const lead = /(?:^|\n)([ \t]*(?:- +)*)$/.exec(text.slice(Math.max(0, start - 256), start));
  return lead?.[1]?.length ?? -1;
}

function yaml(view: View, from: number): Value {
  return quoted(view, from) ?? until(view, from, '');
}

function yamlOrWord(view: View, from: number): Value {
  if (/^[|>][+-]?\d?[+-]?[ \t]*\r?\n/.test(view.text.slice(from, from + 80))) {
    const line = view.text.lastIndexOf('\n', from) + 1;
    return block(view, from, view.text.slice(line, from).search(/[^\s-]/));
  }
  return view.text.slice(Math.max(0, from - 80), from).includes('\n') ? yaml(view, from) : word(view, from);
}

/** What stands deeper than the key: a block of text, a list, or a carrier. */
function deeper(view: View, name: Name, from: number, indent: number): Match {
  const { text } = view;
  const value = block(view, from, indent);
  if (!value || 'more' in value) return findingOf(value, name.start);
  if (/[|>]/.test(text.charAt(from))) return checked(value, name, from);
  const [span] = value.spans;
  if (!span) return undefined;
  const carried = /(?:^|\n)[ \t]*(?:value|literal|contents?):[ \t]*(?=\S)/.exec(text.slice(span.start, span.end));
  if (carried) {
    const at = span.start + carried.index + carried[0].length;
    return checked(yaml(view, at), name, at);
  }
  // A word on a line of its own.
  const alone = /^[^\s"':#|>[{&*!-][^\s#:]*$/.exec(text.slice(span.start, span.end));
  if (alone) return checked({ spans: [span], end: span.end, text: alone[0] }, name, span.start);
  // A list of plain words.
  const items: { start: number; end: number }[] = [];
  let at = span.start;
  for (const line of text.slice(span.start, span.end).split('\n')) {
    const item = /^([ \t]*- +)(["']?)([^\s"'][^\n"':]*)\2\s*$/.exec(line);
    if (!item) return undefined;
    const start = at + (item[1]?.length ?? 0) + (item[2]?.length ?? 0);
    items.push({ start, end: start + (item[3]?.length ?? 0) });
    at += line.length + 1;
  }
  return { spans: items, resume: value.end };
}

/** `password%22%3A%22…%22`, `password%3D…%26`. */
function urlEncoded(view: View, from: number, quote: string | undefined): Match {
  const match = matchAt(
    quote ? /(?:[^%\s"'&]|%(?!2[27])){1,4096}/y : /(?:[^%\s"'&]|%(?!26|2C|7D|3B)){1,4096}/iy,
    view.text,
    from,
  );
  if (!match) return undefined;
  const end = from + match[0].length;
  if (end >= view.text.length && !view.final) return { more: from };
  return { spans: [{ start: from, end }], resume: end };
}

function checked(value: Value, name: Name, at: number): Match {
  if (!value || 'more' in value) return value ? findingOf(value, name.start) : undefined;
  // The shell's PWD is a folder.
  const strong = name.strength === 'strong' && !/^(?:OLD)?PWD$/.test(name.text);
  if (harmless(value.text ?? '', strong)) return undefined;
  return findingOf(value, at);
}

const byName: Rule = {
  name: 'value of a secret key',
  starts: ['pas', 'pwd', 'sec', 'tok', 'cre', 'acc', 'key', 'sig', 'coo', 'doc', 'use', 'dat', 'own'],
  find: byKey,
};

const SCHEME = /(?:bearer|basic|token|digest|negotiate|apikey|aws4-hmac-sha256)\s+/iy;

/** The header, and `auth` of a registry's credentials. */
const authorization: Rule = {
  name: 'authorization header',
  starts: ['aut'],
  find(view, at) {
    const { text } = view;
    if (!view.final && at + 400 > text.length) return { more: at };
    const key = matchAt(/auth(orization)?(\\*["'])?\s{0,64}[:=]\s{0,64}\[?/iy, text, at);
    if (!key || /[A-Za-z]/.test(text.charAt(at - 1))) return undefined;
    const from = at + key[0].length;
    // A digest has its parts in quotes: all of them go.
    const digest = /^digest\s/i.test(text.slice(from, from + 8));
    const value = quoted(view, from) ?? until(view, from, digest ? '' : `"'\\]`);
    if (!value || 'more' in value) return findingOf(value, at);
    const [span] = value.spans;
    if (!span || harmless(value.text ?? '', false)) return undefined;
    const scheme = matchAt(SCHEME, text, span.start)?.[0].length ?? 0;
    if (key[1] === undefined && !(key[2] !== undefined && isUserAndPassword(value.text ?? ''))) return undefined;
    if (scheme === 0 && key[2] === undefined && !looksRandom(value.text ?? '')) return undefined;
    return { spans: [{ start: span.start + scheme, end: span.end }], resume: span.end };
  },
};

/** Ceph's keyrings. */
const ceph: Rule = {
  name: 'Ceph key',
  starts: ['key'],
  find(view, at) {
    const match = matchAt(/key\\*"?\s*[:=]\s*\\*"?(AQ[A-Za-z0-9+/]{36}==)/y, view.text, at);
    if (!match) return undefined;
    const end = at + match[0].length;
    return { spans: [{ start: end - 40, end }], resume: end };
  },
};

export const KEY_RULES: readonly Rule[] = [byName, authorization, ceph];
