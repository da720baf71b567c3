// How the bundle is loaded: with what was kept of V8's work, and as well without it. Each load is in a process of its own,
// since V8 remembers in memory what it has compiled.

import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compiledOf, freshBundle } from '../../bin/bundle.mjs';

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

test('a checkout with a newer source runs its sources; a package runs its bundle, whenever it was installed', async () => {
  const root = `${folder}/`;
  for (const name of ['dist', 'scripts/cli']) await mkdir(join(root, name), { recursive: true });
  const bundle = join(root, 'dist/hoist.cjs');
  assert.is(freshBundle(root), undefined);
  await writeFile(bundle, '');
  await writeFile(join(root, 'scripts/cli/hoist.ts'), '');
  await utimes(bundle, 1_000, 1_000);
  assert.is(freshBundle(root), bundle);

  await writeFile(join(root, 'tsconfig.json'), '{}');
  assert.is(freshBundle(root), undefined);
  await utimes(join(root, 'scripts/cli/hoist.ts'), 1_000, 1_000);
  assert.is(freshBundle(root), bundle);
});

test('sources and own steps leave nothing in the temporary folder, where others could have put it', async () => {
  const temporary = join(folder, 'tmp');
  const sources = JSON.stringify(join(bin, 'sources.mjs'));
  const custom = JSON.stringify(join(bin, '../scripts/services/custom/files.ts'));
  await mkdir(join(folder, 'steps'), { recursive: true });
  await mkdir(temporary);
  await writeFile(join(folder, 'steps/one.ts'), 'export default { async run(): Promise<void> {} };');
  const code = `import { registerSources } from ${sources};
    await registerSources();
    const { loadOwnSteps } = await import(${custom});
    const [step] = await loadOwnSteps({ given: undefined, settingsFolder: ${JSON.stringify(folder)}, cwd: ${JSON.stringify(folder)} });
    process.stdout.write(step.name + ' ' + process.env.TMPDIR);`;
  const env = { ...process.env, TMPDIR: temporary };
  const wrote = execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8', env });
  assert.is(wrote, `steps/one ${temporary}`);
  assert.equal(await readdir(temporary), []);
});

test.run();
