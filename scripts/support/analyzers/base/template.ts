// The part of Go's text/template that messages of checks use: values by path, if, range, and a few functions.

import { BadCheck } from './check.ts';

type Part =
  | { type: 'text'; text: string }
  | { type: 'value'; pipeline: string }
  | { type: 'block'; word: 'if' | 'range' | 'with'; pipeline: string; then: Part[]; otherwise: Part[] };

/** The message with what `{{ }}` stands for. @throws BadCheck for what is no such template */
export function render(template: string, data: unknown): string {
  if (!template.includes('{{')) return template;
  const tokens = template.split(/(\{\{-?[^]*?-?\}\})/);
  const { parts } = parse(tokens, 0, template);
  return write(parts, data, data);
}

function parse(
  tokens: readonly string[],
  from: number,
  template: string,
): { parts: Part[]; next: number; end: string } {
  const parts: Part[] = [];
  let at = from;
  while (at < tokens.length) {
    const token = tokens[at] ?? '';
    at++;
    if (!token.startsWith('{{')) {
      const before = tokens[at] ?? '';
      const after = tokens[at - 2] ?? '';
      let text = token;
      if (before.startsWith('{{-')) text = text.trimEnd();
      if (after.endsWith('-}}')) text = text.trimStart();
      if (text !== '') parts.push({ type: 'text', text });
      continue;
    }
    const code = token
      .slice(2, -2)
      .replace(/^-\s|\s-$/g, '')
      .trim();
    if (code.startsWith('/*')) continue;
    const [word = ''] = code.split(/\s/);
    if (word === 'end' || word === 'else') return { parts, next: at, end: code };
    if (word === 'if' || word === 'range' || word === 'with') {
      const block = blockOf(tokens, at, { word, pipeline: code.slice(word.length).trim(), template });
      parts.push(block.part);
      at = block.next;
    } else {
      parts.push({ type: 'value', pipeline: code });
    }
  }
  if (from > 0) throw new BadCheck(`a block of the message has no {{ end }}: ${template}`);
  return { parts, next: at, end: '' };
}

function blockOf(
  tokens: readonly string[],
  at: number,
  { word, pipeline, template }: { word: 'if' | 'range' | 'with'; pipeline: string; template: string },
): { part: Part; next: number } {
  const then = parse(tokens, at, template);
  let otherwise: Part[] = [];
  let { next } = then;
  if (then.end.startsWith('else if')) {
    const nested = blockOf(tokens, next, { word: 'if', pipeline: then.end.slice(7).trim(), template });
    return { part: { type: 'block', word, pipeline, then: then.parts, otherwise: [nested.part] }, next: nested.next };
  }
  if (then.end === 'else') {
    const rest = parse(tokens, next, template);
    otherwise = rest.parts;
    next = rest.next;
  }
  return { part: { type: 'block', word, pipeline, then: then.parts, otherwise }, next };
}

function write(parts: readonly Part[], dot: unknown, root: unknown): string {
  let out = '';
  for (const part of parts) {
    if (part.type === 'text') out += part.text;
    else if (part.type === 'value') out += shown(evaluate(part.pipeline, dot, root));
    else {
      const value = evaluate(part.pipeline, dot, root);
      if (!truth(value)) out += write(part.otherwise, dot, root);
      else if (part.word === 'range') {
        const items = Array.isArray(value) ? (value as unknown[]) : Object.values(value as object);
        for (const item of items) out += write(part.then, item, root);
      } else out += write(part.then, part.word === 'with' ? value : dot, root);
    }
  }
  return out;
}

type TemplateFunction = (...args: unknown[]) => unknown;

const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  eq: (first, ...rest) => rest.some((other) => first === other),
  ne: (a, b) => a !== b,
  lt: (a, b) => Number(a) < Number(b),
  le: (a, b) => Number(a) <= Number(b),
  gt: (a, b) => Number(a) > Number(b),
  ge: (a, b) => Number(a) >= Number(b),
  not: (value: unknown): boolean => !truth(value),
  and: (...args) => args.find((value) => !truth(value)) ?? args[args.length - 1],
  or: (...args) => args.find((value) => truth(value)) ?? args[args.length - 1],
  len: (value) => (typeof value === 'string' || Array.isArray(value) ? value.length : Object.keys(value ?? {}).length),
  default: (fallback, value) => (truth(value) ? value : fallback),
  quote: (value) => JSON.stringify(shown(value)),
  upper: (value) => shown(value).toUpperCase(),
  lower: (value) => shown(value).toLowerCase(),
  trim: (value) => shown(value).trim(),
  join: (separator, list) => (Array.isArray(list) ? list.map(shown).join(shown(separator)) : shown(list)),
  contains: (part, whole) => shown(whole).includes(shown(part)),
  hasPrefix: (prefix, whole) => shown(whole).startsWith(shown(prefix)),
  index: (list, key) => member(list, String(key)),
  int: (value) => Math.trunc(Number(value)),
  toString: (value: unknown) => shown(value),
  print: (...args) => args.map(shown).join(''),
};

function evaluate(pipeline: string, dot: unknown, root: unknown): unknown {
  const words = pipeline.match(/"(?:[^"\\]|\\.)*"|`[^`]*`|[()|]|[^\s()|]+/g) ?? [];
  let at = 0;
  const command = (): unknown => {
    let value: unknown;
    let piped: unknown[] = [];
    for (;;) {
      const [name = ''] = words.slice(at, at + 1);
      if (Object.hasOwn(FUNCTIONS, name)) {
        at++;
        const args: unknown[] = [];
        while (at < words.length && words[at] !== '|' && words[at] !== ')') args.push(operand());
        value = FUNCTIONS[name]?.(...args, ...piped);
      } else {
        value = operand();
      }
      if (words[at] !== '|') return value;
      at++;
      piped = [value];
    }
  };
  const operand = (): unknown => {
    const word = words[at++] ?? '';
    if (word === '(') {
      const value = command();
      at++;
      return value;
    }
    if (word.startsWith('"')) return JSON.parse(word) as string;
    if (word.startsWith('`')) return word.slice(1, -1);
    if (/^-?\d/.test(word)) return Number(word);
    if (word === 'true' || word === 'false') return word === 'true';
    if (word === 'nil') return undefined;
    if (word.startsWith('$.') || word === '$') return path(root, word.slice(1));
    if (word.startsWith('.')) return path(dot, word);
    throw new BadCheck(`"${word}" is not known in {{ ${pipeline} }}`);
  };
  return command();
}

function path(from: unknown, dotted: string): unknown {
  return dotted
    .split('.')
    .filter((part) => part !== '')
    .reduce(member, from);
}

/** A key; fields of Go's structs are written with a capital letter, keys of JSON are not. */
function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const own = keyIn(value, key);
  if (own !== undefined) return (value as Record<string, unknown>)[own];
  // Metadata is embedded in Go's objects.
  const metadata = 'metadata' in value ? value.metadata : undefined;
  const inner = typeof metadata === 'object' && metadata !== null ? keyIn(metadata, key) : undefined;
  return inner === undefined ? undefined : (metadata as Record<string, unknown>)[inner];
}

function keyIn(value: object, key: string): string | undefined {
  if (Object.hasOwn(value, key)) return key;
  return /^[A-Z]/.test(key) ? Object.keys(value).find((own) => own.toLowerCase() === key.toLowerCase()) : undefined;
}

function truth(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value);
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
