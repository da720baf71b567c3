// Templates of task files: `${{ … }}` with Go's text/template over inputs and variables, which are maps of strings.

import { CallError } from '../../base/go-template/template-errors.ts';
import { evaluate } from '../../base/go-template/evaluate.ts';
import { type TemplateFunction, builtins } from '../../base/go-template/functions.ts';
import { type Dialect, type Node, parseTemplate } from '../../base/go-template/parse.ts';
import { isGoMap, valueOf } from '../../base/go-template/values.ts';
import { didYouMean } from '../../base/suggest.ts';

/** What templates read: maps of maps of strings. Nothing turns "1.10" into a number. */
export type TemplateValue = string | ReadonlyMap<string, TemplateValue>;

const LEFT = '${{';

/** Says what a person forgets who compares an input with a number. */
function stringsOnly(compare: TemplateFunction): TemplateFunction {
  return (...args) => {
    try {
      return compare(...args);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      throw new CallError(`${error.message}; all inputs and variables are strings`);
    }
  };
}

const COMPARISONS = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'];

const dialect: Dialect = {
  left: LEFT,
  right: '}}',
  functions: {
    ...Object.fromEntries(
      Object.entries(builtins).map(([name, fn]) => [name, COMPARISONS.includes(name) ? stringsOnly(fn) : fn]),
    ),
    // A name that a map of strings does not have gives "" in Go.
    index: (...args) => builtins['index']?.(...args) ?? '',
  },
};

/** Whether there is anything to do. */
export function isTemplate(text: string): boolean {
  return text.includes(LEFT);
}

/** @throws TemplateError with its place in the text */
export function parse(text: string): Node[] {
  return parseTemplate(text, dialect);
}

/** @throws TemplateError with its place in the text */
export function render(text: string, data: ReadonlyMap<string, TemplateValue>): string {
  return evaluate(parse(text), { dialect, data, field, nil: '<no value>' });
}

function field(value: unknown, name: string, path: string): unknown {
  if (!isGoMap(value)) throw new CallError(`"${path || '.'}" has no field "${name}"`);
  const found = valueOf(value, name);
  if (found !== undefined) return found;
  const names = value instanceof Map ? [...(value as ReadonlyMap<string, unknown>).keys()] : [];
  throw new CallError(`there is no "${name}" in ${path || 'templates'}${didYouMean(name, names)}`);
}
