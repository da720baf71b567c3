// Parses a template into a tree: text, pipelines, if, with, range and variables of Go's text/template.

import { nearest } from '../../base/suggest.ts';
import { functionNames } from './functions.ts';
import { TemplateError, type Piece, type Token, lex } from './lex.ts';

export type Operand =
  | { kind: 'literal'; value: string | number | boolean | null }
  | { kind: 'dot' }
  | { kind: 'variable'; name: string; offset: number }
  | { kind: 'function'; name: string; offset: number }
  | { kind: 'pipe'; pipe: Pipe };

/** An operand with the fields that are read from it, like `.inputs.zone`. */
export interface Term {
  operand: Operand;
  fields: readonly { name: string; offset: number }[];
}

export interface Pipe {
  declares?: readonly string[];
  assigns?: string;
  /** Each a function or value with its arguments; the value of one is the last argument of the next. */
  commands: readonly (readonly Term[])[];
  offset: number;
}

export type Node =
  | { kind: 'text'; text: string }
  | { kind: 'print'; pipe: Pipe }
  | { kind: 'if' | 'with'; pipe: Pipe; then: Node[]; otherwise: Node[] }
  | { kind: 'range'; pipe: Pipe; then: Node[]; otherwise: Node[] };

/** @throws TemplateError with its place */
export function parseTemplate(text: string): Node[] {
  const parser = new Parser(lex(text));
  const nodes = parser.list(['']);
  return nodes.nodes;
}

/** Blocks within blocks; deeper ones are no template that a person wrote. */
const DEEPEST = 200;

class Parser {
  #at = 0;
  #depth = 0;

  constructor(readonly pieces: readonly Piece[]) {}

  /** Nodes up to one of the closing words; the empty word is the end of the text. */
  list(
    closing: readonly string[],
    opened?: { offset: number; word: string },
  ): { nodes: Node[]; end: string; rest: Token[] } {
    if (++this.#depth > DEEPEST) throw new TemplateError('blocks are nested too deeply', opened?.offset ?? 0, '${{');
    const nodes: Node[] = [];
    for (let piece = this.pieces[this.#at++]; piece !== undefined; piece = this.pieces[this.#at++]) {
      if (piece.kind === 'text') {
        nodes.push(piece);
        continue;
      }
      const [first, ...rest] = piece.tokens;
      if (first === undefined) throw new TemplateError('a template has no value', piece.offset, piece.raw);
      const word = first.kind === 'word' ? first.name : '';
      if (word === 'end' || word === 'else') {
        if (!closing.includes(word)) throw new TemplateError(`unexpected "${word}"`, first.offset, word);
        this.#depth--;
        return { nodes, end: word, rest };
      }
      if (word === 'if' || word === 'with' || word === 'range') nodes.push(this.#block(word, first, rest));
      else if (UNSUPPORTED.has(word))
        throw new TemplateError(`"${word}" is not supported in task files`, first.offset, word);
      else nodes.push({ kind: 'print', pipe: new PipeParser(piece.tokens, piece.offset, piece.raw).whole() });
    }
    if (!closing.includes('')) {
      const word = opened?.word ?? 'if';
      throw new TemplateError(`"${word}" has no "end"`, opened?.offset ?? 0, word);
    }
    this.#depth--;
    return { nodes, end: '', rest: [] };
  }

  #block(word: 'if' | 'with' | 'range', first: Token, rest: Token[]): Node {
    const pipe = new PipeParser(rest, first.offset, word).whole();
    const opened = { offset: first.offset, word };
    const then = this.list(['end', 'else'], opened);
    let otherwise: Node[] = [];
    if (then.end === 'else') {
      const [next, ...after] = then.rest;
      if (next?.kind === 'word' && (next.name === 'if' || next.name === 'with')) {
        otherwise = [this.#block(next.name, next, after)];
      } else {
        if (next !== undefined) throw new TemplateError('unexpected words after "else"', next.offset, 'else');
        otherwise = this.list(['end'], opened).nodes;
      }
    }
    return { kind: word, pipe, then: then.nodes, otherwise };
  }
}

const UNSUPPORTED = new Set(['define', 'template', 'block', 'break', 'continue']);

class PipeParser {
  #at = 0;

  constructor(
    readonly tokens: readonly Token[],
    readonly offset: number,
    readonly raw: string,
  ) {}

  whole(): Pipe {
    const pipe = this.#pipe();
    const extra = this.tokens[this.#at];
    if (extra !== undefined) throw unexpected(extra);
    return pipe;
  }

  #sign(sign: string, ahead = 0): boolean {
    const token = this.tokens[this.#at + ahead];
    return token?.kind === 'sign' && token.sign === sign;
  }

  #pipe(): Pipe {
    const declared = this.#declaration();
    const commands: Term[][] = [];
    do {
      if (commands.length > 0) this.#at++;
      commands.push(this.#command());
    } while (this.#sign('|'));
    return { ...declared, commands, offset: this.offset };
  }

  #declaration(): { declares?: readonly string[]; assigns?: string } {
    const first = this.tokens[this.#at];
    if (first?.kind !== 'variable') return {};
    if (this.#sign('=', 1)) {
      this.#at += 2;
      return { assigns: first.name };
    }
    if (this.#sign(':=', 1)) {
      this.#at += 2;
      return { declares: [first.name] };
    }
    const second = this.tokens[this.#at + 2];
    if (this.#sign(',', 1) && second?.kind === 'variable' && this.#sign(':=', 3)) {
      this.#at += 4;
      return { declares: [first.name, second.name] };
    }
    return {};
  }

  #command(): Term[] {
    const terms: Term[] = [];
    for (let token = this.tokens[this.#at]; token !== undefined; token = this.tokens[this.#at]) {
      if (token.kind === 'sign' && (token.sign === '|' || token.sign === ')')) break;
      terms.push(this.#term(token));
    }
    if (terms.length === 0) throw new TemplateError('a template has no value', this.offset, this.raw);
    return terms;
  }

  #term(token: Token): Term {
    this.#at++;
    const fields: { name: string; offset: number }[] = [];
    const operand = this.#operand(token, fields);
    for (let next = this.tokens[this.#at]; next?.kind === 'field' && next.glued; next = this.tokens[this.#at]) {
      fields.push({ name: next.name, offset: next.offset });
      this.#at++;
    }
    return { operand, fields };
  }

  #operand(token: Token, fields: { name: string; offset: number }[]): Operand {
    switch (token.kind) {
      case 'string':
      case 'number':
        return { kind: 'literal', value: token.value };
      case 'field':
        fields.push({ name: token.name, offset: token.offset });
        return { kind: 'dot' };
      case 'variable':
        return { kind: 'variable', name: token.name, offset: token.offset };
      case 'word':
        return wordOperand(token);
      case 'sign': {
        if (token.sign === '.') return { kind: 'dot' };
        if (token.sign !== '(') throw unexpected(token);
        const pipe = this.#pipe();
        if (!this.#sign(')')) throw new TemplateError('"(" is not closed', token.offset, '(');
        this.#at++;
        return { kind: 'pipe', pipe };
      }
    }
  }
}

function wordOperand({ name, offset }: { name: string; offset: number }): Operand {
  if (name === 'true' || name === 'false') return { kind: 'literal', value: name === 'true' };
  if (name === 'nil') return { kind: 'literal', value: null };
  if (functionNames.has(name)) return { kind: 'function', name, offset };
  const guess = nearest(name, functionNames);
  throw new TemplateError(
    `there is no function "${name}"`,
    offset,
    name,
    guess === undefined ? undefined : `did you mean "${guess}"?`,
  );
}

function unexpected(token: Token): TemplateError {
  const part = 'raw' in token ? token.raw : 'name' in token ? token.name : token.sign;
  return new TemplateError(`unexpected "${part}" in a template`, token.offset, part);
}
