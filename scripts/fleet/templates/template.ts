// Renders the Go templates of sync sets: text/template with one function more, fromCDLabel, and nil for a dot.

import { TemplateError } from './lex.ts';
import { type Command, type Node, type Operand, parse, type Pipe } from './parse.ts';

export { TemplateError } from './lex.ts';

type Value = string | number | boolean | undefined;

/** A parsed template. */
export interface Template {
  /** @param label the value of a ClusterDeployment's label; empty where it has none. @throws TemplateError */
  render(label: (key: string) => string): string;
}

const cache = new Map<string, Template>();

/** Parsed once for each text. @throws TemplateError */
export function templateOf(text: string): Template {
  let template = cache.get(text);
  if (template === undefined) {
    const nodes = parse(text);
    template = { render: (label) => new Evaluator(label).nodes(nodes, undefined) };
    // Sets come and go while a fleet is watched; texts that are in use return at once.
    if (cache.size >= 10_000) cache.clear();
    cache.set(text, template);
  }
  return template;
}

class Evaluator {
  readonly #scopes: Map<string, Value>[] = [new Map<string, Value>()];

  constructor(readonly label: (key: string) => string) {}

  nodes(nodes: readonly Node[], dot: Value): string {
    let out = '';
    for (const node of nodes) {
      if (node.type === 'text') out += node.text;
      else if (node.type === 'output') {
        const value = this.#pipe(node.pipe, dot);
        if (node.pipe.declare === undefined) out += shown(value);
      } else out += this.#branch(node, dot);
    }
    return out;
  }

  #branch(node: Extract<Node, { type: 'if' | 'with' }>, dot: Value): string {
    this.#scopes.push(new Map<string, Value>());
    const value = this.#pipe(node.pipe, dot);
    const inner = node.type === 'with' && truth(value) ? value : dot;
    const out = this.nodes(truth(value) ? node.then : node.otherwise, inner);
    this.#scopes.pop();
    return out;
  }

  #pipe(pipe: Pipe, dot: Value): Value {
    let value: Value;
    pipe.commands.forEach((command, at) => {
      value = this.#command(command, dot, at === 0 ? [] : [value], pipe.line);
    });
    if (pipe.declare !== undefined) this.#declare(pipe.declare, value, pipe.line);
    return value;
  }

  #declare({ name, isNew }: { name: string; isNew: boolean }, value: Value, line: number): void {
    const scope = isNew ? this.#scopes.at(-1) : this.#scopes.findLast((one) => one.has(name));
    if (scope === undefined) throw new TemplateError(`line ${line}: undefined variable ${name}`);
    scope.set(name, value);
  }

  #command(command: Command, dot: Value, piped: readonly Value[], line: number): Value {
    const [first, ...rest] = command;
    if (first?.type !== 'call') {
      if (rest.length > 0 || piped.length > 0) throw new TemplateError(`line ${line}: only a function takes arguments`);
      return first === undefined ? undefined : this.#operand(first, dot, line);
    }
    return this.#call(first.name, rest, { dot, piped, line });
  }

  #call(
    name: string,
    operands: readonly Operand[],
    { dot, piped, line }: { dot: Value; piped: readonly Value[]; line: number },
  ): Value {
    if (name === 'and' || name === 'or') return this.#shortCircuit(name, operands, { dot, piped, line });
    const values = [...operands.map((operand) => this.#operand(operand, dot, line)), ...piped];
    if (name === 'fromCDLabel') {
      const [key] = values;
      if (values.length !== 1 || typeof key !== 'string') {
        throw new TemplateError(`line ${line}: fromCDLabel takes the key of a label`);
      }
      return this.label(key);
    }
    const implementation = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (implementation === undefined) throw new TemplateError(`line ${line}: function "${name}" is not defined`);
    try {
      return implementation(values);
    } catch (error) {
      throw error instanceof TemplateError ? new TemplateError(`line ${line}: ${name}: ${error.message}`) : error;
    }
  }

  #shortCircuit(
    name: 'and' | 'or',
    operands: readonly Operand[],
    { dot, piped, line }: { dot: Value; piped: readonly Value[]; line: number },
  ): Value {
    let value: Value;
    for (const operand of operands) {
      value = this.#operand(operand, dot, line);
      if (truth(value) === (name === 'or')) return value;
    }
    return piped.length > 0 ? piped[0] : value;
  }

  #operand(operand: Operand, dot: Value, line: number): Value {
    switch (operand.type) {
      case 'literal':
        return operand.value;
      case 'dot':
        return dot;
      case 'variable': {
        if (operand.name === '$') return undefined;
        const scope = this.#scopes.findLast((one) => one.has(operand.name));
        if (scope === undefined) throw new TemplateError(`line ${line}: undefined variable ${operand.name}`);
        return scope.get(operand.name);
      }
      case 'call':
        return this.#call(operand.name, [], { dot, piped: [], line });
      case 'group':
        return this.#pipe(operand.pipe, dot);
    }
  }
}

function truth(value: Value): boolean {
  return value !== undefined && value !== '' && value !== 0 && value !== false;
}

function shown(value: Value): string {
  return value === undefined ? '<no value>' : String(value);
}

function text(value: Value): string {
  return value === undefined ? '<nil>' : String(value);
}

function equal(a: Value, b: Value): boolean {
  if (typeof a !== typeof b) throw new TemplateError('incompatible types for comparison');
  return a === b;
}

function less([a, b]: readonly Value[]): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  // Go compares bytes; UTF-8 keeps the order of code points.
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
  throw new TemplateError('incompatible types for comparison');
}

const functions: Readonly<Record<string, (values: readonly Value[]) => Value>> = {
  not: ([value]) => !truth(value),
  eq: ([first, ...others]) => others.some((other) => equal(first, other)),
  ne: ([a, b]) => !equal(a, b),
  lt: less,
  le: ([a, b]) => !less([b, a]),
  gt: ([a, b]) => less([b, a]),
  ge: ([a, b]) => !less([a, b]),
  len: ([value]) => Buffer.byteLength(textOf(value)),
  slice: ([value, from, to]) =>
    Buffer.from(textOf(value))
      .subarray(from === undefined ? 0 : Number(from), to === undefined ? undefined : Number(to))
      .toString(),
  print: (values) =>
    values
      .map((value, at) => {
        // A space between two operands of which neither is a text, as in Go.
        const before = at > 0 && typeof value !== 'string' && typeof values[at - 1] !== 'string' ? ' ' : '';
        return before + text(value);
      })
      .join(''),
  println: (values) => `${values.map(text).join(' ')}\n`,
  printf: ([format, ...values]) => printf(textOf(format), values),
  urlquery: (values) => encodeURIComponent(values.map(text).join('')).replaceAll('%20', '+'),
  html: (values) =>
    values
      .map(text)
      .join('')
      .replace(/[&<>"']/g, (sign) => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': '#34', "'": '#39' }[sign] ?? ''};`),
};

function textOf(value: Value): string {
  if (typeof value !== 'string') throw new TemplateError('needs a text');
  return value;
}

function printf(format: string, values: readonly Value[]): string {
  let at = 0;
  return format.replace(/%(-?)(\d*)([a-zA-Z%])/g, (all, left: string, width: string, verb: string) => {
    if (verb === '%') return '%';
    const value = values[at++];
    const out = verb === 'q' ? JSON.stringify(text(value)) : 'svdt'.includes(verb) ? text(value) : undefined;
    if (out === undefined) throw new TemplateError(`${all} is not supported`);
    return left === '-' ? out.padEnd(Number(width)) : out.padStart(Number(width));
  });
}
