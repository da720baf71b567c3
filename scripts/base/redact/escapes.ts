// Finds known secrets of which any characters are written as escapes: `\xHH`, `\ooo`, `\uXXXX`, entities, a shell's backslashes.

import { latin1, NeedleSet, startOf } from './needles.ts';
import { matchAt } from './view.ts';

/** Where a secret stands, escapes included. */
export interface EscapedHit {
  start: number;
  end: number;
  secret: string;
}

/** Shorter ones would hide words that are none. */
const SHORTEST = 4;
/** Longer ones are found by their lines, and as JSON writes them. */
const LONGEST = 1 << 14;
/** Characters that stand for one: JSON in JSON doubles the backslashes of escapes. */
const WIDEST = 10;

const HEX = '[0-9a-fA-F]';
/** Those of nested JSON have more backslashes. */
const ESCAPE = [
  String.raw`\\+u([dD][89abAB]${HEX}{2})\\+u([dD][c-fC-F]${HEX}{2})`,
  String.raw`\\+(?:u(${HEX}{4})|u\{(${HEX}{1,6})\}|U(${HEX}{8}))`,
  String.raw`\\+x(${HEX}{2})`,
  String.raw`\\+([0-3]?[0-7]{1,2})`,
  String.raw`&(?:amp;)*(?:#(\d{1,7});|#[xX](${HEX}{1,6});|(lt|gt|quot|apos);)`,
  String.raw`&(amp;)+`,
  String.raw`\\+`,
].join('|');
const ESCAPES = new RegExp(ESCAPE, 'g');
const ESCAPE_HERE = new RegExp(ESCAPE, 'y');
/** What escapes are made of. */
const SYNTAX = '\\&#;{}0123456789abcdefABCDEFxXuUmpltgqosnr';
const isWord = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a);

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'" };

/** A text without its escapes; what is left of each of its parts, and where that stood. */
interface Plain {
  text: string;
  /** Where parts begin in `text`, and from where to where each of them stood; an escape counts as a whole. */
  parts: { at: number; start: number; end: number; escape: boolean }[];
  /** Whether an escape could be a byte as well as a character. */
  ambiguous: boolean;
}

/** Known secrets, to be found however they are escaped. */
export class EscapedNeedles {
  /** Characters that the longest of them can take. */
  readonly longest: number;
  readonly #needles: NeedleSet;
  readonly #starts = new Uint8Array(1 << 15);
  /** Bytes of the secrets: an escape of another one is in none of them. */
  readonly #letters = new Uint8Array(256);
  /** What may stand between a secret's first character and its last one. */
  readonly #within = new Uint8Array(256);

  /** @param secrets as bytes in strings */
  constructor(secrets: Iterable<string>) {
    const forms = new Map<string, string>();
    for (const secret of secrets) {
      if (secret.length > LONGEST) continue;
      // An escape within the secret itself may be read, or be escaped once more.
      for (const form of [unescape(secret, 0, false).text, plainly(secret.replaceAll('\\', ''))])
        if (form.length >= SHORTEST) forms.set(form, secret);
      for (const char of secret) this.#letters[char.charCodeAt(0)] = 1;
    }
    this.#needles = new NeedleSet([...forms].map(([form, secret]) => ({ form, secret })));
    this.longest = this.#needles.longest * WIDEST;
    for (const key of this.#needles.starts) this.#starts[key] = 1;
    this.#within.set(this.#letters);
    for (const char of SYNTAX) this.#within[char.charCodeAt(0)] = 1;
  }

  /** Those that begin behind `from`, and before `limit`; the text has to go on for `longest` behind that. */
  find(text: string, from: number, limit: number): EscapedHit[] {
    const hits: EscapedHit[] = [];
    if (this.longest === 0) return hits;
    const until = Math.min(text.length, limit + this.longest);
    const escapes = new Escapes(text, from);
    for (let at = escapes.next(); at < until; at = escapes.next()) {
      if (!this.#mayBeOfSecret(text, at)) continue;
      let start = at;
      const first = Math.max(from, at - this.longest);
      while (start > first && this.#within[text.charCodeAt(start - 1)] === 1) start--;
      let end = at + 1;
      const last = Math.min(text.length, limit + this.longest);
      while (end < last && this.#within[text.charCodeAt(end)] === 1) end++;
      this.#region(text.slice(start, end), start, hits);
      escapes.skipTo(end);
    }
    return hits;
  }

  /** Of what JSON and paths are full of, backslashes before `"`, `/`, `n` and themselves, nothing is looked at. */
  #mayBeOfSecret(text: string, at: number): boolean {
    const code = text.charCodeAt(at + 1);
    // Letters, digits and entities.
    if (text.charCodeAt(at) === 0x26 || (code >= 0x30 && code <= 0x37) || code === 0x78 || (code | 0x20) === 0x75) {
      const match = matchAt(ESCAPE_HERE, text, at);
      if (!match) return false;
      const meant = meaningOf(match, false);
      // A backslash goes, whether the secret has one or not.
      return this.#letters[meant === '' ? 0x5c : meant.charCodeAt(0)] === 1 || isAmbiguous(match);
    }
    return this.#letters[code] === 1 && code !== 0x22 && code !== 0x2f && code !== 0x5c && !isWord(code);
  }

  #region(text: string, offset: number, hits: EscapedHit[]): void {
    const plain = unescape(text, offset, false);
    this.#search(plain, hits);
    if (plain.ambiguous) this.#search(unescape(text, offset, true), hits);
  }

  #search(plain: Plain, hits: EscapedHit[]): void {
    const { text } = plain;
    let hash = (startOf(text, 0) >> 5) & 0x3ff;
    for (let i = 2; i < text.length; i++) {
      hash = ((hash << 5) | (text.charCodeAt(i) & 31)) & 0x7fff;
      if (this.#starts[hash] !== 1) continue;
      const needle = this.#needles.at(text, i - 2);
      if (!needle) continue;
      const [first, last] = [partOf(plain, i - 2), partOf(plain, i - 3 + needle.form.length)];
      // What has no escape in it is found as it is.
      if (first === last && !plain.parts[first]?.escape) continue;
      const start = placeOf(plain, first, i - 2);
      const end = placeOf(plain, last, i - 3 + needle.form.length);
      hits.push({ start: start.start, end: end.end, secret: needle.secret });
    }
  }
}

/** Finds backslashes and ampersands, one after the other. */
class Escapes {
  #backslash: number;
  #ampersand: number;

  constructor(
    readonly text: string,
    from: number,
  ) {
    this.#backslash = this.#find('\\', from);
    this.#ampersand = this.#find('&', from);
  }

  next(): number {
    const at = Math.min(this.#backslash, this.#ampersand);
    this.skipTo(at + 1);
    return at;
  }

  skipTo(from: number): void {
    if (this.#backslash < from) this.#backslash = this.#find('\\', from);
    if (this.#ampersand < from) this.#ampersand = this.#find('&', from);
  }

  #find(char: string, from: number): number {
    const at = this.text.indexOf(char, from);
    return at < 0 ? Infinity : at;
  }
}

function partOf({ parts }: Plain, at: number): number {
  let [low, high] = [0, parts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((parts[middle]?.at ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

function placeOf({ parts }: Plain, part: number, at: number): { start: number; end: number } {
  const { at: from, start, end, escape } = parts[part] ?? { at: 0, start: 0, end: 0, escape: false };
  return escape ? { start, end } : { start: start + at - from, end: start + at - from + 1 };
}

/**
 * Backslashes that are no part of a known escape go, and ends of lines become the letters of their escapes: so is the same text in
 * whatever language it is quoted.
 */
function unescape(text: string, offset: number, characters: boolean): Plain {
  const parts: Plain['parts'] = [];
  let out = '';
  let from = 0;
  let ambiguous = false;
  const keep = (to: number): void => {
    if (to > from) parts.push({ at: out.length, start: offset + from, end: offset + to, escape: false });
    out += text.slice(from, to);
  };
  for (const match of text.matchAll(ESCAPES)) {
    keep(match.index);
    from = match.index + match[0].length;
    const meant = meaningOf(match, characters);
    if (isAmbiguous(match)) ambiguous = true;
    if (meant === '') continue;
    parts.push({ at: out.length, start: offset + match.index, end: offset + from, escape: true });
    out += meant;
  }
  keep(text.length);
  return { text: plainly(out), parts, ambiguous };
}

/** What an escape stands for, as bytes in a string; a backslash is none. */
function meaningOf(match: RegExpMatchArray, characters: boolean): string {
  const [, high, low, unit, braced, long, byte, octal, decimal, hex, named, ampersand] = match;
  if (named !== undefined) return NAMED[named] ?? '';
  if (ampersand !== undefined) return '&';
  if (high !== undefined && low !== undefined)
    return latin1(String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low, 16)));
  if (byte !== undefined && !characters) return withoutBackslash(Number.parseInt(byte, 16));
  if (octal !== undefined) return withoutBackslash(Number.parseInt(octal, 8));
  const digits = unit ?? braced ?? long ?? byte ?? hex;
  const code = digits === undefined ? Number(decimal) : Number.parseInt(digits, 16);
  if (!(code <= 0x10ffff)) return '';
  return code < 0x80 ? withoutBackslash(code) : latin1(String.fromCodePoint(code));
}

/** Whether it could be a byte as well as a character. */
const isAmbiguous = (match: RegExpMatchArray): boolean => match[6] !== undefined && match[6] > '7';

const withoutBackslash = (code: number): string => (code === 0x5c ? '' : String.fromCharCode(code));

const LINES: Readonly<Record<string, string>> = { '\n': 'n', '\r': 'r', '\t': 't' };
const plainly = (text: string): string =>
  /[\n\r\t]/.test(text) ? text.replace(/[\n\r\t]/g, (char) => LINES[char] ?? char) : text;
