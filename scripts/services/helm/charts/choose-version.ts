// Pure: which version of a chart is meant, and what to say where there is none.

import { nearest } from '../../../base/suggest.ts';
import { type Range, readRange, readVersion } from './version-range.ts';

const SHOWN = 5;

/** Whether the text names one version; a leading v makes no difference. */
export function isExact(version: string): boolean {
  return /^v?\d+\.\d+\.\d+/.test(version) && readVersion(version) !== undefined;
}

/** Whether the text names versions at all. */
export function isVersion(version: string): boolean {
  return readRange(version) !== undefined;
}

/** The newest of the versions that is meant; without a requested version the newest that is no preview. */
export function chooseVersion(versions: readonly string[], wanted: string | undefined): string | undefined {
  const range = readRange(wanted ?? '*');
  // One that is written out is meant as it is, whatever is a preview.
  if (wanted !== undefined && isExact(wanted)) {
    const exact = readVersion(wanted);
    return versions.find((one) => exact && readVersion(one)?.compare(exact) === 0);
  }
  return newestFirst(versions.filter((one) => isIn(one, range)))[0];
}

/** Whether a version of a lock file is one that the chart asks for. */
export function fits(version: string, wanted: string | undefined): boolean {
  return isIn(version, readRange(wanted ?? '*')) || isIn(version.replace(/-.*/, ''), readRange(wanted ?? '*'));
}

function isIn(version: string, range: Range | undefined): boolean {
  const read = readVersion(version);
  return read !== undefined && range?.(read) === true;
}

function newestFirst(versions: readonly string[]): string[] {
  const read = versions.flatMap((text) => {
    const version = readVersion(text);
    return version ? [{ text, version }] : [];
  });
  return read.sort((a, b) => b.version.compare(a.version)).map(({ text }) => text);
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
  const newest = newestFirst(versions).slice(0, SHOWN);
  const what = wanted === undefined ? 'only previews' : `no version ${wanted}`;
  return `has ${what} of "${name}"; the newest are ${newest.join(', ')}`;
}
