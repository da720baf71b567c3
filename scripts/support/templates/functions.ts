// The functions of Go templates, sprig and Helm that specs use.

import { createHash } from 'node:crypto';
import { parse as parseYaml, stringify } from 'yaml';
import semver from 'semver';
import { CallError } from '../../base/go-template/template-errors.ts';
import { type TemplateFunction as Func, builtins } from '../../base/go-template/functions.ts';
import { isGoMap, truth, valueOf } from '../../base/go-template/values.ts';
import { called, int, items, map, number, printed, regexp } from './coerce.ts';
import { aliases, more, refused } from './sprig.ts';

/** A field of a missing value is missing too: Helm's error for it says less than the missing value itself. */
export function fieldOf(value: unknown, name: string): unknown {
  return isGoMap(value) ? valueOf(value, name) : undefined;
}

const isEmpty = (value: unknown): boolean => !truth(value);

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
  throw new CallError(printed(message));
};

const trimAll = (set: ReadonlySet<string>, text: readonly string[]): string => {
  const from = text.findIndex((sign) => !set.has(sign));
  return from < 0 ? '' : text.slice(from, text.findLastIndex((sign) => !set.has(sign)) + 1).join('');
};

// Helm refuses to compare values of two types; specs are written for several tools that do not.
const logic: Record<string, Func> = {
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
  quote: (...values) => values.map((value) => JSON.stringify(printed(value))).join(' '),
  squote: (...values) => values.map((value) => `'${printed(value)}'`).join(' '),
  upper: (text) => printed(text).toUpperCase(),
  lower: (text) => printed(text).toLowerCase(),
  title: (text) => printed(text).replace(/\b\w/g, (letter) => letter.toUpperCase()),
  trim: (text) => printed(text).trim(),
  trimAll: (set, text) => trimAll(new Set(printed(set)), Array.from(printed(text))),
  trimSuffix: (suffix, text) =>
    printed(text).endsWith(printed(suffix)) && printed(suffix) !== ''
      ? printed(text).slice(0, -printed(suffix).length)
      : printed(text),
  trimPrefix: (prefix, text) =>
    printed(text).startsWith(printed(prefix)) ? printed(text).slice(printed(prefix).length) : printed(text),
  trunc: (length, text) => (int(length) < 0 ? printed(text).slice(int(length)) : printed(text).slice(0, int(length))),
  substr: (from, to, text) => {
    const [start, end] = [int(from), int(to)];
    return printed(text).slice(Math.max(0, start), end < 0 ? undefined : end);
  },
  nospace: (text) => printed(text).replace(/\s/g, ''),
  cat: (...values) => values.map(printed).join(' '),
  sha256sum: (text) => createHash('sha256').update(printed(text)).digest('hex'),
  sha1sum: (text) => createHash('sha1').update(printed(text)).digest('hex'),
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
  regexMatch: (pattern, text) => regexp(pattern).test(printed(text)),
  regexFind: (pattern, text) => regexp(pattern).find(printed(text))?.groups[0] ?? '',
  regexReplaceAll: (pattern, text, to) => regexp(pattern).replaceAll(printed(text), printed(to)),
  toYaml: yaml,
  toJson: (value) => JSON.stringify(value ?? null),
  toPrettyJson: (value) => JSON.stringify(value ?? null, null, 2),
  fromYaml: (text) => called(() => parseYaml(printed(text)) as unknown),
  fromJson: (text) => called(() => JSON.parse(printed(text)) as unknown),
};

const lists: Record<string, Func> = {
  list: (...values) => values,
  dict: (...values) =>
    Object.fromEntries(values.flatMap((value, i) => (i % 2 === 0 ? [[printed(value), values[i + 1]]] : []))),
  len: (value) => (value === undefined || value === null ? 0 : builtins['len']?.(value)),
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
  unset: (value, key) => {
    const object = map(value);
    Reflect.deleteProperty(object, printed(key));
    return object;
  },
  pick: (value, ...keys) => {
    const wanted = new Set(keys.map(printed));
    return Object.fromEntries(Object.entries(map(value)).filter(([key]) => wanted.has(key)));
  },
  omit: (value, ...keys) => {
    const unwanted = new Set(keys.map(printed));
    return Object.fromEntries(Object.entries(map(value)).filter(([key]) => !unwanted.has(key)));
  },
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
  mergeOverwrite: (...values) =>
    values.reduce<Record<string, unknown>>((sum, value) => ({ ...sum, ...map(value) }), {}),
  rest: (list) => items(list).slice(1),
  initial: (list) => items(list).slice(0, -1),
  reverse: (list) => [...items(list)].reverse(),
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

const named: Record<string, Func> = { ...builtins, ...more, ...logic, ...texts, ...lists, ...numbers };

/** Sprig's and Helm's over Go's own. */
export const functions: Readonly<Record<string, Func>> = {
  ...refused,
  ...Object.fromEntries(
    Object.entries(aliases).flatMap(([alias, name]) => (named[name] ? [[alias, named[name]]] : [])),
  ),
  ...named,
};
