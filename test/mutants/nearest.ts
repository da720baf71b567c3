// Says which tests stand nearest to a file of the code: those are asked whether they notice a change of it.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isSlow } from '../speed.ts';

/** How many test files are asked about one change: fast ones, then slower ones. */
const ASKED = 5;
const ASKED_SLOW = 3;

export function filesBelow(root: string, folder: string): string[] {
  const paths = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => path.endsWith('.ts')).map((path) => `${folder}/${path}`);
}

/**
 * @param all whether all fast ones are asked
 * @returns the tests of a file, by its path from the root of the project
 */
export function nearestTests(root: string, all = false): (file: string) => string[] {
  const read = (file: string): string => readFileSync(join(root, file), 'utf8');
  const imports = new Map<string, readonly string[]>();
  const importsOf = (file: string): readonly string[] => {
    const known = imports.get(file);
    if (known !== undefined) return known;
    const found = Array.from(
      read(file).matchAll(/^(?:import|export)(?! type)[^;]*? from '(\.[^']+\.ts)'|import\('(\.[^']+\.ts)'\)/gm),
    );
    const paths = found.map(([, fixed, late]) => join(dirname(file), fixed ?? late ?? ''));
    imports.set(file, paths);
    return paths;
  };
  /** Imports on the shortest way from a test to each file that it reaches. */
  const distances = (test: string): Map<string, number> => {
    const found = new Map([[test, 0]]);
    for (const [file, steps] of found) {
      for (const next of importsOf(file)) if (!found.has(next) && !next.includes('/..')) found.set(next, steps + 1);
    }
    return found;
  };
  // Whole commands run as processes, which do not see the change.
  const tests = filesBelow(root, 'test').filter(
    (file) =>
      file.endsWith('.test.ts') && !/^test\/(house|e2e)\//.test(file) && !/bin\/hoist|e2e\/\w+\.ts'/.test(read(file)),
  );
  const slow = new Set(tests.filter((file) => isSlow(root, file)));
  const reached = new Map(tests.map((test) => [test, distances(test)]));

  // The mirrored test first, then those of the nearest room, then whatever imports it most directly.
  return (file) => {
    const mirror = file.replace(/^scripts\//, 'test/').replace(/\.ts$/, '.test.ts');
    const room = dirname(mirror);
    const rank = (test: string): number => {
      if (test === mirror) return -1;
      const files = reached.get(test);
      // One that reaches the whole program is about none of its files.
      return (files?.get(file) ?? Infinity) + (dirname(test) === room ? 0 : 2) + (files?.size ?? 0) / 50;
    };
    const ranked = tests
      .map((test) => ({ test, rank: rank(test) }))
      .filter((one) => one.rank < Infinity)
      .sort((a, b) => a.rank - b.rank)
      .map(({ test }) => test);
    const fast = ranked.filter((test) => !slow.has(test)).slice(0, all ? Infinity : ASKED);
    return [...fast, ...ranked.filter((test) => slow.has(test)).slice(0, ASKED_SLOW)];
  };
}
