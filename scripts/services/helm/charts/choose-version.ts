// Pure: which version of a chart is meant, and what to say where there is none.

import { nearest } from '../../../base/suggest.ts';
// One by one: all of semver costs 15 ms.
import rcompare from 'semver/functions/rcompare.js';
import valid from 'semver/functions/valid.js';
import maxSatisfying from 'semver/ranges/max-satisfying.js';
import validRange from 'semver/ranges/valid.js';

const SHOWN = 5;

/** Whether the text names one version; a leading v makes no difference. */
export function isExact(version: string): boolean {
  return valid(version) !== null;
}

/** Whether the text names versions at all. */
export function isVersion(version: string): boolean {
  return validRange(version) !== null;
}

/** The newest of the versions that is meant; without a wish the newest that is no preview. */
export function chooseVersion(versions: readonly string[], wanted: string | undefined): string | undefined {
  return maxSatisfying([...versions], wanted ?? '*') ?? undefined;
}

/** Half a sentence about a chart that a repository does not have. */
export function unknownChart(name: string, names: readonly string[]): string {
  const guess = nearest(name, names);
  const alike = names.filter((other) => other.includes(name) || name.includes(other));
  const near = [...new Set([...(guess === undefined ? [] : [guess]), ...alike])].slice(0, SHOWN);
  if (near.length > 0) return `has no chart "${name}"; it has ${near.map((other) => `"${other}"`).join(', ')}`;
  return `has no chart "${name}", nor one of its ${names.length} charts that is called alike`;
}

/** Half a sentence about a version that a chart does not have. */
export function unknownVersion(name: string, wanted: string | undefined, versions: readonly string[]): string {
  const newest = versions.filter(isExact).sort(rcompare).slice(0, SHOWN);
  const what = wanted === undefined ? 'only previews' : `no version ${wanted}`;
  return `has ${what} of "${name}"; the newest are ${newest.join(', ')}`;
}
