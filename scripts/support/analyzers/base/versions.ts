// Ranges of versions in the grammar of Go's blang/semver, which specs are written in.

import semver from 'semver';
import { BadCheck } from './check.ts';
import { holds, operator, type Operator } from './compare.ts';

/**
 * Whether a version is in a range: `<1.2.3`, `>=1.2.0 <2.0.0` (both), `||`, `!1.2.3`, `1.2.x`.
 * A missing minor or patch counts as 0. @throws BadCheck where the range is none
 */
export function inRange(version: string, range: string): boolean {
  const actual = versionOf(version);
  if (!actual) throw new BadCheck(`"${version}" is no version`);
  // All are looked at: a range that is half a one is none, whichever version it is asked about.
  const alternatives = range.split('||').map((all) => {
    const parts = [...all.matchAll(/\s*([!<>=]*)\s*([^\s!<>=]+)/g)];
    if (
      parts.length === 0 ||
      parts
        .map(([whole]) => whole)
        .join('')
        .trim() !== all.trim()
    ) {
      throw new BadCheck(`"${range}" is no range of versions`);
    }
    return !parts.map(([, sign = '', wanted = '']) => matches(actual, sign, wanted, range)).includes(false);
  });
  return alternatives.includes(true);
}

function matches(actual: semver.SemVer, sign: string, wanted: string, range: string): boolean {
  const op: Operator = sign === '' ? '=' : sign === '!' ? '!=' : operator(sign);
  const wild = /^v?(\d+)(?:\.(\d+))?\.[xX*](?:\.[xX*])?$/.exec(wanted);
  if (!wild) {
    const version = versionOf(wanted);
    if (!version) throw new BadCheck(`"${wanted}" in "${range}" is no version`);
    return holds(op, semver.compare(actual, version));
  }
  const major = Number(wild[1]);
  const minor = wild[2] === undefined ? undefined : Number(wild[2]);
  const low = semver.compare(actual, `${major}.${minor ?? 0}.0`);
  const high = semver.compare(actual, minor === undefined ? `${major + 1}.0.0` : `${major}.${minor + 1}.0`);
  const order = low < 0 ? -1 : high < 0 ? 0 : 1;
  return holds(op, order);
}

/** A version as tolerantly read as people write them: `v1.2`, `8`, `1.2.3+x`. */
export function versionOf(text: string): semver.SemVer | undefined {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:\.\d+)*([-+].*)?$/.exec(text.trim());
  if (!match) return undefined;
  const [, major = '0', minor = '0', patch = '0', rest = ''] = match;
  return semver.parse(`${Number(major)}.${Number(minor)}.${Number(patch)}${rest}`) ?? undefined;
}

/**
 * The version of a cluster. What distributions add (`-gke.100`, `-eks-abc`) is no prerelease: v1.29.0-gke.100 is 1.29.0
 * and not before it.
 */
export function kubernetesVersion(text: string): string {
  const match = /^(v?\d+\.\d+\.\d+)-(.*)$/.exec(text);
  return match?.[1] !== undefined && !/^(?:alpha|beta|rc|dev|pre|0\b)/.test(match[2] ?? '') ? match[1] : text;
}
