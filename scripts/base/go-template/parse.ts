// Parses a template into a tree: text, pipelines, blocks, variables and named templates of Go's text/template.

import { didYouMean } from '../suggest.ts';
import { type Place, TemplateError } from './template-errors.ts';
import type { TemplateFunction } from './functions.ts';
import { type Delimiters, type Piece, type Token, lex } from './lex.ts';

/** How a kind of file uses templates. */
export interface Dialect extends Delimiters {
  /** Beside `and` and `or`, which every dialect has. */
  functions: Readonly<Record<string, TemplateFunction>>;
  /** Whether Helm's `include` and `tpl` are functions too. */
  helm?: boolean;
}

export type Operand =
  | { kind: 'literal'; value: string | number | boolean | undefined }
  | { kind: 'dot' }
  | { kind: 'variable'; name: string; at: Place }
  | { kind: 'function'; name: string; at: Place }
  | { kind: 'pipe'; pipe: Pipe };

/** An operand with the fields that are read from it, like `.inputs.zone`. */
export interface Term {
  operand: Operand;
  fields: readonly { name: string; at: Place }[];
}

export interface Pipe {
  declares?: readonly string[];
  assigns?: string;
  /** Each a function or value with its arguments; the value of one is the last argument of the next. */
  commands: readonly (readonly Term[])[];
  at: Place;
}

export type Node =
  | { kind: 'text'; text: string }
  | { kind: 'print'; pipe: Pipe }
  | { kind: 'if' | 'with' | 'range'; pipe: Pipe; then: Node[]; otherwise: Node[] }
  | { kind: 'define'; name: string; body: Node[] }
  | { kind: 'template'; name: string; argument: Pipe | undefined; at: Place }
  | { kind: 'break' | 'continue' };

/** @throws TemplateError with its place */
export function parseTemplate(text: string, dialect: Dialect): Node[] {
  const known = new Set(['and', 'or', ...(dialect.helm === true ? HELM : []), ...Object.keys(dialect.functions)]);
  return new Parser(lex(text, dialect), known, dialect.left).list([''], undefined).nodes;
}

/** The named templates of trees, by name; of two with one name the later. */
export function definitions(trees: readonly (readonly Node[])[]): Map<string, readonly Node[]> {
  const found = new Map<string, readonly Node[]>();
  const walk = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      if (node.kind === 'define') {
        found.set(node.name, node.body);
        walk(node.body);
      } else if ('then' in node) {
        walk(node.then);
        walk(node.otherwise);
      }
    }
  };
  trees.forEach(walk);
  return found;
}

const HELM = ['include', 'tpl'];

/** Blocks within blocks, parentheses within parentheses; deeper ones are no template that a person wrote. */
const DEEPEST = 200;

const START: Place = { offset: 0, line: 1 };

type Action = Extract<Piece, { kind: 'action' }>;
type Opened = { word: string; at: Place } | undefined;

class Parser {
  #at = 0;
  #depth = 0;

  constructor(
    readonly pieces: readonly Piece[],
    readonly known: ReadonlySet<string>,
    readonly left: string,
  ) {}

  /** Nodes up to one of the closing words; the empty word is the end of the text. */
  list(closing: readonly string[], opened: Opened): { nodes: Node[]; end: string; rest: Token[] } {
    const from = opened?.at ?? START;
    if (++this.#depth > DEEPEST) throw new TemplateError('blocks are nested too deeply', from, this.left);
    const nodes: Node[] = [];
    for (let piece = this.pieces[this.#at++]; piece !== undefined; piece = this.pieces[this.#at++]) {
      if (piece.kind === 'text') {
        nodes.push(piece);
        continue;
      }
      const [first, ...rest] = piece.tokens;
      const word = first?.kind === 'word' ? first.name : '';
      if (first !== undefined && (word === 'end' || word === 'else')) {
        if (!closing.includes(word)) throw new TemplateError(`unexpected "${word}"`, first.at, word);
        if (word === 'end') expectNone(rest);
        this.#depth--;
        return { nodes, end: word, rest };
      }
      nodes.push(...this.#action(piece, word, rest));
    }
    if (!closing.includes('')) {
      const word = opened?.word ?? '';
      throw new TemplateError(`"${word}" has no "end"`, from, word);
    }
    this.#depth--;
    return { nodes, end: '', rest: [] };
  }

  #action(piece: Action, word: string, rest: Token[]): Node[] {
    const at = piece.tokens[0]?.at ?? piece.at;
    const pipe = (tokens: readonly Token[], raw: string): Pipe => new PipeParser(tokens, this.known, at, raw).whole();
    switch (word) {
      case 'if':
      case 'with':
      case 'range':
        return [this.#branch(word, at, rest)];
      case 'break':
      case 'continue':
        expectNone(rest);
        return [{ kind: word }];
      case 'define': {
        const name = nameOf(rest, word, at);
        expectNone(rest.slice(1));
        return [{ kind: 'define', name, body: this.list(['end'], { word, at }).nodes }];
      }
      case 'template':
      case 'block': {
        const name = nameOf(rest, word, at);
        const argument = rest.length > 1 ? pipe(rest.slice(1), word) : undefined;
        const call: Node = { kind: 'template', name, argument, at };
        if (word === 'template') return [call];
        return [{ kind: 'define', name, body: this.list(['end'], { word, at }).nodes }, call];
      }
      default:
        return [{ kind: 'print', pipe: pipe(piece.tokens, piece.raw) }];
    }
  }

  #branch(word: 'if' | 'with' | 'range', at: Place, tokens: Token[]): Node {
    const pipe = new PipeParser(tokens, this.known, at, word).whole(word === 'range');
    const { nodes: then, end, rest } = this.list(['end', 'else'], { word, at });
    let otherwise: Node[] = [];
    if (end === 'else') {
      const [next, ...after] = rest;
      if (next?.kind === 'word' && (next.name === 'if' || next.name === 'with')) {
        if (++this.#depth > DEEPEST) throw new TemplateError('blocks are nested too deeply', next.at, next.name);
        otherwise = [this.#branch(next.name, next.at, after)];
        this.#depth--;
      } else {
        expectNone(rest);
        otherwise = this.list(['end'], { word, at }).nodes;
      }
    }
    return { kind: word, pipe, then, otherwise };
  }
}

function nameOf([name]: readonly Token[], word: string, at: Place): string {
  if (name?.kind === 'string') return name.value;
  throw new TemplateError(`"${word}" needs a name in quotes`, name?.at ?? at, word);
}

function expectNone([token]: readonly Token[]): void {
  if (token !== undefined) throw unexpected(token);
}

class PipeParser {
  #at = 0;
  #depth = 0;

  constructor(
    readonly tokens: readonly Token[],
    readonly known: ReadonlySet<string>,
    readonly place: Place,
    readonly raw: string,
  ) {}

  /** @param two whether two variables may be declared, as `range` does */
  whole(two = false): Pipe {
    const pipe = this.#pipe(two);
    expectNone(this.tokens.slice(this.#at, this.#at + 1));
    return pipe;
  }

  #sign(sign: string, ahead = 0): boolean {
    const token = this.tokens[this.#at + ahead];
    return token?.kind === 'sign' && token.sign === sign;
  }

  #pipe(two = false): Pipe {
    if (++this.#depth > DEEPEST) throw new TemplateError('parentheses are nested too deeply', this.place, '(');
    const declared = this.#declaration(two);
    const commands: Term[][] = [];
    do {
      if (commands.length > 0) this.#at++;
      commands.push(this.#command());
    } while (this.#sign('|'));
    this.#depth--;
    return { ...declared, commands, at: this.place };
  }

  #declaration(two: boolean): { declares?: readonly string[]; assigns?: string } {
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
    if (two && this.#sign(',', 1) && second?.kind === 'variable' && this.#sign(':=', 3)) {
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
    if (terms.length === 0) throw new TemplateError('a value is missing', this.place, this.raw);
    return terms;
  }

  #term(token: Token): Term {
    this.#at++;
    const fields: { name: string; at: Place }[] = [];
    const operand = this.#operand(token, fields);
    for (let next = this.tokens[this.#at]; next?.kind === 'field' && next.glued; next = this.tokens[this.#at]) {
      fields.push({ name: next.name, at: next.at });
      this.#at++;
    }
    return { operand, fields };
  }

  #operand(token: Token, fields: { name: string; at: Place }[]): Operand {
    switch (token.kind) {
      case 'string':
      case 'number':
        return { kind: 'literal', value: token.value };
      case 'field':
        fields.push({ name: token.name, at: token.at });
        return { kind: 'dot' };
      case 'variable':
        return { kind: 'variable', name: token.name, at: token.at };
      case 'word':
        return this.#word(token.name, token.at);
      case 'sign': {
        if (token.sign === '.') return { kind: 'dot' };
        if (token.sign !== '(') throw unexpected(token);
        const pipe = this.#pipe();
        if (!this.#sign(')')) throw new TemplateError('"(" is not closed', token.at, '(');
        this.#at++;
        return { kind: 'pipe', pipe };
      }
    }
  }

  #word(name: string, at: Place): Operand {
    if (name === 'true' || name === 'false') return { kind: 'literal', value: name === 'true' };
    if (name === 'nil') return { kind: 'literal', value: undefined };
    if (this.known.has(name)) return { kind: 'function', name, at };
    throw new TemplateError(`there is no function "${name}"${didYouMean(name, this.known)}`, at, name);
  }
}

function unexpected(token: Token): TemplateError {
  const part = 'raw' in token ? token.raw : 'name' in token ? token.name : token.sign;
  return new TemplateError(`unexpected ${JSON.stringify(part)}`, token.at, part);
}
