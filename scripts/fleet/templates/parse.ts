// Builds the tree of a Go text/template from its pieces: the actions that sync sets use, each other one refused by name.

import { lex, type Piece, TemplateError, type Token } from './lex.ts';

export type Operand =
  | { type: 'literal'; value: string | number | boolean | undefined }
  | { type: 'dot' }
  | { type: 'variable'; name: string }
  | { type: 'call'; name: string }
  | { type: 'group'; pipe: Pipe };

/** A function with its arguments, or a value. */
export type Command = readonly Operand[];

export interface Pipe {
  /** `$x :=` or `$x =` before it. */
  declare?: { name: string; isNew: boolean };
  commands: Command[];
  line: number;
}

export type Node =
  | { type: 'text'; text: string }
  | { type: 'output'; pipe: Pipe }
  | { type: 'if' | 'with'; pipe: Pipe; then: Node[]; otherwise: Node[] };

/** @throws TemplateError */
export function parse(text: string): Node[] {
  const parser = new Parser(lex(text));
  const nodes = parser.nodes();
  parser.finish();
  return nodes;
}

const unsupported = new Set(['range', 'template', 'define', 'block', 'break', 'continue']);

class Parser {
  #at = 0;

  constructor(readonly pieces: readonly Piece[]) {}

  /** Up to an `end` or `else`, which stays to be read. */
  nodes(): Node[] {
    const nodes: Node[] = [];
    for (let piece = this.pieces[this.#at]; piece !== undefined; piece = this.pieces[this.#at]) {
      if (piece.type === 'text') {
        nodes.push(piece);
        this.#at += 1;
        continue;
      }
      const keyword = keywordOf(piece);
      if (keyword === 'end' || keyword === 'else') return nodes;
      this.#at += 1;
      if (keyword === 'if' || keyword === 'with') nodes.push(this.#branch(keyword, piece.tokens.slice(1), piece.line));
      else if (unsupported.has(keyword)) {
        throw new TemplateError(`line ${piece.line}: "${keyword}" is not supported in sync sets`);
      } else nodes.push({ type: 'output', pipe: pipeOf(piece.tokens, piece.line) });
    }
    return nodes;
  }

  finish(): void {
    const piece = this.pieces[this.#at];
    if (piece?.type === 'action') throw new TemplateError(`line ${piece.line}: unexpected {{${keywordOf(piece)}}}`);
  }

  #branch(type: 'if' | 'with', tokens: Token[], line: number): Node {
    const pipe = pipeOf(tokens, line);
    const then = this.nodes();
    const stop = this.#take(type, line);
    if (keywordOf(stop) === 'end') return { type, pipe, then, otherwise: [] };
    const chained = stop.tokens[1];
    if (chained === undefined) {
      const otherwise = this.nodes();
      const end = this.#take(type, line);
      if (keywordOf(end) !== 'end') throw new TemplateError(`line ${end.line}: a second {{else}}`);
      return { type, pipe, then, otherwise };
    }
    if (chained.type === 'word' && (chained.value === 'if' || chained.value === 'with')) {
      return { type, pipe, then, otherwise: [this.#branch(chained.value, stop.tokens.slice(2), stop.line)] };
    }
    throw new TemplateError(`line ${stop.line}: unexpected text after {{else`);
  }

  #take(type: string, line: number): Extract<Piece, { type: 'action' }> {
    const piece = this.pieces[this.#at];
    this.#at += 1;
    if (piece?.type !== 'action') throw new TemplateError(`line ${line}: {{${type}}} has no {{end}}`);
    return piece;
  }
}

function keywordOf(piece: Extract<Piece, { type: 'action' }>): string {
  const [first] = piece.tokens;
  return first?.type === 'word' ? first.value : '';
}

function pipeOf(tokens: readonly Token[], line: number): Pipe {
  const rest = [...tokens];
  const [first, second] = rest;
  const assigns = second?.type === 'symbol' && (second.value === ':=' || second.value === '=');
  if (first?.type === 'variable' && assigns) {
    const declare = { name: first.value, isNew: second.value === ':=' };
    return { declare, commands: commandsOf(rest.slice(2), line), line };
  }
  return { commands: commandsOf(rest, line), line };
}

function commandsOf(tokens: Token[], line: number): Command[] {
  const commands: Operand[][] = [[]];
  const queue = [...tokens];
  for (let token = queue.shift(); token !== undefined; token = queue.shift()) {
    if (token.type === 'symbol' && token.value === '|') commands.push([]);
    else commands.at(-1)?.push(operandOf(token, queue, line));
  }
  if (commands.some((command) => command.length === 0)) throw new TemplateError(`line ${line}: a value is missing`);
  return commands;
}

function operandOf(token: Token, queue: Token[], line: number): Operand {
  if (token.type === 'string' || token.type === 'number') return { type: 'literal', value: token.value };
  if (token.type === 'variable') return { type: 'variable', name: token.value };
  if (token.type === 'word') {
    if (token.value === 'true' || token.value === 'false') return { type: 'literal', value: token.value === 'true' };
    if (token.value === 'nil') return { type: 'literal', value: undefined };
    return { type: 'call', name: token.value };
  }
  if (token.type === 'field') {
    if (token.value === '.') return { type: 'dot' };
    throw new TemplateError(`line ${line}: ${token.value}: there is no data to take a field of; use fromCDLabel`);
  }
  if (token.value === '(') return { type: 'group', pipe: pipeOf(inner(queue, line), line) };
  throw new TemplateError(`line ${line}: unexpected ${JSON.stringify(token.value)}`);
}

/** The tokens up to the matching parenthesis, taken out of the queue. */
function inner(queue: Token[], line: number): Token[] {
  const tokens: Token[] = [];
  let depth = 1;
  for (let token = queue.shift(); token !== undefined; token = queue.shift()) {
    if (token.type === 'symbol' && token.value === '(') depth += 1;
    if (token.type === 'symbol' && token.value === ')') depth -= 1;
    if (depth === 0) return tokens;
    tokens.push(token);
  }
  throw new TemplateError(`line ${line}: a parenthesis is not closed`);
}
