// Splits a `${{ … }}` template into text and the tokens of its actions, by the rules of Go's text/template.

/** Something is wrong at a place of the template's text. */
export class TemplateError extends Error {
  constructor(
    message: string,
    /** Offset into the text, and the part of it that the message is about. */
    readonly offset: number,
    readonly part: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

export type Token =
  /** `.inputs` or `.name` after an operand. */
  | { kind: 'field'; name: string; glued: boolean; offset: number }
  | { kind: 'variable'; name: string; offset: number }
  | { kind: 'word'; name: string; offset: number }
  | { kind: 'string'; value: string; raw: string; offset: number }
  | { kind: 'number'; value: number; raw: string; offset: number }
  | { kind: 'sign'; sign: '(' | ')' | '|' | ':=' | '=' | ',' | '.'; offset: number };

export type Piece = { kind: 'text'; text: string } | { kind: 'action'; tokens: Token[]; offset: number; raw: string };

const OPEN = '${{';
const CLOSE = '}}';

/** Whether there is anything to do. */
export function isTemplate(text: string): boolean {
  return text.includes(OPEN);
}

/** @throws TemplateError */
export function lex(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trimLeft = false;
  for (;;) {
    const open = text.indexOf(OPEN, at);
    let chunk = text.slice(at, open < 0 ? text.length : open);
    if (trimLeft) chunk = chunk.replace(/^[ \t\r\n]+/, '');
    const trimRight = open >= 0 && /^-[ \t\r\n]/.test(text.slice(open + OPEN.length, open + OPEN.length + 2));
    if (trimRight) chunk = chunk.replace(/[ \t\r\n]+$/, '');
    if (chunk !== '') pieces.push({ kind: 'text', text: chunk });
    if (open < 0) return pieces;
    const start = open + OPEN.length + (trimRight ? 1 : 0);
    const comment = /^[ \t\r\n]*\/\*/.exec(text.slice(start));
    if (comment) {
      const end = text.indexOf('*/', start + comment[0].length);
      const close = /^[ \t\r\n]*(-?)}}/.exec(end < 0 ? '' : text.slice(end + 2));
      if (!close) throw new TemplateError('a comment in a template is not closed', open, OPEN);
      trimLeft = close[1] === '-';
      at = end + 2 + close[0].length;
      continue;
    }
    const { tokens, end, trim } = lexAction(text, start, open);
    trimLeft = trim;
    pieces.push({ kind: 'action', tokens, offset: open, raw: text.slice(open, end) });
    at = end;
  }
}

const SPACE = /[ \t\r\n]/;
const WORD = /[\p{L}\p{N}_]/u;

function lexAction(text: string, start: number, open: number): { tokens: Token[]; end: number; trim: boolean } {
  const tokens: Token[] = [];
  let at = start;
  while (at < text.length) {
    const char = text[at] ?? '';
    if (SPACE.test(char)) {
      const trim = /^[ \t\r\n]+-}}/.exec(text.slice(at, at + 64));
      if (trim) return { tokens, end: at + trim[0].length, trim: true };
      at++;
    } else if (text.startsWith(CLOSE, at)) {
      return { tokens, end: at + CLOSE.length, trim: false };
    } else {
      const [token, next] = lexToken(text, at);
      tokens.push(token);
      at = next;
    }
  }
  throw new TemplateError('"${{" is not closed by "}}"', open, OPEN);
}

function lexToken(text: string, at: number): [Token, number] {
  const char = text[at] ?? '';
  if (char === '"' || char === "'") return lexQuoted(text, at, char);
  if (char === '`') {
    const end = text.indexOf('`', at + 1);
    if (end < 0) throw new TemplateError('a raw string in a template is not closed', at, '`');
    const raw = text.slice(at, end + 1);
    return [{ kind: 'string', value: raw.slice(1, -1), raw, offset: at }, end + 1];
  }
  if (/[0-9+-]/.test(char)) return lexNumber(text, at);
  if (char === '.' || char === '$' || WORD.test(char)) {
    const [first, length] = char === '.' || char === '$' ? ['', 1] : [char, 0];
    let end = at + length;
    while (end < text.length && WORD.test(text[end] ?? '')) end++;
    const name = text.slice(at + length, end);
    if (char === '.') {
      if (name === '') return [{ kind: 'sign', sign: '.', offset: at }, end];
      return [{ kind: 'field', name, glued: at > 0 && /[\p{L}\p{N}_)]/u.test(text[at - 1] ?? ''), offset: at }, end];
    }
    if (char === '$') return [{ kind: 'variable', name, offset: at }, end];
    return [{ kind: 'word', name: first === '' ? name : text.slice(at, end), offset: at }, end];
  }
  if (text.startsWith(':=', at)) return [{ kind: 'sign', sign: ':=', offset: at }, at + 2];
  for (const sign of ['(', ')', '|', '=', ','] as const) {
    if (char === sign) return [{ kind: 'sign', sign, offset: at }, at + 1];
  }
  throw new TemplateError(`unexpected "${char}" in a template`, at, char);
}

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

function lexQuoted(text: string, at: number, quote: string): [Token, number] {
  let value = '';
  let end = at + 1;
  for (; end < text.length && text[end] !== quote && text[end] !== '\n'; end++) {
    if (text[end] !== '\\') {
      value += text[end] ?? '';
      continue;
    }
    const escape = text[++end] ?? '';
    const code = /^(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3})/.exec(text.slice(end, end + 9))?.[0];
    if (code !== undefined) {
      const point = /^[0-7]/.test(code) ? parseInt(code, 8) : parseInt(code.slice(1), 16);
      if (point > 0x10ffff) throw new TemplateError(`no such character: "\\${code}"`, end - 1, `\\${code}`);
      value += String.fromCodePoint(point);
      end += code.length - 1;
    } else if (Object.hasOwn(ESCAPES, escape)) value += ESCAPES[escape] ?? '';
    else throw new TemplateError(`no such escape in a string: "\\${escape}"`, end - 1, `\\${escape}`);
  }
  if (text[end] !== quote) throw new TemplateError('a string in a template is not closed', at, text.slice(at, at + 1));
  const raw = text.slice(at, end + 1);
  if (quote === "'") {
    const points = Array.from(value);
    if (points.length !== 1)
      throw new TemplateError(`${raw} must be one character; strings stand in "…" or \`…\``, at, raw);
    return [{ kind: 'number', value: points[0]?.codePointAt(0) ?? 0, raw, offset: at }, end + 1];
  }
  return [{ kind: 'string', value, raw, offset: at }, end + 1];
}

function lexNumber(text: string, at: number): [Token, number] {
  const raw = /^[+-]?(0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(\d[\d_]*)?\.?\d[\d_]*([eE][+-]?\d+)?)/.exec(
    text.slice(at, at + 400),
  )?.[0];
  if (raw === undefined) throw new TemplateError(`unexpected "${text[at] ?? ''}" in a template`, at, text[at] ?? '');
  const bare = raw.replace(/_/g, '').replace(/^\+/, '');
  const value = bare.startsWith('-') ? -Number(bare.slice(1)) : Number(bare);
  if (Number.isNaN(value)) throw new TemplateError(`"${raw}" is no number`, at, raw);
  return [{ kind: 'number', value, raw, offset: at }, at + raw.length];
}
