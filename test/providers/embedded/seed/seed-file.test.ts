import { mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSeed, seedPath, writeSeed } from '../../../../scripts/providers/embedded/seed/seed-file.ts';

const seeds = suite<{ cache: string; path: string }>('the file of a seed', { cache: '', path: '' });
const entries = [{ key: '/registry/clusterroles/a', value: Buffer.from([0, 1, 255]) }];

seeds.before.each(async (context) => {
  context.cache = mkdtempSync(join(tmpdir(), 'hoist-seed-'));
  context.path = seedPath({ XDG_CACHE_HOME: context.cache }, 'one');
  await writeSeed(context.path, 'one', entries);
});
seeds.after.each(({ cache }) => rmSync(cache, { recursive: true, force: true }));

seeds('comes back as it was written', async ({ path }) => {
  assert.equal(await readSeed(path, 'one'), { entries });
});

seeds('one that is not there', async ({ cache }) => {
  assert.equal(await readSeed(join(cache, 'none.json'), 'one'), { why: 'there is none yet' });
});

seeds('one of other versions or arguments is not used, whatever its name', async ({ path }) => {
  assert.equal(await readSeed(path, 'two'), { why: 'it is of another version' });
  writeFileSync(path, readFileSync(path, 'utf8').replace('"format":1', '"format":2'));
  assert.equal(await readSeed(path, 'one'), { why: 'it is of another version' });
});

seeds('one that is changed anywhere in its content is not used', async ({ path }) => {
  writeFileSync(path, readFileSync(path, 'utf8').replace('clusterroles/a', 'clusterroles/b'));
  assert.equal(await readSeed(path, 'one'), { why: 'it is damaged' });
});

seeds('one that is cut at any byte is not used, and nothing is thrown', async ({ path }) => {
  const { length } = readFileSync(path);
  for (let size = length - 1; size >= 0; size--) {
    truncateSync(path, size);
    assert.ok('why' in (await readSeed(path, 'one')), `${size} bytes`);
  }
});

seeds('nothing but a list of texts is taken for entries', async ({ path }) => {
  for (const text of [
    'null',
    '[]',
    '7',
    '{"format":1,"identity":"one","entries":{}}',
    '{"format":1,"identity":"one"}',
  ]) {
    writeFileSync(path, text);
    assert.ok('why' in (await readSeed(path, 'one')), text);
  }
});

seeds('only so many are kept, the newest', async ({ path }) => {
  const folder = join(path, '..');
  for (let i = 0; i < 10; i++) {
    const other = join(folder, `n${i}.json`);
    await writeSeed(other, 'n', entries);
    utimesSync(other, new Date(1000 * i), new Date(1000 * i));
  }
  await writeSeed(join(folder, 'last.json'), 'last', entries);
  const names = readdirSync(folder);
  assert.is(names.length, 8);
  assert.ok(names.includes('last.json') && names.includes(basename(path)) && !names.includes('n0.json'));
});

seeds.run();
