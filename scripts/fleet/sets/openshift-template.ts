// Processes an OpenShift Template, the form in which many sync sets are published: parameters in, objects out.

import type { Problem } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import { isMapping, type Json } from './parse.ts';

interface Parameter {
  name: string;
  value?: unknown;
  required?: boolean;
}

export function isTemplate(object: Json): boolean {
  return (
    object['kind'] === 'Template' &&
    (object['apiVersion'] === 'v1' || object['apiVersion'] === 'template.openshift.io/v1')
  );
}

/**
 * `${NAME}` is replaced inside texts, `${{NAME}}` stands for a value that is no text. A value given wins over the default.
 * @param place of a path within the Template
 * @returns with each object its number in the Template
 */
export function processTemplate(
  template: Json,
  given: Readonly<Record<string, string>>,
  place: (path: string) => string,
): { objects: { object: Json; at: number }[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const parameters = Array.isArray(template['parameters']) ? (template['parameters'] as unknown[]) : [];
  const values = new Map<string, string>();
  for (const [at, one] of parameters.entries()) {
    if (!isParameter(one)) continue;
    const { name, value, required } = one;
    const chosen = given[name] ?? (value === undefined || value === null ? undefined : textOf(value));
    if (chosen === undefined && required === true) {
      problems.push({ where: place(`parameters[${at}]`), message: `parameter ${name} needs a value` });
    }
    values.set(name, chosen ?? '');
  }
  /** Where each of those that do not exist stands first. */
  const unknown = new Map<string, string>();
  const walk = (node: unknown, path: string): unknown => {
    if (typeof node === 'string') {
      return substitute(node, values, (name) => {
        if (!unknown.has(name)) unknown.set(name, path);
      });
    }
    if (Array.isArray(node)) return node.map((one, at) => walk(one, `${path}[${at}]`));
    if (!isMapping(node)) return node;
    return Object.fromEntries(Object.entries(node).map(([key, below]) => [key, walk(below, `${path}.${key}`)]));
  };
  const objects = (Array.isArray(template['objects']) ? (template['objects'] as unknown[]) : []).flatMap((one, at) => {
    const object = walk(one, `objects[${at}]`);
    return isMapping(object) ? [{ object, at }] : [];
  });
  for (const [name, path] of unknown) {
    const near = nearest(name, values.keys());
    problems.push({
      where: place(path),
      message: `\${${name}} is no parameter of this Template${near === undefined ? '' : `; did you mean ${near}?`}`,
    });
  }
  return { objects, problems };
}

function isParameter(one: unknown): one is Parameter {
  return isMapping(one) && typeof one['name'] === 'string';
}

function substitute(text: string, values: ReadonlyMap<string, string>, unknown: (name: string) => void): unknown {
  if (!text.includes('${')) return text;
  const whole = /^\$\{\{([A-Za-z0-9_]+)\}\}$/.exec(text)?.[1];
  if (whole !== undefined) {
    const value = values.get(whole);
    if (value === undefined) unknown(whole);
    return scalar(value ?? text);
  }
  return text.replace(/\$\{([A-Za-z0-9_]+)\}/g, (all, name: string) => values.get(name) ?? all);
}

function scalar(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** A default that was written without quotes. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
