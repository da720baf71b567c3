// Bundles the test files of a run once: loading a hundred TypeScript modules again for each file cost more than most tests.

import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { engines: { node: string } };

// In two parts: this file is bundled for its own test.
const META = ['import', 'meta'].join('.');

/** Modules find files of the project relative to themselves: they still think that they are where they were written. */
const ownPlaces = (changed: ReadonlyMap<string, string>): Plugin => ({
  name: 'own-places',
  setup(bundler) {
    bundler.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = changed.get(path) ?? (await readFile(path, 'utf8'));
      const contents = text
        .replaceAll(`${META}.url`, JSON.stringify(pathToFileURL(path).href))
        .replaceAll(`${META}.dirname`, JSON.stringify(dirname(path)));
      return { contents, loader: 'ts' };
    });
  },
});

export interface TestBundle {
  folder: string;
  /** Path of the JavaScript that is a test file, named from the root of the project. */
  fileOf(test: string): string;
  remove(): Promise<void>;
}

/**
 * @param tests paths from the root of the project
 * @param changed text to use instead of what a file has, by absolute path
 * @throws what esbuild says of code that is not valid
 */
export async function bundleTests(
  tests: readonly string[],
  changed: ReadonlyMap<string, string> = new Map(),
): Promise<TestBundle> {
  // Below the project's packages, so that these are found; a folder for each run, since two may run at the same time.
  const cache = join(root, 'node_modules', '.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'tests-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await build({
      absWorkingDir: root,
      entryPoints: [...tests],
      outdir: folder,
      outbase: '.',
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: `node${engines.node.replace('>=', '')}`,
      packages: 'external',
      sourcemap: 'linked',
      plugins: [ownPlaces(changed)],
      logLevel: 'silent',
    });
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder, fileOf: (test) => join(folder, test.replace(/\.ts$/, '.mjs')), remove };
}
