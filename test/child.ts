// Processes of Node that tests start on modules of the project: in a run of many files these are bundled already, else tsx loads
// them, which costs more than most of such processes do.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The folder of the bundled files, set by the runner of the tests. */
export const BUNDLED = 'HOIST_TEST_BUNDLED';

const root = fileURLToPath(new URL('..', import.meta.url));

function bundled(path: string): string | undefined {
  const folder = process.env[BUNDLED];
  const file = folder === undefined ? '' : join(folder, path.replace(/\.ts$/, '.mjs'));
  return existsSync(file) ? file : undefined;
}

/** @returns arguments of Node that run a file, named from the root of the project */
export function programAt(path: string): string[] {
  const file = bundled(path);
  return file === undefined ? ['--import', 'tsx', join(root, path)] : [file];
}

/** @returns what a script imports a module by, in quotation marks; named from the root of the project */
export function moduleAt(path: string): string {
  return JSON.stringify(pathToFileURL(bundled(path) ?? join(root, path)).href);
}

/** @returns arguments of Node that run a script whose modules come from `moduleAt`, before its own ones */
export function scriptOf(code: string): string[] {
  const loader = /^\s*import .*\.ts"/m.test(code) ? ['--import', 'tsx'] : [];
  return [...loader, '--input-type=module', '-e', code];
}

/** @returns the files that the text of a test starts like this, named from the root of the project */
export function childrenOf(text: string): string[] {
  return [...text.matchAll(/\b(?:programAt|moduleAt)\('([\w./-]+\.ts)'\)/g)].map(([, path = '']) => path);
}
