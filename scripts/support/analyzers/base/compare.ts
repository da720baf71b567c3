// Comparisons of `when`: operators, Kubernetes quantities, Go's durations.

import { BadCheck } from './check.ts';

export type Operator = '=' | '!=' | '<' | '>' | '<=' | '>=';

const SPELLINGS: Readonly<Record<string, Operator>> = {
  '=': '=',
  '==': '=',
  '===': '=',
  '!=': '!=',
  '!==': '!=',
  '<>': '!=',
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
};

export function operator(text: string): Operator {
  const found = Object.hasOwn(SPELLINGS, text) ? SPELLINGS[text] : undefined;
  if (!found) throw new BadCheck(`"${text}" is no operator: = != < > <= >= are`);
  return found;
}

/** @param order negative, 0 or positive as the actual value is smaller than, equal to or greater than the wanted one */
export function holds(sign: Operator, order: number): boolean {
  switch (sign) {
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '>':
      return order > 0;
    case '<=':
      return order <= 0;
    case '>=':
      return order >= 0;
  }
}

/** The words of a `when`, of which there must be as many as given. */
export function words(when: string, ...counts: number[]): string[] {
  const parts = when.split(/\s+/).filter((part) => part !== '');
  if (!counts.includes(parts.length)) {
    throw new BadCheck(`"${when}" has ${parts.length} words, not ${counts.join(' or ')}`);
  }
  return parts;
}

function integer(text: string): number {
  if (!/^[-+]?\d+$/.test(text)) throw new BadCheck(`"${text}" is no whole number`);
  return Number(text);
}

/** `op N` of a count. */
export function compareCount(actual: number, sign: string, wanted: string): boolean {
  return holds(operator(sign), actual - integer(wanted));
}

const SUFFIXES: Readonly<Record<string, bigint>> = {
  n: 1n,
  u: 1_000n,
  m: 1_000_000n,
  '': 10n ** 9n,
  k: 10n ** 12n,
  M: 10n ** 15n,
  G: 10n ** 18n,
  T: 10n ** 21n,
  P: 10n ** 24n,
  E: 10n ** 27n,
  Ki: (1n << 10n) * 10n ** 9n,
  Mi: (1n << 20n) * 10n ** 9n,
  Gi: (1n << 30n) * 10n ** 9n,
  Ti: (1n << 40n) * 10n ** 9n,
  Pi: (1n << 50n) * 10n ** 9n,
  Ei: (1n << 60n) * 10n ** 9n,
};

/** A Kubernetes quantity in billionths, exact as the API server has it; undefined where it is none. */
export function quantity(text: string): bigint | undefined {
  const match = /^([-+]?)(\d*)(?:\.(\d*))?(?:[eE]([-+]?\d{1,3})|(n|u|m|k|M|G|T|P|E|[KMGTPE]i)?)$/.exec(text.trim());
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponent, suffix = ''] = match;
  if (whole === '' && fraction === '') return undefined;
  let value = BigInt(whole + fraction) * (SUFFIXES[suffix] ?? 1n);
  const shift = Number(exponent ?? 0) - fraction.length;
  // Less than a billionth is rounded up, away from zero.
  if (shift >= 0) value *= 10n ** BigInt(shift);
  else {
    const by = 10n ** BigInt(-shift);
    value = (value + by - 1n) / by;
  }
  return sign === '-' ? -value : value;
}

export function wantedQuantity(text: string): bigint {
  const value = quantity(text);
  if (value === undefined) throw new BadCheck(`"${text}" is no quantity`);
  return value;
}

export const order = (actual: bigint, wanted: bigint): number => (actual < wanted ? -1 : actual > wanted ? 1 : 0);

/** Whole units in billionths. */
export const units = (value: number): bigint => BigInt(Math.round(value)) * 10n ** 9n;

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** A duration of Go in ns. */
export function goDuration(text: string): number {
  const whole = /^[-+]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(text);
  if (!whole) throw new BadCheck(`"${text}" is no duration`);
  let sum = 0;
  for (const [, amount, unit = ''] of text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    sum += Number(amount) * (DURATION_UNITS[unit] ?? 0);
  }
  return text.startsWith('-') ? -sum : sum;
}
