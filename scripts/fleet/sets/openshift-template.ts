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

/** `${NAME}` is replaced inside texts, `${{NAME}}` stands for a value that is no text. A value given wins over the default. */
export function processTemplate(
  template: Json,
  given: Readonly<Record<string, string>>,
  where: string,
): { objects: Json[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const parameters = (Array.isArray(template['parameters']) ? template['parameters'] : []).filter(
    (one): one is Parameter & Record<string, unknown> => isMapping(one) && typeof one['name'] === 'string',
  );
  const values = new Map<string, string>();
  for (const { name, value, required } of parameters) {
    const chosen = given[name] ?? (value === undefined || value === null ? undefined : textOf(value));
    if (chosen === undefined && required === true) problems.push({ where, message: `parameter ${name} needs a value` });
    values.set(name, chosen ?? '');
  }
  const unknown = new Set<string>();
  const walk = (node: unknown): unknown => {
    if (typeof node === 'string') return substitute(node, values, unknown);
    if (Array.isArray(node)) return node.map(walk);
    if (!isMapping(node)) return node;
    return Object.fromEntries(Object.entries(node).map(([key, below]) => [key, walk(below)]));
  };
  const objects = (Array.isArray(template['objects']) ? template['objects'] : []).map(walk).filter(isMapping);
  for (const name of unknown) {
    const near = nearest(name, values.keys());
    problems.push({
      where,
      message: `\${${name}} is no parameter of this Template${near === undefined ? '' : `; did you mean ${near}?`}`,
    });
  }
  return { objects, problems };
}

function substitute(text: string, values: ReadonlyMap<string, string>, unknown: Set<string>): unknown {
  if (!text.includes('${')) return text;
  const whole = /^\$\{\{([A-Za-z0-9_]+)\}\}$/.exec(text)?.[1];
  if (whole !== undefined) {
    const value = values.get(whole);
    if (value === undefined) unknown.add(whole);
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
