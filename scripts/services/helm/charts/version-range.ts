// Ranges of chart versions, by the grammar and the rules of helm (Masterminds/semver, version 3).

import SemVer from 'semver/classes/semver.js';

const operators = '=||!=|>|<|>=|=>|<=|=<|~|~>|\\^';
const part = '(?:0|[1-9][0-9]*|[xX*])';
const version = `v?${part}(?:\\.${part})?(?:\\.${part})?(?:-[0-9A-Za-z.-]+)?(?:\\+[0-9A-Za-z.-]+)?`;
const one = new RegExp(`(${operators})\\s*(${version})`, 'y');
const hyphen = new RegExp(`(${version})\\s+-\\s+(${version})`, 'g');

interface Constraint {
  operator: string;
  of: SemVer;
  /** Which parts are left open, by a wildcard or because they are missing. */
  anyMajor: boolean;
  anyMinor: boolean;
  anyPatch: boolean;
}

/** Whether a version lies in the range. */
export type Range = (version: SemVer) => boolean;

/** As helm reads the version of a chart: `1.2` and `v1.2.3` are versions too; undefined for what is none. */
export function readVersion(text: string): SemVer | undefined {
  const found = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/.exec(text.trim());
  if (!found) return undefined;
  const [, major = '0', minor = '0', patch = '0', preview = '', build = ''] = found;
  try {
    return new SemVer(`${Number(major)}.${Number(minor)}.${Number(patch)}${preview}${build}`);
  } catch {
    return undefined;
  }
}

/** Undefined for what is no range. */
export function readRange(text: string): Range | undefined {
  const either = text.replaceAll(hyphen, '>= $1, <= $2').split('||').map(allOf);
  if (either.some((all) => all === undefined)) return undefined;
  return (given) =>
    either.some((all = []) => {
      // A preview is meant only where one of the constraints names one itself.
      if (given.prerelease.length > 0 && all.every(({ of }) => of.prerelease.length === 0)) return false;
      return all.every((constraint) => meets(given, constraint));
    });
}

/** Adjacent constraints, separated by commas or spaces. */
function allOf(text: string): Constraint[] | undefined {
  const all: Constraint[] = [];
  const rest = text.trim() || '*';
  for (let at = 0; at < rest.length;) {
    one.lastIndex = at;
    const found = one.exec(rest);
    if (!found) return undefined;
    const [whole, operator = '', wanted = ''] = found;
    all.push(constraintOf(operator, wanted));
    at += whole.length;
    const gap = /^(?:\s*,\s*|\s+|$)/.exec(rest.slice(at));
    if (!gap) return undefined;
    at += gap[0].length;
  }
  return all;
}

function constraintOf(operator: string, wanted: string): Constraint {
  const [, major, minor, patch, preview = ''] =
    /^v?([\dxX*]+)(?:\.([\dxX*]+))?(?:\.([\dxX*]+))?(-[^+]*)?/.exec(wanted) ?? [];
  const open = (text: string | undefined): boolean => text === undefined || /[xX*]/.test(text);
  const anyMajor = open(major);
  const anyMinor = anyMajor || open(minor);
  const anyPatch = anyMinor || open(patch);
  const numbers = [anyMajor ? '0' : major, anyMinor ? '0' : minor, anyPatch ? '0' : patch].join('.');
  return { operator, of: new SemVer(`${numbers}${preview}`), anyMajor, anyMinor, anyPatch };
}

function meets(given: SemVer, constraint: Constraint): boolean {
  const { operator, of, anyMajor, anyMinor, anyPatch } = constraint;
  const order = given.compare(of);
  switch (operator) {
    case '':
    case '=':
      return anyPatch ? sameMinor(given, constraint) : order === 0;
    case '!=':
      return differs(given, constraint);
    case '>':
      if (!anyPatch || given.major !== of.major) return order > 0;
      return !anyMinor && given.minor > of.minor;
    case '<':
      return order < 0;
    case '>=':
    case '=>':
      return order >= 0;
    case '<=':
    case '=<':
      if (!anyPatch) return order <= 0;
      return given.major < of.major || (given.major === of.major && (anyMinor || given.minor <= of.minor));
    case '^':
      return order >= 0 && (anyMajor || sameLeft(given, constraint));
    default:
      return sameMinor(given, constraint);
  }
}

function differs(given: SemVer, { of, anyMajor, anyMinor, anyPatch }: Constraint): boolean {
  if (!anyPatch) return given.compare(of) !== 0;
  if (anyMajor) return false;
  if (given.major !== of.major) return true;
  return !anyMinor && (given.minor !== of.minor || given.comparePre(of) !== 0);
}

/** `~1.2.3`: from there on, within 1.2; what is left open is not compared. */
function sameMinor(given: SemVer, { operator, of, anyMajor, anyMinor, anyPatch }: Constraint): boolean {
  // `~0.0.0` stands for all there is.
  if (anyMajor || (!anyPatch && of.major + of.minor + of.patch === 0 && operator.startsWith('~'))) return true;
  return given.compare(of) >= 0 && given.major === of.major && (anyMinor || given.minor === of.minor);
}

/** `^1.2.3`: the leftmost part that is not zero stays. */
function sameLeft(given: SemVer, { of, anyMinor, anyPatch }: Constraint): boolean {
  if (given.major !== of.major) return false;
  if (of.major > 0 || anyMinor) return true;
  if (given.minor !== of.minor) return false;
  return of.minor > 0 || anyPatch || given.patch === of.patch;
}
