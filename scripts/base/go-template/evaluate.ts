// Evaluates a parsed template over data, as Go's text/template does, within bounds of length and depth.

import { messageOf } from '../errors.ts';
import { type Place, TemplateError } from './template-errors.ts';
import { type Dialect, type Node, type Operand, type Pipe, type Term, definitions, parseTemplate } from './parse.ts';
import { ranged, show, truth } from './values.ts';

export interface Named {
  templates: ReadonlyMap<string, readonly Node[]>;
  missing: (name: string, at: Place) => void;
}

export interface Evaluation {
  dialect: Dialect;
  /** What `.` and `$` are. */
  data: unknown;
  /**
   * A field of a value; `path` is what was read before it, like `.inputs`, empty for the first.
   * @throws CallError where there is none and that is an error
   */
  field: (value: unknown, name: string, path: string) => unknown;
  /** How nil prints where a template prints it: "<no value>", or nothing as Helm does. */
  nil: string;
  /** Named templates of several texts; one that is `missing` is reported and writes nothing. */
  named?: Named;
}

/** The longest text that a template may make, in characters: it can multiply what it is given. */
const LONGEST = 4 * 1024 * 1024;
/** The most nodes that are visited: ranges within ranges can turn for hours without writing anything. */
const MOST_STEPS = 1_000_000;
/** Named templates within each other: deep enough for charts, and an end for those that include themselves. */
const DEEPEST = 100;

/** @throws TemplateError with its place */
export function evaluate(nodes: readonly Node[], evaluation: Evaluation): string {
  const evaluator = new Evaluator(evaluation, evaluation.named ?? { templates: definitions([nodes]), missing });
  evaluator.nodes(nodes, evaluation.data);
  return evaluator.out;
}

function missing(name: string, at: Place): never {
  throw new TemplateError(`there is no template "${name}"`, at, name);
}

type Leaving = 'break' | 'continue' | undefined;

class Evaluator {
  out = '';
  #written = 0;
  #steps = 0;
  #depth = 0;
  /** Innermost last; the one without a name is `$`. */
  #variables: { name: string; value: unknown }[];

  constructor(
    readonly evaluation: Evaluation,
    readonly named: Named,
  ) {
    this.#variables = [{ name: '', value: evaluation.data }];
  }

  nodes(nodes: readonly Node[], dot: unknown): Leaving {
    this.#step();
    for (const node of nodes) {
      this.#step();
      const leaving = this.#node(node, dot);
      if (leaving !== undefined) return leaving;
    }
    return undefined;
  }

  #step(): void {
    if (++this.#steps > MOST_STEPS) {
      throw new TemplateError(`it takes more than ${MOST_STEPS} steps`, { offset: 0, line: 1 }, '');
    }
  }

  #write(text: string): void {
    this.#written += text.length;
    if (this.#written > LONGEST) {
      throw new TemplateError(`the text becomes longer than ${LONGEST} characters`, { offset: 0, line: 1 }, '');
    }
    this.out += text;
  }

  #node(node: Node, dot: unknown): Leaving {
    switch (node.kind) {
      case 'text':
        this.#write(node.text);
        return undefined;
      case 'print': {
        const { pipe } = node;
        const value = this.#pipe(pipe, dot);
        if (pipe.declares === undefined && pipe.assigns === undefined) this.#write(show(value, this.evaluation.nil));
        return undefined;
      }
      case 'if':
      case 'with':
        return this.#scoped(() => {
          const value = this.#pipe(node.pipe, dot);
          if (!truth(value)) return this.nodes(node.otherwise, dot);
          return this.nodes(node.then, node.kind === 'with' ? value : dot);
        });
      case 'range':
        return this.#scoped(() => this.#range(node, dot));
      case 'template': {
        const argument = node.argument === undefined ? undefined : this.#pipe(node.argument, dot);
        this.#named(node.name, argument, node.at);
        return undefined;
      }
      case 'define':
        return undefined;
      case 'break':
      case 'continue':
        return node.kind;
    }
  }

  /** Variables that are declared in it end with it. */
  #scoped<T>(work: () => T): T {
    const depth = this.#variables.length;
    try {
      return work();
    } finally {
      this.#variables.length = depth;
    }
  }

  #range(node: Extract<Node, { then: Node[] }>, dot: unknown): Leaving {
    const { declares = [], ...pipe } = node.pipe;
    const value = this.#pipe(pipe, dot);
    const entries = placed(pipe.at, 'range', () => ranged(value));
    if (entries.length === 0) return this.nodes(node.otherwise, dot);
    const [first, second] = declares;
    for (const [key, item] of entries) {
      const leaving = this.#scoped(() => {
        if (first !== undefined) this.#declare(first, second === undefined ? item : key);
        if (second !== undefined) this.#declare(second, item);
        return this.nodes(node.then, item);
      });
      if (leaving === 'break') break;
    }
    return undefined;
  }

  #declare(name: string, value: unknown): void {
    this.#variables.push({ name, value });
  }

  #variable(name: string, at: Place): { value: unknown } {
    const found = this.#variables.findLast((one) => one.name === name);
    if (found === undefined) throw new TemplateError(`there is no variable "$${name}"`, at, `$${name}`);
    return found;
  }

  /** Writes a named template, which sees its argument and no variables but its own. */
  #named(name: string, argument: unknown, at: Place): void {
    const body = this.named.templates.get(name);
    if (body === undefined) this.named.missing(name, at);
    else this.#run(body, argument, { name, at });
  }

  #run(body: readonly Node[], argument: unknown, { name, at }: { name: string; at: Place }): void {
    if (++this.#depth > DEEPEST) throw new TemplateError(`"${name}" includes itself without an end`, at, name);
    const outer = this.#variables;
    this.#variables = [{ name: '', value: argument }];
    this.nodes(body, argument);
    this.#variables = outer;
    this.#depth--;
  }

  #pipe(pipe: Pipe, dot: unknown): unknown {
    let piped: readonly unknown[] = [];
    for (const command of pipe.commands) piped = [this.#command(command, dot, piped, pipe.at)];
    const [value] = piped;
    for (const name of pipe.declares ?? []) this.#declare(name, value);
    if (pipe.assigns !== undefined) this.#variable(pipe.assigns, pipe.at).value = value;
    return value;
  }

  /** @param piped the value of the command before, or none */
  #command([first, ...rest]: readonly Term[], dot: unknown, piped: readonly unknown[], at: Place): unknown {
    if (first === undefined) throw new TemplateError('a value is missing', at, '');
    const { operand } = first;
    if (operand.kind === 'function' && first.fields.length === 0) {
      return this.#call(operand, rest, dot, piped);
    }
    const value = this.#term(first, dot);
    if (typeof value === 'function') {
      const args = [...rest.map((term) => this.#term(term, dot)), ...piped];
      return placed(at, '', () => (value as (...args: readonly unknown[]) => unknown)(...args));
    }
    if (rest.length > 0 || piped.length > 0) {
      throw new TemplateError('a value takes no arguments; only functions do', at, '');
    }
    return value;
  }

  #call(
    { name, at }: { name: string; at: Place },
    terms: readonly Term[],
    dot: unknown,
    piped: readonly unknown[],
  ): unknown {
    if (name === 'and' || name === 'or') {
      return this.#lazily(
        name,
        [...terms.map((term) => () => this.#term(term, dot)), ...piped.map((one) => () => one)],
        at,
      );
    }
    const args = [...terms.map((term) => this.#term(term, dot)), ...piped];
    const { dialect } = this.evaluation;
    if (dialect.helm === true && name === 'include') {
      return this.#captured(() => this.#named(show(args[0]), args[1], at));
    }
    if (dialect.helm === true && name === 'tpl') {
      const nodes = parseTemplate(show(args[0]), dialect);
      return this.#captured(() => this.#run(nodes, args[1], { name, at }));
    }
    return placed(at, name, () => dialect.functions[name]?.(...args));
  }

  /** The first value that decides, without a look at those behind it. */
  #lazily(name: 'and' | 'or', makers: readonly (() => unknown)[], at: Place): unknown {
    if (makers.length === 0) throw new TemplateError(`"${name}" needs at least 1 value`, at, name);
    let value: unknown;
    for (const make of makers) {
      value = make();
      if (truth(value) === (name === 'or')) return value;
    }
    return value;
  }

  /** What is written meanwhile, as a value. */
  #captured(work: () => void): string {
    const before = this.out;
    this.out = '';
    work();
    const text = this.out;
    this.out = before;
    return text;
  }

  #term({ operand, fields }: Term, dot: unknown): unknown {
    let value = this.#operand(operand, dot);
    let path = '';
    for (const { name, at } of fields) {
      const read = value;
      value = placed(at, `${path}.${name}`, () => this.evaluation.field(read, name, path));
      path += `.${name}`;
    }
    return value;
  }

  #operand(operand: Operand, dot: unknown): unknown {
    switch (operand.kind) {
      case 'literal':
        return operand.value;
      case 'dot':
        return dot;
      case 'pipe':
        return this.#pipe(operand.pipe, dot);
      case 'function':
        return this.#call(operand, [], dot, []);
      case 'variable':
        return this.#variable(operand.name, operand.at).value;
    }
  }
}

/** What a function throws, of its own or of a library, becomes a TemplateError with the place of the call. */
function placed<T>(at: Place, part: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TemplateError) throw error;
    throw new TemplateError(messageOf(error), at, part);
  }
}
