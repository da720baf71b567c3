// The part of kubectl's JSONPath that waits use: fields, indexes, wildcards and filters that compare with a value.

import { HoistError } from '../../base/errors.ts';

type Step =
  | { kind: 'field'; name: string }
  | { kind: 'index'; index: number }
  | { kind: 'all' }
  | { kind: 'filter'; path: readonly Step[]; operator: '==' | '!='; value: string };

/** Finds all values at a path. */
export type JsonPath = (value: unknown) => unknown[];

/** @param text `{.status.phase}`, braces optional. @throws HoistError for what it does not understand */
export function parseJsonPath(text: string): JsonPath {
  const inner = /^\{(.*)\}$/s.exec(text.trim())?.[1] ?? text.trim();
  const steps = parseSteps(inner.replace(/^\$/, ''), text);
  return (value) => steps.reduce<unknown[]>((found, step) => found.flatMap((one) => next(one, step)), [value]);
}

const FIELD = /^\.?((?:[^.[\]'"\\\s]|\\.)+)/;
const FILTER = /^\[\?\(\s*@((?:\.[\w\\./-]+)+)\s*(==|!=)\s*(?:"([^"]*)"|'([^']*)'|([\w.-]+))\s*\)\]/;

function parseSteps(path: string, whole: string): Step[] {
  const steps: Step[] = [];
  let rest = path.trim();
  while (rest !== '' && rest !== '.') {
    const filter = FILTER.exec(rest);
    const bracket = /^\[\s*(?:'([^']*)'|"([^"]*)"|(-?\d+)|(\*))\s*\]/.exec(rest);
    const field = FIELD.exec(rest);
    if (filter) {
      const value = filter[3] ?? filter[4] ?? filter[5] ?? '';
      steps.push({
        kind: 'filter',
        path: parseSteps(filter[1] ?? '', whole),
        operator: filter[2] === '!=' ? '!=' : '==',
        value,
      });
    } else if (bracket) {
      const [, single, double, index] = bracket;
      if (index !== undefined) steps.push({ kind: 'index', index: Number(index) });
      else if (single !== undefined || double !== undefined)
        steps.push({ kind: 'field', name: single ?? double ?? '' });
      else steps.push({ kind: 'all' });
    } else if (field) {
      const name = (field[1] ?? '').replace(/\\(.)/g, '$1');
      steps.push(name === '*' ? { kind: 'all' } : { kind: 'field', name });
    } else throw new HoistError(`"${whole}" is no JSONPath that waits understand: unexpected "${rest.slice(0, 20)}"`);
    rest = rest.slice((filter ?? bracket ?? field)?.[0].length ?? rest.length);
  }
  return steps;
}

function next(value: unknown, step: Step): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  switch (step.kind) {
    case 'field': {
      if (Array.isArray(value) || !Object.hasOwn(value, step.name)) return [];
      const found = (value as Record<string, unknown>)[step.name];
      return found === undefined || found === null ? [] : [found];
    }
    case 'index': {
      const found: unknown = Array.isArray(value) ? value.at(step.index) : undefined;
      return found === undefined ? [] : [found];
    }
    case 'all':
      return Object.values(value);
    case 'filter':
      return (Array.isArray(value) ? value : Object.values(value)).filter((one: unknown) => {
        const found = step.path.reduce<unknown[]>((all, inner) => all.flatMap((item) => next(item, inner)), [one]);
        return found.some((item) => textOf(item) === step.value) === (step.operator === '==');
      });
  }
}

/** As kubectl prints a value. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
