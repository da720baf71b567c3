// The functions that Go's text/template has by itself, with Go's own meaning of each.

import { CallError } from './template-errors.ts';
import { print, printf } from './printf.ts';
import { isGoMap, kindOf, show, truth, valueOf } from './values.ts';

/** Called with the arguments of a template; a CallError gets the place of the call. */
export type TemplateFunction = (...args: unknown[]) => unknown;

/** @throws CallError for a number of arguments that the function does not take */
function takes(name: string, args: readonly unknown[], least: number, most = Infinity): void {
  if (args.length >= least && args.length <= most) return;
  const wanted = most === Infinity ? `at least ${least}` : least === most ? String(least) : `${least} to ${most}`;
  const noun = /(?:^| )1$/.test(wanted) ? 'value' : 'values';
  throw new CallError(`"${name}" needs ${wanted} ${noun}, not ${args.length}`);
}

function equal(name: string, a: unknown, b: unknown): boolean {
  if (kindOf(a) !== kindOf(b)) throw new CallError(`"${name}" cannot compare a ${kindOf(a)} with a ${kindOf(b)}`);
  if (typeof a === 'object' && a !== null) throw new CallError(`"${name}" cannot compare a ${kindOf(a)}`);
  return a === b;
}

function less(name: string, a: unknown, b: unknown): boolean {
  // Go compares bytes; UTF-8 keeps the order of code points.
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  throw new CallError(`"${name}" cannot order a ${kindOf(a)} and a ${kindOf(b)}`);
}

type Comparison = (name: string, a: unknown, b: unknown) => boolean;

function compare(name: string, decide: Comparison): TemplateFunction {
  return (...args) => {
    takes(name, args, 2, 2);
    return decide(name, args[0], args[1]);
  };
}

function textOf(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new CallError(`"${name}" needs a string, not a ${kindOf(value)}`);
  return value;
}

/** An item of a list, a byte of a string, or the value of a key: undefined for a key that is not in the map. */
function indexed(value: unknown, key: unknown): unknown {
  if (isGoMap(value)) {
    if (typeof key !== 'string') throw new CallError(`a map is indexed by a string, not by a ${kindOf(key)}`);
    return valueOf(value, key);
  }
  if (typeof value !== 'string' && !Array.isArray(value)) {
    throw new CallError(`"index" cannot look into a ${kindOf(value)}`);
  }
  if (typeof key !== 'number')
    throw new CallError(`a ${kindOf(value)} is indexed by a number, not by a ${kindOf(key)}`);
  const items: ArrayLike<unknown> = typeof value === 'string' ? Buffer.from(value) : (value as unknown[]);
  if (key < 0 || key >= items.length) throw new CallError(`index ${key} is out of range`);
  return items[key];
}

function sliced(...args: unknown[]): unknown {
  takes('slice', args, 1, 3);
  const [value, from = 0, to] = args;
  const items = typeof value === 'string' ? Buffer.from(value) : value;
  if (!Array.isArray(items) && !Buffer.isBuffer(items)) throw new CallError(`"slice" cannot cut a ${kindOf(value)}`);
  const end = to ?? items.length;
  if (typeof from !== 'number' || typeof end !== 'number' || from < 0 || from > end || end > items.length) {
    throw new CallError(`slice ${show(from)}:${show(end)} is out of range`);
  }
  return Buffer.isBuffer(items) ? items.subarray(from, end).toString() : (items as unknown[]).slice(from, end);
}

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' };

/** `and` and `or` are not here: the evaluation does not look at what cannot decide any more. */
export const builtins: Readonly<Record<string, TemplateFunction>> = {
  eq(...args) {
    takes('eq', args, 2);
    const [first, ...others] = args;
    return others.map((other) => equal('eq', first, other)).includes(true);
  },
  ne: compare('ne', (name, a, b) => !equal(name, a, b)),
  lt: compare('lt', less),
  le: compare('le', (name, a, b) => !less(name, b, a)),
  gt: compare('gt', (name, a, b) => less(name, b, a)),
  ge: compare('ge', (name, a, b) => !less(name, a, b)),
  not(...args) {
    takes('not', args, 1, 1);
    return !truth(args[0]);
  },
  len(...args) {
    takes('len', args, 1, 1);
    const [value] = args;
    if (typeof value === 'string') return Buffer.byteLength(value);
    if (Array.isArray(value)) return value.length;
    if (value instanceof Map) return value.size;
    if (isGoMap(value)) return Object.keys(value).length;
    throw new CallError(`a ${kindOf(value)} has no length`);
  },
  index(...args) {
    takes('index', args, 1);
    return args.slice(1).reduce(indexed, args[0]);
  },
  slice: sliced,
  print,
  println: (...args) => `${args.map((arg) => show(arg)).join(' ')}\n`,
  printf(...args) {
    takes('printf', args, 1);
    return printf(textOf('printf', args[0]), ...args.slice(1));
  },
  html: (...args) => print(...args).replace(/[&<>"'\0]/g, (sign) => HTML[sign] ?? '\uFFFD'),
  urlquery: (...args) =>
    encodeURIComponent(print(...args).replace(/\p{Surrogate}/gu, '\uFFFD'))
      .replace(/%20/g, '+')
      .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`),
};
