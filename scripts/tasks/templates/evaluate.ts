// Evaluates a parsed template over inputs and variables, which are maps of texts.

import { nearest } from '../../base/suggest.ts';
import { CallError, type Value, call, show, truth } from './functions.ts';
import { TemplateError } from './lex.ts';
import { type Node, type Pipe, type Term, parseTemplate } from './parse.ts';

export type Data = ReadonlyMap<string, Value>;

/** The longest text that a template may make, in characters. */
const LONGEST = 4 * 1024 * 1024;

/** @throws TemplateError with its place in the text */
export function evaluate(text: string, data: Data): string {
  const evaluation = new Evaluation(data);
  evaluation.nodes(parseTemplate(text), data);
  return evaluation.out;
}

class Evaluation {
  out = '';
  /** Innermost last. */
  readonly #variables: { name: string; value: Value }[];

  constructor(data: Data) {
    this.#variables = [{ name: '', value: data }];
  }

  nodes(nodes: readonly Node[], dot: Value): void {
    const depth = this.#variables.length;
    for (const node of nodes) this.#node(node, dot);
    this.#variables.length = depth;
  }

  #node(node: Node, dot: Value): void {
    if (this.out.length > LONGEST) throw new TemplateError(`the text becomes longer than ${LONGEST} characters`, 0, '');
    switch (node.kind) {
      case 'text':
        this.out += node.text;
        break;
      case 'print': {
        const value = this.#pipe(node.pipe, dot);
        if (node.pipe.declares === undefined && node.pipe.assigns === undefined) this.out += show(value);
        break;
      }
      case 'if':
      case 'with': {
        const depth = this.#variables.length;
        const value = this.#pipe(node.pipe, dot);
        if (truth(value)) this.nodes(node.then, node.kind === 'with' ? value : dot);
        else this.nodes(node.otherwise, dot);
        this.#variables.length = depth;
        break;
      }
      case 'range':
        this.#range(node, dot);
        break;
    }
  }

  #range(node: Extract<Node, { kind: 'range' }>, dot: Value): void {
    const { declares = [], ...pipe } = node.pipe;
    const value = this.#pipe(pipe, dot);
    const entries: [Value, Value][] =
      value instanceof Map
        ? [...(value as ReadonlyMap<string, Value>)].sort(([a], [b]) => (a < b ? -1 : 1))
        : Array.isArray(value)
          ? (value as readonly Value[]).map((item, at) => [at, item])
          : typeof value === 'number' && Number.isInteger(value) && value < 100_000
            ? Array.from({ length: Math.max(0, value) }, (_, at) => [at, at])
            : this.#unranged(value, pipe);
    for (const [key, item] of entries) {
      const depth = this.#variables.length;
      const [first, second] = declares;
      if (second !== undefined) this.#variables.push({ name: first ?? '', value: key }, { name: second, value: item });
      else if (first !== undefined) this.#variables.push({ name: first, value: item });
      this.nodes(node.then, item);
      this.#variables.length = depth;
    }
    if (entries.length === 0) this.nodes(node.otherwise, dot);
  }

  #unranged(value: Value, pipe: Pipe): never {
    throw new TemplateError(`"range" cannot go over ${JSON.stringify(show(value))}`, pipe.offset, 'range');
  }

  #pipe(pipe: Pipe, dot: Value): Value {
    let value: Value | undefined;
    for (const command of pipe.commands) value = this.#command(command, dot, value, pipe);
    const result = value ?? null;
    for (const name of pipe.declares ?? []) this.#variables.push({ name, value: result });
    if (pipe.assigns !== undefined) {
      const { assigns } = pipe;
      const variable = this.#variables.findLast(({ name }) => name === assigns);
      if (variable === undefined)
        throw new TemplateError(`there is no variable "$${assigns}"`, pipe.offset, `$${assigns}`);
      variable.value = result;
    }
    return result;
  }

  #command(terms: readonly Term[], dot: Value, piped: Value | undefined, pipe: Pipe): Value {
    const [first, ...rest] = terms;
    if (first === undefined) throw new TemplateError('a template has no value', pipe.offset, '');
    const { operand } = first;
    if (operand.kind !== 'function') {
      if (rest.length > 0 || piped !== undefined) {
        throw new TemplateError('a value takes no arguments; only functions do', pipe.offset, '');
      }
      return this.#term(first, dot);
    }
    const { name, offset } = operand;
    if (name === 'and' || name === 'or') return this.#lazily(name, rest, dot, piped, offset);
    const args = [...rest.map((term) => this.#term(term, dot)), ...(piped === undefined ? [] : [piped])];
    try {
      return call(name, args);
    } catch (error) {
      if (error instanceof CallError) throw new TemplateError(error.message, offset, name);
      throw error;
    }
  }

  /** The first value that decides, without a look at those behind it. */

  #lazily(name: 'and' | 'or', terms: readonly Term[], dot: Value, piped: Value | undefined, offset: number): Value {
    const makers = [...terms.map((term) => () => this.#term(term, dot)), ...(piped === undefined ? [] : [() => piped])];
    if (makers.length === 0) throw new TemplateError(`"${name}" needs at least 1 value`, offset, name);
    let value: Value = null;
    for (const make of makers) {
      value = make();
      if (truth(value) === (name === 'or')) return value;
    }
    return value;
  }

  #term({ operand, fields }: Term, dot: Value): Value {
    let value = this.#operand(operand, dot);
    let path = '';
    for (const { name, offset } of fields) {
      path += `.${name}`;
      if (!(value instanceof Map)) {
        throw new TemplateError(
          `"${path.slice(0, -name.length - 1) || '.'}" has no field "${name}"`,
          offset,
          `.${name}`,
        );
      }
      const map = value as ReadonlyMap<string, Value>;
      const found = map.get(name);
      if (found === undefined) {
        const guess = nearest(name, map.keys());
        throw new TemplateError(
          `there is no "${name}" in ${path.slice(0, -name.length - 1) || 'templates'}`,
          offset,
          path,
          guess === undefined ? undefined : `did you mean "${guess}"?`,
        );
      }
      value = found;
    }
    return value;
  }

  #operand(operand: Term['operand'], dot: Value): Value {
    switch (operand.kind) {
      case 'literal':
        return operand.value;
      case 'dot':
        return dot;
      case 'pipe':
        return this.#pipe(operand.pipe, dot);
      case 'function':
        return this.#command([{ operand, fields: [] }], dot, undefined, { commands: [], offset: operand.offset });
      case 'variable': {
        const variable = this.#variables.findLast(({ name }) => name === operand.name);
        if (variable !== undefined) return variable.value;
        throw new TemplateError(`there is no variable "$${operand.name}"`, operand.offset, `$${operand.name}`);
      }
    }
  }
}
