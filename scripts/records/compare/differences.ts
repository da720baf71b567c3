// In what the runs of a comparison differ besides their times: machine, versions, plan.

import { isDeepStrictEqual } from 'node:util';
import { bytesText } from '../../base/units.ts';
import type { BenchmarkRecord } from '../record.ts';

/** One sentence for each respect in which the two sides, or the runs of one side, differ. */
export function differencesOf(a: readonly BenchmarkRecord[], b: readonly BenchmarkRecord[]): string[] {
  return [
    sentence('machines', a, b, machineOf),
    sentence('versions', a, b, ({ versions }) => versions),
    ...planSentence(a, b),
    sentence('situations', a, b, ({ found = 'unknown' }) => ({ found })),
  ].filter((text) => text !== undefined);
}

/** At most so many fields are named in one sentence. */
const NAMED = 6;

function sentence(
  what: string,
  a: readonly BenchmarkRecord[],
  b: readonly BenchmarkRecord[],
  factsOf: (record: BenchmarkRecord) => Readonly<Record<string, string>>,
): string | undefined {
  const [one, other] = [valuesOf(a.map(factsOf)), valuesOf(b.map(factsOf))];
  const differing = [...new Set([...one.keys(), ...other.keys()])].flatMap((field) => {
    const [left, right] = [one.get(field) ?? ['none'], other.get(field) ?? ['none']];
    if (!isDeepStrictEqual(left, right)) return [`${field} ${left.join(' or ')} against ${right.join(' or ')}`];
    return left.length > 1 ? [`${field} ${left.join(' or ')}`] : [];
  });
  return differing.length === 0 ? undefined : `the ${what} differ: ${listed(differing)}`;
}

function planSentence(a: readonly BenchmarkRecord[], b: readonly BenchmarkRecord[]): string[] {
  const one = a[0];
  const other = [...b, ...a].find((record) => record.planHash !== one?.planHash);
  if (one === undefined || other === undefined) return [];
  const differing = planFields(one, other);
  return [`the plans differ${differing.length === 0 ? '' : `: ${listed(differing)}`}`];
}

/** Fields of a plan that say why something is so; they differ whenever it does. */
const EXPLAINS = /\.(reason|source)$/;

function planFields(a: BenchmarkRecord, b: BenchmarkRecord): string[] {
  const [one, other] = [leaves(a.plan), leaves(b.plan)];
  return [...new Set([...one.keys(), ...other.keys()])].flatMap((path) => {
    const [left, right] = [one.get(path), other.get(path)];
    return isDeepStrictEqual(left, right) || EXPLAINS.test(path)
      ? []
      : [`${path} ${shown(left)} against ${shown(right)}`];
  });
}

function machineOf({ system }: BenchmarkRecord): Record<string, string> {
  return {
    host: system.host,
    'CPU model': system.cpuModel,
    'CPU cores': String(system.cores),
    'CPU limit': system.cpuLimit === undefined ? 'none' : String(system.cpuLimit),
    memory: bytesText(system.memoryBytes),
    'memory limit': system.memoryLimitBytes === undefined ? 'none' : bytesText(system.memoryLimitBytes),
    architecture: system.arch,
    OS: system.os,
    kernel: system.kernel,
    'Node.js': system.node,
    container: system.container ? 'yes' : 'no',
  };
}

/** Field → the values that the records have, sorted. */
function valuesOf(facts: readonly Readonly<Record<string, string>>[]): Map<string, string[]> {
  const fields = new Set(facts.flatMap((record) => Object.keys(record)));
  const values = (field: string): string[] => [...new Set(facts.map((record) => record[field] ?? 'none'))].sort();
  return new Map([...fields].map((field) => [field, values(field)]));
}

/** Path → value of each leaf of a JSON value: `nodes[0].cpu`. */
function leaves(value: unknown, path = '', into = new Map<string, unknown>()): Map<string, unknown> {
  if (typeof value !== 'object' || value === null) into.set(path === '' ? 'plan' : path, value);
  else if (Array.isArray(value)) value.forEach((item, index) => leaves(item, `${path}[${index}]`, into));
  else for (const [key, below] of Object.entries(value)) leaves(below, path === '' ? key : `${path}.${key}`, into);
  return into;
}

function shown(value: unknown): string {
  if (value === undefined) return 'none';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

function listed(items: readonly string[]): string {
  const more = items.length - NAMED;
  return [...items.slice(0, NAMED), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}
