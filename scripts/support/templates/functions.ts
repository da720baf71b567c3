// The functions of Go templates, sprig and Helm that specs use.

import { parse as parseYaml, stringify } from 'yaml';
import semver from 'semver';
import { HoistError } from '../../base/errors.ts';

type Func = (...args: unknown[]) => unknown;

/** As Go prints a value; nothing for what is not there. */
export function printed(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(printed).join(' ')}]`;
  if (typeof value === 'object')
    return `map[${Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, below]) => `${key}:${printed(below)}`)
      .join(' ')}]`;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

const number = (value: unknown): number => (typeof value === 'boolean' ? Number(value) : Number(value ?? 0)) || 0;
const int = (value: unknown): number => Math.trunc(number(value));
const items = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
const map = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
const same = (a: unknown, b: unknown): boolean =>
  typeof a === 'number' || typeof b === 'number'
    ? a === b
    : typeof a === typeof b
      ? JSON.stringify(a) === JSON.stringify(b)
      : printed(a) === printed(b);
const less = (a: unknown, b: unknown): boolean =>
  typeof a === 'string' && typeof b === 'string' ? a < b : number(a) < number(b);
const indent = (spaces: unknown, text: unknown): string =>
  printed(text).replace(/^/gm, ' '.repeat(Math.min(200, int(spaces))));
const yaml = (value: unknown): string => (value === undefined ? 'null' : stringify(value, { lineWidth: 0 }).trimEnd());
const fail = (message: unknown): never => {
  throw new HoistError(printed(message));
};

/** `printf` with the verbs that templates use. */
function format(pattern: unknown, ...args: unknown[]): string {
  let next = 0;
  return printed(pattern).replace(
    /%([-+# 0]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g,
    (_, flags: string, width?: string, precision?: string, verb?: string) => {
      if (verb === '%') return '%';
      const value = args[next++];
      let text =
        verb === 'd'
          ? String(int(value))
          : verb === 'q'
            ? JSON.stringify(printed(value))
            : verb === 'f'
              ? number(value).toFixed(Number(precision ?? 6))
              : printed(value);
      if (width !== undefined)
        text = flags.includes('-')
          ? text.padEnd(Number(width))
          : text.padStart(Number(width), flags.includes('0') ? '0' : ' ');
      return text;
    },
  );
}

const logic: Record<string, Func> = {
  not: (value) => isEmpty(value),
  eq: (value, ...others) => others.some((other) => same(value, other)),
  ne: (a, b) => !same(a, b),
  lt: less,
  le: (a, b) => !less(b, a),
  gt: (a, b) => less(b, a),
  ge: (a, b) => !less(a, b),
  default: (fallback, value) => (isEmpty(value) ? fallback : value),
  empty: isEmpty,
  coalesce: (...values) => values.find((value) => !isEmpty(value)),
  ternary: (yes, no, test) => (isEmpty(test) ? no : yes),
  required: (message, value) => (value === undefined || value === null || value === '' ? fail(message) : value),
  fail,
};

const texts: Record<string, Func> = {
  print: (...values) => values.map(printed).join(''),
  println: (...values) => `${values.map(printed).join(' ')}\n`,
  printf: format,
  quote: (...values) => values.map((value) => JSON.stringify(printed(value))).join(' '),
  squote: (...values) => values.map((value) => `'${printed(value)}'`).join(' '),
  upper: (text) => printed(text).toUpperCase(),
  lower: (text) => printed(text).toLowerCase(),
  title: (text) => printed(text).replace(/\b\w/g, (letter) => letter.toUpperCase()),
  trim: (text) => printed(text).trim(),
  trimAll: (set, text) =>
    Array.from(printed(set)).reduce((sum, c) => sum.replace(new RegExp(`^[${c}]+|[${c}]+$`, 'g'), ''), printed(text)),
  trimSuffix: (suffix, text) =>
    printed(text).endsWith(printed(suffix)) && printed(suffix) !== ''
      ? printed(text).slice(0, -printed(suffix).length)
      : printed(text),
  trimPrefix: (prefix, text) =>
    printed(text).startsWith(printed(prefix)) ? printed(text).slice(printed(prefix).length) : printed(text),
  trunc: (length, text) => (int(length) < 0 ? printed(text).slice(int(length)) : printed(text).slice(0, int(length))),
  replace: (from, to, text) => printed(text).replaceAll(printed(from), printed(to)),
  contains: (part, text) => printed(text).includes(printed(part)),
  hasPrefix: (prefix, text) => printed(text).startsWith(printed(prefix)),
  hasSuffix: (suffix, text) => printed(text).endsWith(printed(suffix)),
  repeat: (count, text) => printed(text).repeat(Math.min(1000, Math.max(0, int(count)))),
  indent,
  nindent: (spaces, text) => `\n${indent(spaces, text)}`,
  b64enc: (text) => Buffer.from(printed(text)).toString('base64'),
  b64dec: (text) => Buffer.from(printed(text), 'base64').toString('utf8'),
  join: (separator, list) => items(list).map(printed).join(printed(separator)),
  split: (separator, text) =>
    Object.fromEntries(
      printed(text)
        .split(printed(separator))
        .map((part, i) => [`_${i}`, part]),
    ),
  splitList: (separator, text) => printed(text).split(printed(separator)),
  toString: printed,
  regexMatch: (pattern, text) => new RegExp(printed(pattern)).test(printed(text)),
  regexFind: (pattern, text) => new RegExp(printed(pattern)).exec(printed(text))?.[0] ?? '',
  regexReplaceAll: (pattern, text, to) =>
    printed(text).replace(new RegExp(printed(pattern), 'g'), printed(to).replace(/\$\{(\w+)\}/g, '$$$1')),
  toYaml: yaml,
  toJson: (value) => JSON.stringify(value ?? null),
  toPrettyJson: (value) => JSON.stringify(value ?? null, null, 2),
  fromYaml: (text) => parseYaml(printed(text)) as unknown,
  fromJson: (text) => JSON.parse(printed(text)) as unknown,
};

const lists: Record<string, Func> = {
  list: (...values) => values,
  dict: (...values) =>
    Object.fromEntries(values.flatMap((value, i) => (i % 2 === 0 ? [[printed(value), values[i + 1]]] : []))),
  len: (value) =>
    typeof value === 'string' ? value.length : Array.isArray(value) ? value.length : Object.keys(map(value)).length,
  index: (value, ...keys) =>
    keys.reduce(
      (at: unknown, key) =>
        Array.isArray(at)
          ? (at as unknown[])[int(key)]
          : Object.hasOwn(map(at), printed(key))
            ? map(at)[printed(key)]
            : undefined,
      value,
    ),
  get: (value, key) => (Object.hasOwn(map(value), printed(key)) ? map(value)[printed(key)] : ''),
  set: (value, key, item) => Object.assign(map(value), { [printed(key)]: item }),
  hasKey: (value, key) => Object.hasOwn(map(value), printed(key)),
  keys: (value) => Object.keys(map(value)),
  values: (value) => Object.values(map(value)),
  dig: (...args) => {
    const [fallback, value] = args.slice(-2);
    const found = args
      .slice(0, -2)
      .reduce((at: unknown, key) => (Object.hasOwn(map(at), printed(key)) ? map(at)[printed(key)] : undefined), value);
    return found ?? fallback;
  },
  merge: (...values) => values.reduceRight<Record<string, unknown>>((sum, value) => ({ ...sum, ...map(value) }), {}),
  first: (list) => items(list)[0],
  last: (list) => items(list).at(-1),
  append: (list, value) => [...items(list), value],
  prepend: (list, value) => [value, ...items(list)],
  concat: (...all) => all.flatMap(items),
  without: (list, ...values) => items(list).filter((item) => !values.some((value) => same(item, value))),
  uniq: (list) => [...new Set(items(list))],
  compact: (list) => items(list).filter((value) => !isEmpty(value)),
  sortAlpha: (list) => items(list).map(printed).sort(),
  has: (value, list) => items(list).some((item) => same(item, value)),
  until: (count) => Array.from({ length: Math.min(10_000, Math.max(0, int(count))) }, (_, i) => i),
  kindIs: (kind, value) => kindOf(value) === printed(kind),
  typeIs: (kind, value) => kindOf(value) === printed(kind),
  kindOf: (value) => kindOf(value),
  typeOf: (value) => kindOf(value),
  deepCopy: (value) => structuredClone(value),
};

const numbers: Record<string, Func> = {
  int,
  int64: int,
  float64: number,
  add: (...values) => values.map(number).reduce((a, b) => a + b, 0),
  add1: (value) => int(value) + 1,
  sub: (a, b) => number(a) - number(b),
  mul: (...values) => values.map(number).reduce((a, b) => a * b, 1),
  div: (a, b) => Math.trunc(number(a) / (number(b) || 1)),
  mod: (a, b) => int(a) % (int(b) || 1),
  max: (...values) => Math.max(...values.map(number)),
  min: (...values) => Math.min(...values.map(number)),
  ceil: (value) => Math.ceil(number(value)),
  floor: (value) => Math.floor(number(value)),
  round: (value, places) => Number(number(value).toFixed(int(places))),
  atoi: int,
  semverCompare: (range, version) =>
    semver.satisfies(printed(version).replace(/^v/, ''), printed(range), { includePrerelease: true }),
  now: () => new Date().toISOString(),
  lookup: () => ({}),
};

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'invalid';
  if (Array.isArray(value)) return 'slice';
  return { object: 'map', string: 'string', boolean: 'bool', number: 'float64' }[typeof value as string] ?? 'invalid';
}

export const functions: Readonly<Record<string, Func>> = { ...logic, ...texts, ...lists, ...numbers };
