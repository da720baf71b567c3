// Renders the Go templates of sync sets: text/template with one function more, fromCDLabel, and nil for a dot.

import { CallError, TemplateError } from '../../base/go-template/template-errors.ts';
import { evaluate } from '../../base/go-template/evaluate.ts';
import { builtins } from '../../base/go-template/functions.ts';
import { type Dialect, parseTemplate } from '../../base/go-template/parse.ts';

/** The value of a ClusterDeployment's label; empty where it has none. */
type Label = (key: string) => string;

/** A parsed template. */
export interface Template {
  /** @throws TemplateError; its message names the line */
  render(label: Label): string;
}

const cache = new Map<string, Template>();

/** Parsed once for each text. @throws TemplateError; its message names the line */
export function templateOf(text: string): Template {
  let template = cache.get(text);
  if (template === undefined) {
    const nodes = located(() =>
      parseTemplate(
        text,
        dialectFor(() => ''),
      ),
    );
    template = {
      render: (label) =>
        located(() => evaluate(nodes, { dialect: dialectFor(label), data: undefined, field, nil: '<no value>' })),
    };
    // Sets come and go while a fleet is watched; texts that are in use return at once.
    if (cache.size >= 10_000) cache.clear();
    cache.set(text, template);
  }
  return template;
}

function dialectFor(label: Label): Dialect {
  const fromCDLabel = (...args: unknown[]): string => {
    const [key] = args;
    if (args.length !== 1 || typeof key !== 'string') throw new CallError('"fromCDLabel" takes the key of a label');
    return label(key);
  };
  return { left: '{{', right: '}}', functions: { ...builtins, fromCDLabel } };
}

function field(_value: unknown, name: string): never {
  throw new CallError(`there is no data to take ".${name}" of; use fromCDLabel "KEY"`);
}

/** A problem within a set is reported by its path: the line within the template goes into the message. */
function located<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new TemplateError(`line ${error.line}: ${error.message}`, error, error.part);
  }
}
