// Where two trees differ, leaf by leaf, with the path of each: lists of named things are compared by name.

import { isTree, type Tree } from './tree.ts';

export interface TreeDifference {
  /** Like `spec.template.spec.containers[name=web].image`. */
  path: string;
  /** undefined where it is not there. */
  have: unknown;
  want: unknown;
}

/** In the order of the paths' first appearance; `have` first. */
export function treeDifferences(have: unknown, want: unknown, path = ''): TreeDifference[] {
  if (isTree(have) && isTree(want)) {
    const keys = [...new Set([...Object.keys(have), ...Object.keys(want)])];
    return keys.flatMap((key) => treeDifferences(have[key], want[key], `${path}${segment(key, path === '')}`));
  }
  if (Array.isArray(have) && Array.isArray(want)) return listDifferences(have, want, path);
  return have === want ? [] : [{ path, have, want }];
}

function listDifferences(have: readonly unknown[], want: readonly unknown[], path: string): TreeDifference[] {
  const [named, wanted] = [byName(have), byName(want)];
  if (named && wanted) {
    const names = [...new Set([...named.keys(), ...wanted.keys()])];
    return names.flatMap((name) => treeDifferences(named.get(name), wanted.get(name), `${path}[name=${name}]`));
  }
  const length = Math.max(have.length, want.length);
  return Array.from({ length }, (_, at) => treeDifferences(have[at], want[at], `${path}[${at}]`)).flat();
}

/** undefined where the items have no names, or not each its own. */
function byName(items: readonly unknown[]): Map<string, Tree> | undefined {
  const named = new Map<string, Tree>();
  for (const item of items) {
    const name = isTree(item) ? item['name'] : undefined;
    if (!isTree(item) || typeof name !== 'string' || named.has(name)) return undefined;
    named.set(name, item);
  }
  return named.size > 0 ? named : undefined;
}

/** Dots in a key would look like a path. */
function segment(key: string, first: boolean): string {
  if (/^[\w-]+$/.test(key)) return first ? key : `.${key}`;
  return `[${JSON.stringify(key)}]`;
}
