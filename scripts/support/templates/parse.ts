// Reads Go templates into a tree: text, actions with pipelines, and the blocks that control them.

import { HoistError } from '../../base/errors.ts';

export type Expression =
  | { type: 'literal'; value: unknown }
  /** `.a.b`: of the dot; of what stands before where there is something. */
  | { type: 'fields'; of: Expression | undefined; names: readonly string[] }
  | { type: 'variable'; name: string }
  | { type: 'call'; name: string; args: readonly Expression[] }
  /** A value with further words behind it, which only a function can take. */
  | { type: 'pipe'; stages: readonly Expression[] };

export interface Pipeline {
  expression: Expression;
  /** Variables that it sets: one, or two in a `range`. */
  sets?: readonly string[] | undefined;
  /** `:=` rather than `=`. */
  declares: boolean;
}

export type Node =
  | { type: 'text'; text: string }
  | { type: 'output'; pipeline: Pipeline; line: number }
  | { type: 'branch'; kind: 'if' | 'with' | 'range'; pipeline: Pipeline; then: Node[]; otherwise: Node[]; line: number }
  | { type: 'define'; name: string; body: Node[] }
  | { type: 'template'; name: string; argument: Pipeline | undefined; line: number }
  | { type: 'leave'; kind: 'break' | 'continue' };

export interface Delimiters {
  left: string;
  right: string;
}

export class TemplateError extends HoistError {
  override readonly name = 'TemplateError';

  constructor(
    message: string,
    readonly line: number,
  ) {
    super(message);
  }
}

interface Piece {
  kind: 'text' | 'action';
  content: string;
  line: number;
}

/** @throws TemplateError with the line where it is no template. */
export function parseTemplate(text: string, delimiters: Delimiters): Node[] {
  const parser = new BlockParser(pieces(text, delimiters));
  return parser.all();
}

function pieces(text: string, { left, right }: Delimiters): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  let line = 1;
  let trimNext = false;
  const count = (part: string): void => {
    line += part.split('\n').length - 1;
  };
  for (;;) {
    const start = text.indexOf(left, at);
    const before = text.slice(at, start < 0 ? undefined : start);
    const trimBefore = start >= 0 && /^-\s/.test(text.slice(start + left.length, start + left.length + 2));
    const shown = trimBefore ? (trimNext ? before.trim() : before.trimEnd()) : trimNext ? before.trimStart() : before;
    if (shown !== '') found.push({ kind: 'text', content: shown, line });
    count(before);
    if (start < 0) return found;
    const end = endOf(text, start + left.length, right);
    if (end < 0) throw new TemplateError('an action is not closed', line);
    let content = text.slice(start + left.length, end);
    trimNext = /\s-$/.test(content);
    if (trimBefore) content = content.slice(1);
    if (trimNext) content = content.slice(0, -1);
    content = content.trim();
    if (!content.startsWith('/*')) found.push({ kind: 'action', content, line });
    count(text.slice(start, end));
    at = end + right.length;
  }
}

/** Where the action ends; delimiters within quotes do not count. */
function endOf(text: string, from: number, right: string): number {
  if (/^-?\s*\/\*/.test(text.slice(from, from + 8))) {
    const close = text.indexOf('*/', from);
    return close < 0 ? -1 : text.indexOf(right, close);
  }
  for (let at = from; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '"' || character === '`' || character === "'") {
      const close = character === '`' ? text.indexOf('`', at + 1) : quoteEnd(text, at, character);
      if (close < 0) return -1;
      at = close;
    } else if (text.startsWith(right, at)) return at;
  }
  return -1;
}

function quoteEnd(text: string, from: number, quote: string): number {
  for (let at = from + 1; at < text.length && text[at] !== '\n'; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === quote) return at;
  }
  return -1;
}

class BlockParser {
  #at = 0;

  constructor(readonly pieces: readonly Piece[]) {}

  all(): Node[] {
    const { nodes, end } = this.#block();
    if (end) throw new TemplateError(`"${end.content}" closes nothing`, end.line);
    return nodes;
  }

  /** Nodes up to an `end` or `else`, which is taken. */
  #block(): { nodes: Node[]; end: Piece | undefined } {
    const nodes: Node[] = [];
    for (let piece = this.pieces[this.#at]; piece; piece = this.pieces[this.#at]) {
      this.#at++;
      if (piece.kind === 'text') nodes.push({ type: 'text', text: piece.content });
      else if (/^(end|else)\b/.test(piece.content)) return { nodes, end: piece };
      else nodes.push(...this.#action(piece));
    }
    return { nodes, end: undefined };
  }

  #action({ content, line }: Piece): Node[] {
    const [, word = '', rest = ''] = /^(\w+)\b\s*([\s\S]*)$/.exec(content) ?? [];
    if (word === 'if' || word === 'with' || word === 'range') return [this.#branch(word, rest, line)];
    if (word === 'define') {
      const body = this.#closed(line);
      return [{ type: 'define', name: unquoted(rest), body }];
    }
    if (word === 'block' || word === 'template') {
      const [, name = '', argument = ''] = /^("(?:[^"\\]|\\.)*"|`[^`]*`)\s*([\s\S]*)$/.exec(rest) ?? [];
      const call: Node = {
        type: 'template',
        name: unquoted(name),
        argument: argument === '' ? undefined : parsePipeline(argument, line),
        line,
      };
      if (word === 'template') return [call];
      return [{ type: 'define', name: unquoted(name), body: this.#closed(line) }, call];
    }
    if (content === 'break' || content === 'continue') return [{ type: 'leave', kind: content }];
    if (content === '') return [];
    return [{ type: 'output', pipeline: parsePipeline(content, line), line }];
  }

  #closed(line: number): Node[] {
    const { nodes, end } = this.#block();
    if (end?.content !== 'end') throw new TemplateError('a block is not closed', line);
    return nodes;
  }

  #branch(kind: 'if' | 'with' | 'range', condition: string, line: number): Node {
    const pipeline = parsePipeline(condition, line);
    const { nodes: then, end } = this.#block();
    if (!end) throw new TemplateError(`"${kind}" is not closed`, line);
    if (end.content === 'end') return { type: 'branch', kind, pipeline, then, otherwise: [], line };
    const again = /^else\s+(if|with)\b\s*([\s\S]*)$/.exec(end.content);
    if (again) {
      const inner = this.#branch(again[1] === 'with' ? 'with' : 'if', again[2] ?? '', end.line);
      return { type: 'branch', kind, pipeline, then, otherwise: [inner], line };
    }
    return { type: 'branch', kind, pipeline, then, otherwise: this.#closed(end.line), line };
  }
}

function unquoted(text: string): string {
  const trimmed = text.trim();
  return trimmed.startsWith('"') ? (JSON.parse(trimmed) as string) : trimmed.replace(/^`|`$/g, '');
}

const TOKEN =
  /\s+|(?<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)|(?<char>'(?:[^'\\]|\\.)+')|(?<number>[+-]?(?:0[xX][\da-fA-F_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))(?![\w.])|(?<field>\.\w+)|(?<dot>\.)|(?<variable>\$\w*)|(?<word>\w+)|(?<sign>:=|=|\||\(|\)|,)/gy;

interface Token {
  kind: 'string' | 'char' | 'number' | 'field' | 'dot' | 'variable' | 'word' | 'sign';
  text: string;
  /** Whether there is space before it: `.a .b` are two words, `.a.b` is one. */
  spaced: boolean;
}

function tokensOf(source: string, line: number): Token[] {
  const tokens: Token[] = [];
  let spaced = true;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (!match) throw new TemplateError(`"${source.slice(from, from + 20)}" is not understood`, line);
    const [kind] =
      (Object.entries(match.groups ?? {}) as [string, string | undefined][]).find(([, value]) => value !== undefined) ??
      [];
    if (kind !== undefined) tokens.push({ kind: kind as Token['kind'], text: match[0], spaced });
    spaced = kind === undefined;
  }
  return tokens;
}

/** @throws TemplateError */
function parsePipeline(source: string, line: number): Pipeline {
  const tokens = tokensOf(source, line);
  const assign = tokens.findIndex(({ text, kind }) => kind === 'sign' && /^:?=$/.test(text));
  const sets =
    assign < 0
      ? undefined
      : tokens
          .slice(0, assign)
          .filter(({ kind }) => kind === 'variable')
          .map(({ text }) => text);
  const parser = new ExpressionParser(tokens.slice(assign + 1), line);
  return { expression: parser.pipeline(true), sets, declares: tokens[assign]?.text === ':=' };
}

class ExpressionParser {
  #at = 0;

  constructor(
    readonly tokens: readonly Token[],
    readonly line: number,
  ) {}

  pipeline(whole: boolean): Expression {
    const first = this.#command();
    const stages = [first];
    while (this.#sign('|')) stages.push(this.#command());
    if (whole && this.#at < this.tokens.length) throw this.#odd();
    return stages.length === 1 ? first : { type: 'pipe', stages };
  }

  #sign(text: string): boolean {
    const token = this.tokens[this.#at];
    if (token?.kind !== 'sign' || token.text !== text) return false;
    this.#at++;
    return true;
  }

  #command(): Expression {
    const first = this.tokens[this.#at];
    if (first?.kind === 'word' && !['true', 'false', 'nil'].includes(first.text)) {
      this.#at++;
      const args: Expression[] = [];
      while (this.#hasOperand()) args.push(this.#operand());
      return { type: 'call', name: first.text, args };
    }
    const operand = this.#operand();
    // `.Method arg`: not known here; the rest is an error.
    if (this.#hasOperand()) throw this.#odd();
    return operand;
  }

  #hasOperand(): boolean {
    const token = this.tokens[this.#at];
    return token !== undefined && (token.kind !== 'sign' || token.text === '(');
  }

  #operand(): Expression {
    const token = this.tokens[this.#at];
    if (!token) throw new TemplateError('a value is missing', this.line);
    this.#at++;
    return this.#fieldsOf(this.#simple(token));
  }

  #simple({ kind, text }: Token): Expression {
    switch (kind) {
      case 'string':
        return { type: 'literal', value: text.startsWith('`') ? text.slice(1, -1) : unescaped(text) };
      case 'char':
        return { type: 'literal', value: text.slice(1, -1).codePointAt(0) };
      case 'number':
        return { type: 'literal', value: Number(text.replaceAll('_', '')) };
      case 'field':
        return { type: 'fields', of: undefined, names: [text.slice(1)] };
      case 'dot':
        return { type: 'fields', of: undefined, names: [] };
      case 'variable':
        return { type: 'variable', name: text };
      case 'word':
        if (text === 'true' || text === 'false') return { type: 'literal', value: text === 'true' };
        return text === 'nil' ? { type: 'literal', value: undefined } : { type: 'call', name: text, args: [] };
      case 'sign': {
        if (text !== '(') throw this.#odd();
        const inner = this.pipeline(false);
        if (!this.#sign(')')) throw new TemplateError('a bracket is not closed', this.line);
        return inner;
      }
    }
  }

  /** Fields that follow without space. */
  #fieldsOf(of: Expression): Expression {
    const names: string[] = [];
    for (let next = this.tokens[this.#at]; next?.kind === 'field' && !next.spaced; next = this.tokens[this.#at]) {
      names.push(next.text.slice(1));
      this.#at++;
    }
    if (names.length === 0) return of;
    if (of.type === 'fields' && of.of === undefined) return { ...of, names: [...of.names, ...names] };
    return { type: 'fields', of, names };
  }

  #odd(): TemplateError {
    const rest = this.tokens.slice(Math.max(0, this.#at - 1), this.#at + 3).map(({ text }) => text);
    return new TemplateError(`"${rest.join(' ')}" is not understood`, this.line);
  }
}

function unescaped(text: string): string {
  try {
    return JSON.parse(
      text.replace(/\\a/g, '\\u0007').replace(/\\v/g, '\\u000b').replace(/\\'/g, "'").replace(/\t/g, '\\t'),
    ) as string;
  } catch {
    return text.slice(1, -1);
  }
}
