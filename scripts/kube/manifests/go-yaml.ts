// YAML as kubectl and helm read it: what go-yaml makes of plain scalars and of keys.

import { Composer, type Document, type LineCounter, Parser, type ScalarTag, type Tags } from 'yaml';
import { goLexer } from './go-lexer.ts';

/** What a plain scalar can be. Integers that JavaScript cannot hold are BigInts, so that no digit is lost. */
export type Plain = string | number | bigint | boolean | null;

const words = new Map<string, Plain>([
  ...spellings(true, ['y', 'Y'], ['yes', 'true', 'on']),
  ...spellings(false, ['n', 'N'], ['no', 'false', 'off']),
  ...spellings(null, ['', '~'], ['null']),
  ...['.nan', '.NaN', '.NAN'].map((text) => [text, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF'].flatMap((text) =>
    ['', '+', '-'].map((sign) => [sign + text, sign === '-' ? -Infinity : Infinity] as const),
  ),
]);

function spellings(value: Plain, exact: readonly string[], words: readonly string[]): [string, Plain][] {
  const cased = words.flatMap((word) => [word, `${word[0]?.toUpperCase()}${word.slice(1)}`, word.toUpperCase()]);
  return [...exact, ...cased].map((text) => [text, value]);
}

const int64 = 2n ** 63n;
const uint64 = 2n ** 64n;
// What Go's ParseInt takes with base 0: a prefix decides the base, a leading zero means octal.
const integer = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/;
const float = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;

/**
 * What a plain scalar means: YAML 1.1 with octals of 1.2, without times and sexagesimal numbers. NaN and the infinities
 * come out for `.nan` and `.inf` alone.
 */
export function resolvePlain(text: string): Plain {
  const word = words.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.0-9]/.test(text)) return text;
  // Where a point comes first, underscores separate digits only; elsewhere they may stand anywhere.
  if (text.startsWith('.') && /(?<![0-9])_|_(?![0-9])/.test(text)) return text;
  const plain = text.replaceAll('_', '');
  return integerOf(plain) ?? finite(plain) ?? text;
}

/** Undefined for what no 64 bits hold. */
function integerOf(text: string): number | bigint | undefined {
  const match = integer.exec(text);
  if (!match) return undefined;
  const [, sign, hex, binary, octal, decimal] = match;
  const digits = hex ? `0x${hex}` : binary ? `0b${binary}` : octal ? `0o${octal}` : (decimal ?? '0');
  const size = BigInt(digits);
  if (sign === '-' ? size > int64 : size >= (sign === '+' ? int64 : uint64)) return undefined;
  return exact(sign === '-' ? -size : size);
}

function exact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function finite(text: string): number | bigint | undefined {
  if (!float.test(text)) return undefined;
  // Integers beyond 64 bits: the server makes floats of them, but that is the server's to do.
  if (/^[-+]?[0-9]+$/.test(text)) return exact(BigInt(text.replace(/^\+/, '')));
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** A key, as the text that kubectl makes of it: floats are written with 32 bits, in Go's way. */
export function keyOf(text: string): string | null {
  const value = resolvePlain(text);
  if (value === null) return null;
  const isFloat = typeof value === 'number' && integerOf(text.replaceAll('_', '')) === undefined;
  return isFloat ? floatKey(Math.fround(value)) : String(value);
}

/** Go's `FormatFloat(value, 'g', -1, 32)`, with YAML's names of what is no number. */
function floatKey(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf';
  for (let digits = 1; ; digits++) {
    const shortest = value.toExponential(digits - 1);
    if (Math.fround(Number(shortest)) !== value) continue;
    const [mantissa = '', power = ''] = shortest.split('e');
    if (Number(power) >= -4 && Number(power) < 6) return String(Number(shortest));
    return `${mantissa}e${power[0]}${power.slice(1).padStart(2, '0')}`;
  }
}

const prefix = 'tag:yaml.org,2002:';
const unwritable = 'is no number that JSON can hold; quote it';

function plainTag(name: string, accepts: (value: Plain) => boolean): ScalarTag {
  return {
    tag: prefix + name,
    resolve(text, onError) {
      const value = resolvePlain(text);
      if (!accepts(value)) onError(`"${text}" is no ${name}`);
      if (typeof value === 'number' && !Number.isFinite(value)) onError(`${text} ${unwritable}`);
      return value;
    },
  };
}

// The tag of what has none comes first. Its name cannot be written, so that an explicit one never finds it.
const scalars: readonly ScalarTag[] = [
  {
    tag: `${prefix}plain-key`,
    // The package knows tags that are tried for keys alone; its types do not.
    default: 'key',
    test: /^[-+.0-9~yYnNtTfFoO]|^$/,
    resolve(text, onError) {
      const key = keyOf(text);
      if (key === null) onError('a null is no key that JSON can hold');
      return key;
    },
  },
  {
    ...plainTag('plain', () => true),
    default: true,
    test: /^[-+.0-9~yYnNtTfFoO]|^$/,
  },
  plainTag('int', (value) => typeof value === 'number' || typeof value === 'bigint'),
  plainTag('float', (value) => typeof value === 'number' || typeof value === 'bigint'),
  plainTag('bool', (value) => typeof value === 'boolean'),
  plainTag('null', (value) => value === null),
  { tag: `${prefix}timestamp`, resolve: (text) => text },
  { tag: `${prefix}binary`, resolve: (text) => Buffer.from(text, 'base64').toString() },
];

const replaced = new Set(['int', 'float', 'bool', 'null', 'timestamp', 'binary'].map((name) => prefix + name));

function customTags(tags: Tags): Tags {
  return [...scalars, ...tags.filter((tag) => typeof tag === 'string' || !replaced.has(tag.tag))];
}

/** Parses all documents of a text. What is wrong stands in each document's errors. */
export function parseGoYaml(text: string, lineCounter: LineCounter): Document.Parsed[] {
  const parser = new Parser(lineCounter.addNewLine);
  (parser as unknown as { lexer: unknown }).lexer = goLexer();
  const composer = new Composer({ version: '1.1', lineCounter, customTags });
  return [...composer.compose(parser.parse(text))];
}
