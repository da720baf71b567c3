// The bundle in dist/: whether it can run in place of the sources, and how it is loaded.
// It is one file that V8 runs as a script: no loader's hooks look at it (tsx's cost 0.3 s), and what the build kept of V8's
// work on it is not done again (0.1 s).

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';

const project = fileURLToPath(new URL('..', import.meta.url));

/**
 * The path of the bundle; undefined where there is none, or where a checkout has a source that is newer. The sources of an
 * installed package have the time of their installation, which says nothing: without a tsconfig.json it is no checkout.
 */
export function freshBundle(root = project) {
  const path = `${root}dist/hoist.cjs`;
  const built = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built === 0) return undefined;
  if (!existsSync(`${root}tsconfig.json`)) return path;
  return isOlder(`${root}scripts`, built) ? path : undefined;
}

/** Whether all sources of a folder are. What has no dot in its name is a folder: to ask the disk costs 4 ms of each start. */
function isOlder(folder, built) {
  return readdirSync(folder).every((name) => {
    if (name.endsWith('.ts')) return statSync(`${folder}/${name}`).mtimeMs <= built;
    return name.includes('.') || isOlder(`${folder}/${name}`, built);
  });
}

/** Where the build puts what V8 has compiled of a bundle; another release of Node takes no notice of it. */
export const compiledOf = (path) => `${path}.compiled`;

/** What the bundle exports, and the script, whose compiled functions can be kept. */
export function loadBundle(path) {
  const code = `(function (exports, require, module, __filename, import$) {${readFileSync(path, 'utf8')}\n})`;
  const script = new vm.Script(code, { filename: path, cachedData: readIfThere(compiledOf(path)) });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(path), module, path, (url) => import(url));
  return { exports: module.exports, script };
}

function readIfThere(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
