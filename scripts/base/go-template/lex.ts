// Splits a template into text and the tokens of its actions, by the rules of Go's text/template.

import { type Place, TemplateError } from './template-errors.ts';

export type Token =
  /** `.name`; `glued` where it follows an operand without space. */
  | { kind: 'field'; name: string; glued: boolean; at: Place }
  | { kind: 'variable'; name: string; at: Place }
  | { kind: 'word'; name: string; at: Place }
  | { kind: 'string'; value: string; raw: string; at: Place }
  | { kind: 'number'; value: number; raw: string; at: Place }
  | { kind: 'sign'; sign: '(' | ')' | '|' | ':=' | '=' | ',' | '.'; at: Place };

export type Piece = { kind: 'text'; text: string } | { kind: 'action'; tokens: Token[]; raw: string; at: Place };

export interface Delimiters {
  left: string;
  right: string;
}

const SPACE = ' \t\r\n';
const WORD = /[\p{L}\p{N}_]/u;
/** Longer than any number, escape or trim marker; keeps each look ahead at a bounded cost. */
const AHEAD = 400;

/** @throws TemplateError */
export function lex(text: string, delimiters: Delimiters): Piece[] {
  return new Lexer(text, delimiters).pieces();
}

class Lexer {
  /** Where the lines before `#counted` have been counted. */
  #counted = 0;
  #line = 1;
  #at = 0;

  constructor(
    readonly text: string,
    readonly delimiters: Delimiters,
  ) {}

  pieces(): Piece[] {
    const { text } = this;
    const { left } = this.delimiters;
    const pieces: Piece[] = [];
    let trimLeft = false;
    for (;;) {
      const open = text.indexOf(left, this.#at);
      const start = open + left.length;
      const trimRight = open >= 0 && text[start] === '-' && SPACE.includes(text[start + 1] ?? 'x');
      const chunk = trimmed(text.slice(this.#at, open < 0 ? undefined : open), trimLeft, trimRight);
      if (chunk !== '') pieces.push({ kind: 'text', text: chunk });
      if (open < 0) return pieces;
      const at = this.#place(open);
      this.#at = start + (trimRight ? 1 : 0);
      if (this.#comment()) {
        trimLeft = this.#closeComment(at);
        continue;
      }
      const tokens: Token[] = [];
      trimLeft = this.#action(tokens, at);
      pieces.push({ kind: 'action', tokens, raw: text.slice(open, this.#at), at });
    }
  }

  #place(offset: number): Place {
    for (let next = this.text.indexOf('\n', this.#counted); next >= 0 && next < offset;) {
      this.#line++;
      this.#counted = next + 1;
      next = this.text.indexOf('\n', this.#counted);
    }
    return { offset, line: this.#line };
  }

  #comment(): boolean {
    let at = this.#at;
    while (SPACE.includes(this.text[at] ?? 'x')) at++;
    return this.text.startsWith('/*', at);
  }

  /** Whether space after it is trimmed. */
  #closeComment(open: Place): boolean {
    const end = this.text.indexOf('*/', this.text.indexOf('/*', this.#at) + 2);
    if (end >= 0) this.#at = end + 2;
    const close = end < 0 ? undefined : this.#close();
    if (close === undefined) throw new TemplateError('a comment is not closed', open, this.delimiters.left);
    return close.trim;
  }

  /** Goes behind the closing delimiter where it is next. */
  #close(): { trim: boolean } | undefined {
    const { text } = this;
    let at = this.#at;
    while (SPACE.includes(text[at] ?? 'x')) at++;
    const trim = at > this.#at && text[at] === '-' && text.startsWith(this.delimiters.right, at + 1);
    if (!trim && !text.startsWith(this.delimiters.right, at)) return undefined;
    this.#at = at + (trim ? 1 : 0) + this.delimiters.right.length;
    return { trim };
  }

  #action(tokens: Token[], open: Place): boolean {
    for (;;) {
      const close = this.#close();
      if (close !== undefined) return close.trim;
      while (SPACE.includes(this.text[this.#at] ?? 'x')) this.#at++;
      if (this.#at >= this.text.length) throw new TemplateError('the action is not closed', open, this.delimiters.left);
      tokens.push(this.#token());
    }
  }

  #token(): Token {
    const { text } = this;
    const at = this.#place(this.#at);
    const char = text[this.#at] ?? '';
    if (char === '"' || char === "'") return this.#quoted(at, char);
    if (char === '`') {
      const end = text.indexOf('`', at.offset + 1);
      if (end < 0) throw new TemplateError('a raw string is not closed', at, '`');
      this.#at = end + 1;
      return { kind: 'string', value: text.slice(at.offset + 1, end), raw: text.slice(at.offset, end + 1), at };
    }
    if (/^(?:[0-9+-]|\.[0-9])/.test(text.slice(at.offset, at.offset + 2))) return this.#number(at);
    if (char === '.' || char === '$' || WORD.test(char)) return this.#name(at, char);
    for (const sign of [':=', '(', ')', '|', '=', ','] as const) {
      if (!text.startsWith(sign, at.offset)) continue;
      this.#at += sign.length;
      return { kind: 'sign', sign, at };
    }
    throw new TemplateError(`unexpected ${JSON.stringify(char)}`, at, char);
  }

  #name(at: Place, char: string): Token {
    const { text } = this;
    const start = at.offset + (char === '.' || char === '$' ? 1 : 0);
    let end = Math.max(start, at.offset);
    while (end < text.length && WORD.test(text[end] ?? '')) end++;
    this.#at = end;
    const name = text.slice(start, end);
    if (char === '$') return { kind: 'variable', name, at };
    if (char !== '.') return { kind: 'word', name, at };
    if (name === '') return { kind: 'sign', sign: '.', at };
    return { kind: 'field', name, glued: /[\p{L}\p{N}_)$]/u.test(text[at.offset - 1] ?? ''), at };
  }

  #quoted(at: Place, quote: '"' | "'"): Token {
    const { text } = this;
    let value = '';
    let end = at.offset + 1;
    for (; end < text.length && text[end] !== quote && text[end] !== '\n'; end++) {
      if (text[end] === '\\') {
        const [escaped, length] = this.#escape(end);
        value += escaped;
        end += length - 1;
      } else value += text[end] ?? '';
    }
    if (text[end] !== quote) throw new TemplateError('a string is not closed', at, quote);
    this.#at = end + 1;
    const raw = text.slice(at.offset, this.#at);
    if (quote === '"') return { kind: 'string', value, raw, at };
    const [point, ...more] = Array.from(value);
    if (point === undefined || more.length > 0) {
      throw new TemplateError(`${raw} must be one character; strings are written "…" or \`…\``, at, raw);
    }
    return { kind: 'number', value: point.codePointAt(0) ?? 0, raw, at };
  }

  /** What an escape stands for, and its length with the backslash. */
  #escape(offset: number): [string, number] {
    const rest = this.text.slice(offset + 1, offset + 10);
    const code = /^(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3})/.exec(rest)?.[0];
    if (code !== undefined) {
      const point = /^[0-7]/.test(code) ? parseInt(code, 8) : parseInt(code.slice(1), 16);
      if (point > 0x10ffff) {
        throw new TemplateError(`there is no character "\\${code}"`, this.#place(offset), `\\${code}`);
      }
      return [String.fromCodePoint(point), code.length + 1];
    }
    const sign = rest[0] ?? '';
    if (Object.hasOwn(ESCAPES, sign)) return [ESCAPES[sign] ?? '', 2];
    throw new TemplateError(`there is no escape "\\${sign}" in a string`, this.#place(offset), `\\${sign}`);
  }

  #number(at: Place): Token {
    const raw = NUMBER.exec(this.text.slice(at.offset, at.offset + AHEAD))?.[0];
    const char = this.text[at.offset] ?? '';
    if (raw === undefined) throw new TemplateError(`unexpected ${JSON.stringify(char)}`, at, char);
    this.#at += raw.length;
    const bare = raw.replace(/_/g, '').replace(/^\+/, '');
    const value = bare.startsWith('-') ? -Number(bare.slice(1)) : Number(bare);
    const next = this.text[this.#at] ?? '';
    if (Number.isNaN(value) || next === '.' || WORD.test(next)) {
      throw new TemplateError(`"${raw}${Number.isNaN(value) ? '' : next}" is not a number`, at, raw);
    }
    return { kind: 'number', value, raw, at };
  }
}

const NUMBER = /^[+-]?(0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(\d[\d_]*)?\.?\d[\d_]*([eE][+-]?\d+)?)/;

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

function trimmed(chunk: string, left: boolean, right: boolean): string {
  let from = 0;
  let to = chunk.length;
  while (left && from < to && SPACE.includes(chunk[from] ?? 'x')) from++;
  while (right && to > from && SPACE.includes(chunk[to - 1] ?? 'x')) to--;
  return chunk.slice(from, to);
}
