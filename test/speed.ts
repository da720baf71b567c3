// Which test files are left out of the fast ones, by what they import.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What runs whole commands, engines or components. */
const NEEDS_TIME = /(?:e2e\/\w+|world|doubles\/apiserver|doubles\/dockerd)\.ts'|bin\/hoist/;

/** Tests of whole clusters. */
export function isWhole(file: string): boolean {
  return file.startsWith('test/e2e/');
}

/** @param root of the project; @param file relative to it */
export function isSlow(root: string, file: string): boolean {
  return isWhole(file) || NEEDS_TIME.test(readFileSync(join(root, file), 'utf8'));
}
