// The rest of sprig and Helm: what charts' helpers call beside specs, and what is only refused where it is called.

import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { CallError } from '../../base/go-template/template-errors.ts';
import type { TemplateFunction as Func } from '../../base/go-template/functions.ts';
import { truth } from '../../base/go-template/values.ts';
import { int, items, map, number, printed, regexp } from './coerce.ts';

/** Most items of a list that a template asks for. */
const ITEMS_MAX = 10_000;

const quoted = (text: unknown): string => printed(text).replace(/[\\.+*?()|[\]{}^$]/g, String.raw`\$&`);

const parts = (texts: readonly string[]): Record<string, string> =>
  Object.fromEntries(texts.map((part, at) => [`_${at}`, part]));

/** As Go's SplitN: the last part is the rest; a negative count is no limit. */
const splitN = (separator: string, count: number, text: string): string[] => {
  if (count === 0) return [];
  const all = text.split(separator);
  return count < 0 || all.length <= count ? all : [...all.slice(0, count - 1), all.slice(count - 1).join(separator)];
};

const steps = (from: number, to: number, by: number): number[] => {
  const count = by === 0 ? 0 : Math.ceil((to - from) / by);
  return Array.from({ length: Math.min(ITEMS_MAX, Math.max(0, count)) }, (_, at) => from + at * by);
};

const chunks = (size: number, list: readonly unknown[]): unknown[][] =>
  steps(0, list.length, Math.max(1, size)).map((at) => list.slice(at, at + Math.max(1, size)));

/** As Go's path.Clean: without a slash at the end, and "." for nothing. */
const clean = (path: unknown): string => posix.normalize(printed(path)).replace(/(?<=.)\/$/, '');

const paths: Record<string, Func> = {
  base: (path) => (printed(path) === '' ? '.' : posix.basename(printed(path)) || '/'),
  dir: (path) => clean(posix.dirname(printed(path).endsWith('/') ? `${printed(path)}x` : printed(path))),
  ext: (path) => /\.[^./]*$/.exec(printed(path))?.[0] ?? '',
  clean,
  isAbs: (path) => printed(path).startsWith('/'),
};

/** Sprig's under other names, and what needs nothing but its arguments. */
export const more: Readonly<Record<string, Func>> = {
  ...paths,
  ...Object.fromEntries(
    Object.entries(paths).map(([name, one]) => [`os${name.slice(0, 1).toUpperCase()}${name.slice(1)}`, one]),
  ),
  all: (...values) => values.every(truth),
  any: (...values) => values.some(truth),
  tuple: (...values) => values,
  toStrings: (list) => items(list).map(printed),
  pluck: (key, ...maps) =>
    maps.filter((one) => Object.hasOwn(map(one), printed(key))).map((one) => map(one)[printed(key)]),
  chunk: (size, list) => chunks(int(size), items(list)),
  untilStep: (from, to, by) => steps(int(from), int(to), int(by)),
  splitn: (separator, count, text) => parts(splitN(printed(separator), int(count), printed(text))),
  plural: (one, many, count) => (int(count) === 1 ? one : many),
  untitle: (text) => printed(text).replace(/(?<=^|\s)\S/g, (letter) => letter.toLowerCase()),
  sha512sum: (text) => createHash('sha512').update(printed(text)).digest('hex'),
  regexFindAll: (pattern, text, count) =>
    regexp(pattern)
      .findAll(printed(text), int(count))
      .map(({ groups }) => groups[0]),
  regexSplit: (pattern, text, count) => regexp(pattern).split(printed(text), int(count)),
  regexReplaceAllLiteral: (pattern, text, to) => regexp(pattern).replaceAllFunc(printed(text), () => printed(to)),
  regexQuoteMeta: quoted,
  add1f: (value) => number(value) + 1,
  addf: (...values) => values.map(number).reduce((a, b) => a + b, 0),
  subf: (first, ...others) => others.map(number).reduce((a, b) => a - b, number(first)),
  mulf: (...values) => values.map(number).reduce((a, b) => a * b, 1),
  divf: (first, ...others) => others.map(number).reduce((a, b) => a / b, number(first)),
  maxf: (...values) => Math.max(...values.map(number)),
  minf: (...values) => Math.min(...values.map(number)),
  biggest: (...values) => Math.max(...values.map(int)),
};

/** Other names of functions that exist. `must…` returns an error in Go where the other panics: here both fail. */
export const aliases: Readonly<Record<string, string>> = {
  push: 'append',
  trimall: 'trimAll',
  toRawJson: 'toJson',
  toYamlPretty: 'toYaml',
  fromYamlArray: 'fromYaml',
  fromJsonArray: 'fromJson',
  typeIsLike: 'typeIs',
  ...Object.fromEntries(
    (
      'append prepend first rest last initial reverse uniq without has compact deepCopy merge mergeOverwrite toYaml ' +
      'toJson toPrettyJson fromJson regexMatch regexFind regexReplaceAll chunk regexFindAll ' +
      'regexReplaceAllLiteral regexSplit'
    )
      .split(' ')
      .map((name) => [`must${name.slice(0, 1).toUpperCase()}${name.slice(1)}`, name]),
  ),
  mustPush: 'append',
  mustToRawJson: 'toJson',
};

/** Random, of the clock, of the network, cryptographic, or hardly ever used: only calling one is an error. */
const REFUSED =
  'abbrev abbrevboth adler32sum ago b32dec b32enc bcrypt buildCustomCert camelcase date dateInZone dateModify ' +
  'date_in_zone date_modify decryptAES deepEqual derivePassword duration durationRound encryptAES fromToml genCA ' +
  'genCAWithKey genPrivateKey genSelfSignedCert genSelfSignedCertWithKey genSignedCert genSignedCertWithKey ' +
  'getHostByName htmlDate htmlDateInZone htpasswd initials kebabcase mustDateModify mustSlice mustToDate ' +
  'must_date_modify randAlpha randAlphaNum randAscii randBytes randInt randNumeric semver seq shuffle snakecase ' +
  'swapcase toDate toDecimal toToml unixEpoch urlJoin urlParse uuidv4 wrap wrapWith';

export const refused: Readonly<Record<string, Func>> = Object.fromEntries(
  REFUSED.split(' ').map((name): [string, Func] => [
    name,
    () => {
      throw new CallError(`the function "${name}" is not supported in specs`);
    },
  ]),
);
