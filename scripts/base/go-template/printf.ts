// Go's Sprint and Sprintf, for the verbs that templates use.

import { show } from './values.ts';

/** Go's Sprint: a space between operands where neither is a string. */
export function print(...args: readonly unknown[]): string {
  return args
    .map((arg, at) => {
      const spaced = at > 0 && typeof arg !== 'string' && typeof args[at - 1] !== 'string';
      return `${spaced ? ' ' : ''}${show(arg)}`;
    })
    .join('');
}

/** The widest field and the finest precision; wider ones are cut to these. */
const WIDEST = 1000;
const FINEST = 100;

const VERB = /%([-+# 0]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g;

/** Go's Sprintf: what does not fit a verb is printed as Go prints it, `%!d(string=x)`. */
export function printf(format: string, ...values: readonly unknown[]): string {
  let next = 0;
  const out = format.replace(VERB, (...match: (string | undefined)[]) => {
    const [, flags = '', width, precision, verb = ''] = match;
    if (verb === '%') return '%';
    if (next >= values.length) return `%!${verb}(MISSING)`;
    const value = values[next++];
    const digits = precision === undefined ? undefined : Math.min(FINEST, Number(precision));
    return padded(verbOf(verb, value, flags, digits), value, flags, Math.min(WIDEST, Number(width ?? 0)));
  });
  const rest = values.slice(next);
  return rest.length === 0
    ? out
    : `${out}%!(EXTRA ${rest.map((value) => `${goType(value)}=${show(value)}`).join(', ')})`;
}

function padded(text: string, value: unknown, flags: string, cells: number): string {
  if (flags.includes('-')) return text.padEnd(cells);
  if (!flags.includes('0') || typeof value !== 'number') return text.padStart(cells);
  return text.startsWith('-') ? `-${text.slice(1).padStart(cells - 1, '0')}` : text.padStart(cells, '0');
}

function goType(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (Array.isArray(value)) return '[]interface {}';
  return typeof value === 'object' && value !== null ? 'map[string]interface {}' : typeof value;
}

function verbOf(verb: string, value: unknown, flags: string, precision: number | undefined): string {
  const sign = flags.includes('+') && typeof value === 'number' && value >= 0 ? '+' : '';
  const done = verb === 'v' ? show(value) : fitting(verb, value, precision);
  if (done !== undefined) return sign + done;
  return value === undefined || value === null ? `%!${verb}(<nil>)` : `%!${verb}(${goType(value)}=${show(value)})`;
}

/** The value by a verb that takes its type; undefined where it does not. */
function fitting(verb: string, value: unknown, precision: number | undefined): string | undefined {
  if (typeof value === 'string') {
    if (verb === 's') return precision === undefined ? value : Array.from(value).slice(0, precision).join('');
    if (verb === 'q') return JSON.stringify(value);
    if (verb === 'x' || verb === 'X') return cased(Buffer.from(value).toString('hex'), verb);
    return undefined;
  }
  if (typeof value === 'boolean') return verb === 't' ? String(value) : undefined;
  if (typeof value !== 'number') return undefined;
  if (Number.isInteger(value)) {
    if (verb === 'd') return String(value).replace(/\d+/, (digits) => digits.padStart(precision ?? 0, '0'));
    return verb === 'x' || verb === 'X' ? cased(value.toString(16), verb) : undefined;
  }
  return verb === 'f' ? fixed(value, precision ?? 6) : undefined;
}

/** As `toFixed`, but what lies exactly in the middle goes to the even digit, as in Go. */
function fixed(value: number, precision: number): string {
  const text = value.toFixed(precision);
  const exact = value.toFixed(FINEST);
  const end = exact.indexOf('.') + 1 + precision;
  const isMiddle = /^50*$/.test(exact.slice(end));
  return isMiddle && /[13579]$/.test(text) ? exact.slice(0, precision === 0 ? end - 1 : end) : text;
}

function cased(hex: string, verb: 'x' | 'X'): string {
  return verb === 'X' ? hex.toUpperCase() : hex;
}
