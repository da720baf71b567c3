// The functions of Go's text/template that task files use, with Go's own meaning of each.

/** What a template handles. Texts stay texts: nothing turns "1.10" into a number. */
export type Value = string | number | boolean | null | ReadonlyMap<string, Value> | readonly Value[];

/** A function was called in a way that it does not take. */
export class CallError extends Error {}

/** Go's truth: empty texts, maps and lists, 0, false and nil are false. */
export function truth(value: Value): boolean {
  if (value instanceof Map) return value.size > 0;
  if (Array.isArray(value)) return value.length > 0;
  return value !== '' && value !== 0 && value !== false && value !== null;
}

/** As Go's fmt prints it. */
export function show(value: Value): string {
  if (value === null) return '<no value>';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return showNumber(value);
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map((item: Value) => show(item)).join(' ')}]`;
  const entries = [...(value as ReadonlyMap<string, Value>)].sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, item]) => `${key}:${show(item)}`).join(' ')}]`;
}

function showNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value);
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  if (exponent >= -4 && exponent < 21) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

type Fn = (args: readonly Value[], name: string) => Value;

function kindOf(value: Value): string {
  if (value === null) return 'nil';
  if (value instanceof Map) return 'map';
  return Array.isArray(value) ? 'list' : typeof value;
}

function takes(args: readonly Value[], least: number, name: string, most = Infinity): void {
  if (args.length >= least && args.length <= most) return;
  const wanted = most === Infinity ? `at least ${least}` : least === most ? String(least) : `${least} to ${most}`;
  throw new CallError(`"${name}" needs ${wanted} ${wanted === '1' ? 'value' : 'values'}, not ${args.length}`);
}

function equal(a: Value, b: Value, name: string): boolean {
  if (kindOf(a) !== kindOf(b)) {
    throw new CallError(
      `"${name}" cannot compare a ${kindOf(a)} with a ${kindOf(b)}; all inputs and variables are strings`,
    );
  }
  if (typeof a === 'object' && a !== null) throw new CallError(`"${name}" cannot compare a ${kindOf(a)}`);
  return a === b;
}

function less(a: Value, b: Value, name: string): boolean {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  throw new CallError(`"${name}" cannot order a ${kindOf(a)} and a ${kindOf(b)}; all inputs and variables are strings`);
}

function compare(decide: (a: Value, b: Value, name: string) => boolean): Fn {
  return (args, name) => {
    takes(args, 2, name, 2);
    return decide(args[0] ?? null, args[1] ?? null, name);
  };
}

const functions: Readonly<Record<string, Fn>> = {
  eq(args, name) {
    takes(args, 2, name);
    const [first = null, ...others] = args;
    return others.map((other) => equal(first, other, name)).includes(true);
  },
  ne: compare((a, b, name) => !equal(a, b, name)),
  lt: compare(less),
  le: compare((a, b, name) => less(a, b, name) || equal(a, b, name)),
  gt: compare((a, b, name) => less(b, a, name)),
  ge: compare((a, b, name) => !less(a, b, name)),
  not(args, name) {
    takes(args, 1, name, 1);
    return !truth(args[0] ?? null);
  },
  len(args, name) {
    takes(args, 1, name, 1);
    const [value = null] = args;
    if (typeof value === 'string') return Buffer.byteLength(value);
    if (value instanceof Map) return value.size;
    if (Array.isArray(value)) return value.length;
    throw new CallError(`a ${kindOf(value)} has no length`);
  },
  index(args, name) {
    takes(args, 1, name);
    return args.slice(1).reduce<Value>((value, key) => indexed(value, key), args[0] ?? null);
  },
  print: (args) => printed(args),
  println: (args) => `${args.map(show).join(' ')}\n`,
  printf(args, name) {
    takes(args, 1, name);
    const [format = '', ...values] = args;
    if (typeof format !== 'string') throw new CallError('"printf" needs a format first');
    return formatted(format, values);
  },
  html: (args) =>
    printed(args).replace(
      /[&<>"'\0]/g,
      (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' })[c] ?? '\uFFFD',
    ),
  urlquery: (args) =>
    encodeURIComponent(printed(args))
      .replace(/%20/g, '+')
      .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`),
};

/** A map's value, "" for a name that it has not, as for a Go map of strings; a list's item. */
function indexed(value: Value, key: Value): Value {
  if (value instanceof Map) {
    if (typeof key !== 'string') throw new CallError(`a map is indexed by a text, not by a ${kindOf(key)}`);
    return (value as ReadonlyMap<string, Value>).get(key) ?? '';
  }
  const length = typeof value === 'string' || Array.isArray(value) ? value.length : undefined;
  if (length === undefined) throw new CallError(`"index" cannot look into a ${kindOf(value)}`);
  if (typeof key !== 'number')
    throw new CallError(`a ${kindOf(value)} is indexed by a number, not by a ${kindOf(key)}`);
  if (key < 0 || key >= length) throw new CallError(`index ${key} is out of range`);
  return typeof value === 'string' ? (Buffer.from(value)[key] ?? 0) : ((value as readonly Value[])[key] ?? null);
}

/** Go's Sprint: a space between operands where neither is a text. */
function printed(args: readonly Value[]): string {
  return args
    .map((arg, at) => {
      const before = args[at - 1];
      return `${at > 0 && typeof arg !== 'string' && typeof before !== 'string' ? ' ' : ''}${show(arg)}`;
    })
    .join('');
}

function formatted(format: string, values: readonly Value[]): string {
  let next = 0;
  const out = format.replace(
    /%([-+# 0]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g,
    (_, flags: string, width: string, precision: string, verb: string) => {
      if (verb === '%') return '%';
      if (next >= values.length) return `%!${verb}(MISSING)`;
      const value = values[next++] ?? null;
      let text = verbOf(
        verb,
        value,
        flags,
        precision === '' || (precision as string | undefined) === undefined ? undefined : Number(precision),
      );
      const cells = Number(width || 0);
      if (flags.includes('-')) text = text.padEnd(cells);
      else if (flags.includes('0') && typeof value === 'number') {
        text = text.startsWith('-') ? `-${text.slice(1).padStart(cells - 1, '0')}` : text.padStart(cells, '0');
      } else text = text.padStart(cells);
      return text;
    },
  );
  const rest = values.slice(next);
  return rest.length === 0 ? out : `${out}%!(EXTRA ${rest.map((v) => `${goType(v)}=${show(v)}`).join(', ')})`;
}

function goType(value: Value): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function verbOf(verb: string, value: Value, flags: string, precision: number | undefined): string {
  const sign = flags.includes('+') && typeof value === 'number' && value >= 0 ? '+' : '';
  switch (verb) {
    case 'v':
      return sign + show(value);
    case 's':
      if (typeof value === 'string')
        return precision === undefined ? value : Array.from(value).slice(0, precision).join('');
      break;
    case 'q':
      if (typeof value === 'string') return JSON.stringify(value);
      break;
    case 't':
      if (typeof value === 'boolean') return String(value);
      break;
    case 'd':
      if (typeof value === 'number' && Number.isInteger(value)) return sign + String(value);
      break;
    case 'x':
    case 'X': {
      const hex =
        typeof value === 'string'
          ? Buffer.from(value).toString('hex')
          : typeof value === 'number'
            ? value.toString(16)
            : undefined;
      if (hex !== undefined) return verb === 'X' ? hex.toUpperCase() : hex;
      break;
    }
    case 'f':
      if (typeof value === 'number' && !Number.isInteger(value)) return sign + value.toFixed(precision ?? 6);
      break;
    default:
      break;
  }
  return `%!${verb}(${goType(value)}=${show(value)})`;
}

/** `and` and `or` are functions too, but do not look at what cannot decide any more. */
export const functionNames: ReadonlySet<string> = new Set([...Object.keys(functions), 'and', 'or']);

/** @throws CallError */
export function call(name: string, args: readonly Value[]): Value {
  const fn = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (fn === undefined) throw new CallError(`there is no function "${name}"`);
  return fn(args, name);
}
