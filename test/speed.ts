// Which test files are left out of the fast ones, by what they import.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What runs whole commands, engines, components, a browser, or kubectl, Go or maru to compare with. */
const NEEDS_TIME =
  /(?:e2e\/\w+|world|doubles\/apiserver|doubles\/dockerd|kubectl-judge)\.ts'|bin\/hoist|playwright-core|const (?:has(?:Kubectl|Go)|maru)\b/;

/** Tests of whole clusters. */
export function isWhole(file: string): boolean {
  return file.startsWith('test/e2e/');
}

/** @param root of the project; @param file relative to it */
export function isSlow(root: string, file: string): boolean {
  // The benches' own tests run whole benches.
  return isWhole(file) || file.startsWith('test/bench/') || NEEDS_TIME.test(readFileSync(join(root, file), 'utf8'));
}
