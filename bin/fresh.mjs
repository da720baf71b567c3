// Whether the bundle in dist/ is newer than every source, so that it can run in their place.

import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The address of the bundle; undefined where there is none, or it is older than a source. */
export function freshBundle() {
  const built = statSync(`${root}dist/cli/hoist.js`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built === 0) return undefined;
  const entries = readdirSync(`${root}scripts`, { recursive: true, withFileTypes: true });
  const isOlder = (e) => !e.name.endsWith('.ts') || statSync(`${e.parentPath}/${e.name}`).mtimeMs <= built;
  return entries.every(isOlder) ? new URL('../dist/cli/hoist.js', import.meta.url).href : undefined;
}
