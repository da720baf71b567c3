// Splits a Go text/template into text and the tokens of its actions.

/** A template that cannot be parsed or evaluated; the message names the line. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

export type Token =
  | { type: 'string'; value: string }
  | { type: 'number'; value: number }
  | { type: 'word'; value: string }
  | { type: 'variable'; value: string }
  | { type: 'field'; value: string }
  | { type: 'symbol'; value: string };

export type Piece = { type: 'text'; text: string } | { type: 'action'; tokens: Token[]; line: number };

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };

/** @throws TemplateError for an action that is not closed, and for what is no token */
export function lex(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trimNext = false;
  const push = (raw: string, trimEnd: boolean): void => {
    let part = trimNext ? raw.replace(/^[ \t\r\n]+/, '') : raw;
    if (trimEnd) part = part.replace(/[ \t\r\n]+$/, '');
    if (part !== '') pieces.push({ type: 'text', text: part });
  };
  for (;;) {
    const open = text.indexOf('{{', at);
    if (open < 0) {
      push(text.slice(at), false);
      return pieces;
    }
    const trim = /^-[ \t\r\n]/.test(text.slice(open + 2, open + 4));
    push(text.slice(at, open), trim);
    const start = open + 2 + (trim ? 1 : 0);
    const line = text.slice(0, open).split('\n').length;
    const { tokens, end, trimAfter } = action(text, start, line);
    if (tokens.length > 0) pieces.push({ type: 'action', tokens, line });
    at = end;
    trimNext = trimAfter;
  }
}

function action(text: string, start: number, line: number): { tokens: Token[]; end: number; trimAfter: boolean } {
  const comment = /^[ \t\r\n]*\/\*[\s\S]*?\*\/[ \t\r\n]*(-?)\}\}/.exec(text.slice(start));
  if (comment) return { tokens: [], end: start + comment[0].length, trimAfter: comment[1] === '-' };
  const tokens: Token[] = [];
  let at = start;
  for (;;) {
    const rest = text.slice(at);
    const close = /^(?:[ \t\r\n]+(-))?[ \t\r\n]*\}\}/.exec(rest);
    if (close) {
      if (tokens.length === 0) throw new TemplateError(`line ${line}: the action {{}} is empty`);
      return { tokens, end: at + close[0].length, trimAfter: close[1] === '-' };
    }
    const space = /^[ \t\r\n]+/.exec(rest)?.[0].length ?? 0;
    if (space > 0) {
      at += space;
      continue;
    }
    if (rest === '') throw new TemplateError(`line ${line}: the action is not closed`);
    const { token, length } = next(rest, line);
    tokens.push(token);
    at += length;
  }
}

function next(rest: string, line: number): { token: Token; length: number } {
  const quoted = /^"((?:[^"\\\n]|\\.)*)"/.exec(rest);
  if (quoted) return { token: { type: 'string', value: unescape(quoted[1] ?? '') }, length: quoted[0].length };
  const raw = /^`([^`]*)`/.exec(rest);
  if (raw) return { token: { type: 'string', value: raw[1] ?? '' }, length: raw[0].length };
  const number = /^[-+]?\d+(?:\.\d+)?(?![\w.])/.exec(rest);
  if (number) return { token: { type: 'number', value: Number(number[0]) }, length: number[0].length };
  const variable = /^\$\w*/.exec(rest);
  if (variable) return { token: { type: 'variable', value: variable[0] }, length: variable[0].length };
  const field = /^\.\w*/.exec(rest);
  if (field) return { token: { type: 'field', value: field[0] }, length: field[0].length };
  const word = /^[A-Za-z_]\w*/.exec(rest);
  if (word) return { token: { type: 'word', value: word[0] }, length: word[0].length };
  const symbol = /^(?::=|=|\||\(|\)|,)/.exec(rest);
  if (symbol) return { token: { type: 'symbol', value: symbol[0] }, length: symbol[0].length };
  const shown = rest.startsWith('"') ? 'a quoted text is not closed' : `unexpected ${JSON.stringify(rest.slice(0, 1))}`;
  throw new TemplateError(`line ${line}: ${shown}`);
}

function unescape(text: string): string {
  return text.replace(/\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|.)/g, (_, code: string) =>
    code.length > 1 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (escapes[code] ?? code),
  );
}
