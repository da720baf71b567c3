// Values within documents: the dotted paths of troubleshoot, and the JSONPath of kubectl.

import { BadCheck } from './check.ts';

/** `a.b.[0].c`, `a.b[0]`; undefined where nothing is there. */
export function atPath(document: unknown, path: string): unknown {
  if (path === '') return document;
  let value = document;
  for (const part of path.match(/\[\d+\]|[^.[\]]+/g) ?? []) {
    const index = /^\[(\d+)\]$/.exec(part);
    if (index) value = Array.isArray(value) ? (value as unknown[])[Number(index[1])] : undefined;
    else if (Array.isArray(value) && /^\d+$/.test(part)) value = (value as unknown[])[Number(part)];
    else
      value =
        typeof value === 'object' && value !== null && Object.hasOwn(value, part)
          ? (value as Record<string, unknown>)[part]
          : undefined;
  }
  return value;
}

type Step =
  | { type: 'key'; key: string }
  | { type: 'index'; from: number | undefined; to: number | undefined; one: boolean }
  | { type: 'all' }
  | { type: 'descend' }
  | { type: 'union'; keys: string[] }
  | { type: 'filter'; left: Step[]; sign: string; right: unknown };

/** What `{.items[?(@.a=="b")].c}` selects: a list, as kubectl gives it. */
export function jsonPath(document: unknown, expression: string): unknown[] {
  const inner = /^\s*\{([^]*)\}\s*$/.exec(expression)?.[1] ?? expression;
  return select([document], stepsOf(inner.trim().replace(/^[$@]/, ''), expression));
}

function stepsOf(path: string, whole: string): Step[] {
  const steps: Step[] = [];
  let at = 0;
  while (at < path.length) {
    const rest = path.slice(at);
    const descend = /^\.\./.exec(rest);
    const key = /^\.?((?:\\.|[^.[\]{}\s\\])+)/.exec(rest);
    if (descend) {
      steps.push({ type: 'descend' });
      at += 1;
    } else if (rest.startsWith('[')) {
      const end = closing(path, at);
      if (end < 0) throw new BadCheck(`"${whole}" is no JSONPath: [ without ]`);
      steps.push(bracket(path.slice(at + 1, end).trim(), whole));
      at = end + 1;
    } else if (key) {
      const name = (key[1] ?? '').replace(/\\(.)/g, '$1');
      steps.push(name === '*' ? { type: 'all' } : { type: 'key', key: name });
      at += key[0].length;
    } else if (/^\.(?:\[|$)/.test(rest)) {
      at++;
    } else {
      throw new BadCheck(`"${whole}" is no JSONPath at "${rest}"`);
    }
  }
  return steps;
}

function closing(path: string, from: number): number {
  let depth = 0;
  let quote = '';
  for (let i = from; i < path.length; i++) {
    const char = path.charAt(i);
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '[') depth++;
    else if (char === ']' && --depth === 0) return i;
  }
  return -1;
}

function bracket(text: string, whole: string): Step {
  if (text === '*') return { type: 'all' };
  const filter = /^\?\(\s*@([^]*?)\s*(?:(==|!=|<=|>=|<|>)\s*([^]+?)\s*)?\)$/.exec(text);
  if (filter) {
    const [, left = '', sign = '', right = ''] = filter;
    return { type: 'filter', left: stepsOf(left, whole), sign, right: literal(right) };
  }
  const slice = /^(-?\d*)(?::(-?\d*))?(?::\d+)?$/.exec(text);
  if (slice && text !== '') {
    const [, from = '', to] = slice;
    const one = to === undefined;
    return {
      type: 'index',
      from: from === '' ? undefined : Number(from),
      to: to === undefined || to === '' ? undefined : Number(to),
      one,
    };
  }
  const keys = text.split(',').map((key) => String(literal(key.trim())));
  return keys.length === 1 ? { type: 'key', key: keys[0] ?? '' } : { type: 'union', keys };
}

function literal(text: string): unknown {
  const quoted = /^(['"])([^]*)\1$/.exec(text);
  if (quoted) return quoted[2];
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  return text === 'true' ? true : text === 'false' ? false : text;
}

function select(values: readonly unknown[], steps: readonly Step[]): unknown[] {
  let current = [...values];
  for (const step of steps) current = current.flatMap((value) => take(value, step));
  return current;
}

function take(value: unknown, step: Step): unknown[] {
  const inside = typeof value === 'object' && value !== null ? value : undefined;
  switch (step.type) {
    case 'key':
      return inside && Object.hasOwn(inside, step.key) ? [(inside as Record<string, unknown>)[step.key]] : [];
    case 'union':
      return step.keys.flatMap((key) =>
        take(value, /^\d+$/.test(key) && Array.isArray(value) ? indexOf(Number(key)) : { type: 'key', key }),
      );
    case 'all':
      return inside ? Object.values(inside) : [];
    case 'descend':
      return descendants(value);
    case 'filter':
      return (inside ? (Object.values(inside) as unknown[]) : []).filter((item) => passes(item, step));
    case 'index': {
      if (!Array.isArray(value)) return [];
      const list = value as unknown[];
      if (!step.one) return list.slice(step.from, step.to);
      const at = (step.from ?? 0) < 0 ? list.length + (step.from ?? 0) : (step.from ?? 0);
      return at < list.length && at >= 0 ? [list[at]] : [];
    }
  }
}

const indexOf = (from: number): Step => ({ type: 'index', from, to: undefined, one: true });

function descendants(value: unknown): unknown[] {
  const below = typeof value === 'object' && value !== null ? (Object.values(value) as unknown[]) : [];
  return [value, ...below.flatMap(descendants)];
}

function passes(item: unknown, { left, sign, right }: Extract<Step, { type: 'filter' }>): boolean {
  const found = select([item], left);
  if (sign === '') return found.length > 0;
  return found.some((value) => {
    if (sign === '==') return value === right;
    if (sign === '!=') return value !== right;
    if (typeof value !== typeof right) return false;
    const [a, b] = [value as number, right as number];
    return sign === '<' ? a < b : sign === '>' ? a > b : sign === '<=' ? a <= b : a >= b;
  });
}
