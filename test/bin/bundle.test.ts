// How the bundle is loaded: with what was kept of V8's work, and as well without it. Each load is in a process of its own,
// since V8 remembers in memory what it has compiled.

import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compiledOf } from '../../bin/bundle.mjs';

const test = suite('bin/bundle');
const bin = fileURLToPath(new URL('../../bin', import.meta.url));

let folder = '';
let path = '';
test.before.each(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hoist-bundle-'));
  path = join(folder, 'hoist.cjs');
  await writeFile(join(folder, 'later.mjs'), 'export const text = "später";');
  await writeFile(
    path,
    `const { basename, dirname } = require('node:path');
const { pathToFileURL } = require('node:url');
exports.main = async () => {
  const { text } = await import$(pathToFileURL(dirname(__filename) + '/later.mjs').href);
  process.stdout.write(basename(__filename) + ' ' + text);
};`,
  );
});
test.after.each(() => rm(folder, { recursive: true, force: true }));

const warm = (): string => execFileSync(process.execPath, [join(bin, 'warm.mjs'), path], { encoding: 'utf8' });

/** What the bundle writes, then whether V8 refused what had been kept; `undefined` where nothing had. */
function load(): string {
  const code = `import { loadBundle } from ${JSON.stringify(join(bin, 'bundle.mjs'))};
    const { exports, script } = loadBundle(${JSON.stringify(path)});
    await exports.main();
    process.stdout.write(' ' + script.cachedDataRejected);`;
  const run = ['--input-type=module', '-e', code];
  return execFileSync(process.execPath, run, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

test('a bundle runs as a script that can import files', () => {
  assert.is(load(), 'hoist.cjs später undefined');
});

test('what was compiled before is taken', () => {
  assert.is(warm(), 'hoist.cjs später');
  assert.is(load(), 'hoist.cjs später false');
});

test('what is damaged, or of another release of Node, is not', async () => {
  warm();
  const compiled = await readFile(compiledOf(path));
  const other = Buffer.from(compiled);
  // The hash of V8's release.
  other.writeUInt32LE((other.readUInt32LE(4) ^ 1) >>> 0, 4);
  for (const bad of [other, compiled.subarray(0, 100), Buffer.from('something else')]) {
    await writeFile(compiledOf(path), bad);
    assert.is(load(), 'hoist.cjs später true');
  }
});

test.run();
