// Which test files need the binaries of a cluster or helm: known from what they import, so that all others can run first.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What starts real binaries; all of test/e2e/ does. */
const USERS = ['test/services/helm/workshop.ts', 'test/doubles/apiserver.ts', 'test/e2e/hoist.ts'];

/** @param root of the project; @param file relative to it */
export function needsTools(root: string, file: string, seen = new Set<string>()): boolean {
  if (file.startsWith('test/e2e/') || USERS.includes(file)) return true;
  if (seen.has(file)) return false;
  seen.add(file);
  return importsOf(root, file).some((imported) => needsTools(root, imported, seen));
}

/** The files of test/ that a file imports. */
function importsOf(root: string, file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const relative = Array.from(text.matchAll(/(?:from|import\()\s*'(\.[^']+\.ts)'/g), ([, path = '']) => path);
  return relative
    .map((path) => join(dirname(file), path))
    .filter((path) => path.startsWith('test/') && existsSync(join(root, path)));
}
