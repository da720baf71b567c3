// Renders Go templates as Helm does: values, variables, named templates, and the functions that specs use.

import { type Expression, type Node, type Pipeline, TemplateError } from './parse.ts';
import { functions, isEmpty, printed } from './functions.ts';

/** Deep enough for charts, and an end for templates that include themselves. */
const DEPTH = 100;
/** Characters of a rendered text: a template can multiply what it is given. */
const MOST = 16 << 20;

export interface Rendering {
  /** What `.` is. */
  data: unknown;
  /** By name. */
  templates: ReadonlyMap<string, readonly Node[]>;
  /** Called for a named template that is not there, as of a library chart; it gives nothing. */
  onMissing: (name: string, line: number) => void;
  /** Functions of the place; before those that are known everywhere. */
  extra?: Readonly<Record<string, (...args: unknown[]) => unknown>> | undefined;
}

/** Variables of a block, and of those around it. */
class Scope {
  readonly #own = new Map<string, unknown>();

  constructor(readonly around?: Scope) {}

  get(name: string): unknown {
    return this.#own.has(name) ? this.#own.get(name) : this.around?.get(name);
  }

  declare(name: string, value: unknown): this {
    this.#own.set(name, value);
    return this;
  }

  /** Sets it where it was declared. */
  assign(name: string, value: unknown): void {
    if (this.#own.has(name) || !this.around) this.#own.set(name, value);
    else this.around.assign(name, value);
  }
}

/** Named templates of several texts. */
export function definitions(trees: readonly (readonly Node[])[]): Map<string, readonly Node[]> {
  const found = new Map<string, readonly Node[]>();
  const walk = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      if (node.type === 'define') {
        found.set(node.name, node.body);
        walk(node.body);
      } else if (node.type === 'branch') {
        walk(node.then);
        walk(node.otherwise);
      }
    }
  };
  trees.forEach(walk);
  return found;
}

/** @throws TemplateError with the line of what cannot be done. */
export function render(nodes: readonly Node[], rendering: Rendering): string {
  return new Renderer(rendering).run(nodes, rendering.data, new Scope().declare('$', rendering.data), 0);
}

class Leave extends Error {
  constructor(
    readonly kind: 'break' | 'continue',
    readonly text: string,
  ) {
    super(kind);
  }
}

class Renderer {
  #written = 0;

  constructor(readonly rendering: Rendering) {}

  run(nodes: readonly Node[], dot: unknown, scope: Scope, depth: number): string {
    let text = '';
    for (const node of nodes) {
      if (node.type === 'leave') throw new Leave(node.kind, text);
      try {
        text += this.#node(node, dot, scope, depth);
      } catch (error) {
        // What stood before a `break` has been written.
        if (error instanceof Leave) throw new Leave(error.kind, text + error.text);
        throw error;
      }
    }
    return text;
  }

  #node(node: Node, dot: unknown, scope: Scope, depth: number): string {
    switch (node.type) {
      case 'text':
        return this.#bounded(node.text);
      case 'define':
      case 'leave':
        return '';
      case 'output': {
        const value = this.#pipeline(node.pipeline, { dot, scope, depth, line: node.line });
        return node.pipeline.sets ? '' : this.#bounded(printed(value));
      }
      case 'template': {
        const argument = node.argument && this.#pipeline(node.argument, { dot, scope, depth, line: node.line });
        return this.#include(node.name, argument, { depth, line: node.line });
      }
      case 'branch':
        return this.#branch(node, dot, scope, depth);
    }
  }

  #bounded(text: string): string {
    this.#written += text.length;
    if (this.#written > MOST) throw new TemplateError(`the rendered text is longer than ${MOST} characters`, 1);
    return text;
  }

  #include(name: string, argument: unknown, { depth, line }: { depth: number; line: number }): string {
    const body = this.rendering.templates.get(name);
    if (!body) {
      this.rendering.onMissing(name, line);
      return '';
    }
    if (depth > DEPTH) throw new TemplateError(`"${name}" includes itself without an end`, line);
    return this.run(body, argument, new Scope().declare('$', argument), depth + 1);
  }

  #branch(node: Extract<Node, { type: 'branch' }>, dot: unknown, scope: Scope, depth: number): string {
    const inner = new Scope(scope);
    const { kind, pipeline, then, otherwise, line } = node;
    const at = { dot, scope: inner, depth, line };
    const value = kind === 'range' ? this.#value(pipeline.expression, at) : this.#pipeline(pipeline, at);
    if (kind === 'range') return this.#range(node, value, { dot, scope: inner, depth });
    const chosen = isEmpty(value) ? otherwise : then;
    return this.run(chosen, kind === 'with' && chosen === then ? value : dot, inner, depth);
  }

  #range(
    { pipeline, then, otherwise }: Extract<Node, { type: 'branch' }>,
    value: unknown,
    { dot, scope, depth }: { dot: unknown; scope: Scope; depth: number },
  ): string {
    const entries: [unknown, unknown][] = Array.isArray(value)
      ? value.map((item, i) => [i, item])
      : typeof value === 'number'
        ? Array.from({ length: Math.min(value, 10_000) }, (_, i) => [i, i])
        : typeof value === 'object' && value !== null
          ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
          : [];
    if (entries.length === 0) return this.run(otherwise, dot, scope, depth);
    let text = '';
    for (const [key, item] of entries) {
      const [first, second] = pipeline.sets ?? [];
      const own = new Scope(scope);
      if (first !== undefined) own.declare(first, second === undefined ? item : key);
      if (second !== undefined) own.declare(second, item);
      try {
        text += this.run(then, item, own, depth);
      } catch (error) {
        if (!(error instanceof Leave)) throw error;
        text += error.text;
        if (error.kind === 'break') break;
      }
    }
    return text;
  }

  #pipeline({ expression, sets, declares }: Pipeline, at: At): unknown {
    const value = this.#value(expression, at);
    for (const name of sets ?? []) {
      if (declares) at.scope.declare(name, value);
      else at.scope.assign(name, value);
    }
    return value;
  }

  #value(expression: Expression, at: At): unknown {
    switch (expression.type) {
      case 'literal':
        return expression.value;
      case 'variable':
        return at.scope.get(expression.name);
      case 'fields': {
        let value = expression.of === undefined ? at.dot : this.#value(expression.of, at);
        for (const name of expression.names) value = fieldOf(value, name);
        return value;
      }
      case 'call':
        return this.#call(expression.name, expression.args, undefined, at);
      case 'pipe': {
        const [first, ...others] = expression.stages;
        let value = first === undefined ? undefined : this.#value(first, at);
        for (const stage of others) {
          if (stage.type !== 'call') throw new TemplateError('only a function can stand behind a |', at.line);
          value = this.#call(stage.name, stage.args, { value }, at);
        }
        return value;
      }
    }
  }

  #call(name: string, args: readonly Expression[], piped: { value: unknown } | undefined, at: At): unknown {
    // These two look at no more than they must.
    if (name === 'and' || name === 'or') {
      let value: unknown;
      for (const arg of args) {
        value = this.#value(arg, at);
        if (isEmpty(value) === (name === 'and')) return value;
      }
      return piped ? piped.value : value;
    }
    const values = [...args.map((arg) => this.#value(arg, at)), ...(piped ? [piped.value] : [])];
    if (name === 'include') return this.#include(printed(values[0]), values[1], at);
    if (name === 'tpl') return printed(values[0]);
    const { extra = {} } = this.rendering;
    const found = Object.hasOwn(extra, name)
      ? extra[name]
      : Object.hasOwn(functions, name)
        ? functions[name]
        : undefined;
    if (!found) throw new TemplateError(`the function "${name}" is not known`, at.line);
    try {
      return found(...values);
    } catch (error) {
      throw error instanceof TemplateError ? error : new TemplateError((error as Error).message, at.line);
    }
  }
}

interface At {
  dot: unknown;
  scope: Scope;
  depth: number;
  line: number;
}

/** A field of what is not there is not there either: Helm's error for it says less than the missing value itself. */
function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}
