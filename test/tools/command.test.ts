import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withLock } from '../../scripts/host/lock.ts';
import { TOOL_NAMES, listTools, pruneTools } from '../../scripts/tools/command.ts';
import { lockFile } from '../../scripts/tools/options.ts';
import { sha256 } from './publisher.ts';
import { type Workbench, pinAt, provide, toolScript, workbench } from './workbench.ts';

const test = suite<{ bench: Workbench; root: string }>('the tools command');
const tool = toolScript('1.2.3');

test.before.each(async (context) => {
  context.bench = await workbench();
  const { site, options, folder } = context.bench;
  context.root = join(folder, 'cache/hoist/tools');
  options.pins = { kwok: pinAt(site.url, 'kwok') };
  site.routes.set('/1.2.3/kwok', tool);
  site.routes.set('/1.2.3/sums', sha256(tool));
  await provide(['kwok'], options);
});
test.after.each(({ bench }) => bench.close());

async function put(path: string): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, '12345');
  return path;
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

test('list tells of every tool what would be used and how it was made', async ({ bench, root }) => {
  const listings = await listTools(bench.options);
  assert.equal(
    listings.map(({ name }) => name),
    TOOL_NAMES,
  );
  const kwok = listings.find(({ name }) => name === 'kwok');
  assert.is(kwok?.pinned, '1.2.3');
  const path = join(root, 'kwok/1.2.3-linux-amd64/kwok');
  assert.equal(kwok?.located, { name: 'kwok', path, source: 'cache', version: '1.2.3' });
  assert.is(kwok?.record?.way, 'download');
});

test('prune removes other versions and leftovers, and keeps what is used', async ({ bench, root }) => {
  const current = join(root, 'kwok/1.2.3-linux-amd64');
  const old = await put(join(root, 'kwok/1.1.0-linux-amd64/kwok'));
  const part = await put(join(current, 'kwok.part'));
  const unpacked = await put(join(current, 'unpacked-x/kwok'));
  const build = await put(join(root, 'build-tool-module-x/kwok'));
  const { removed, busy } = await pruneTools(bench.options);
  const expected = [join(old, '..'), part, join(unpacked, '..'), join(build, '..')];
  assert.equal(removed.map(({ path }) => path).sort(), expected.sort());
  assert.ok(removed.every(({ bytes }) => bytes === 5));
  assert.equal(busy, []);
  assert.ok(await isThere(join(current, 'kwok')));
  assert.ok(await isThere(join(current, 'kwok.json')));
});

test('prune of all removes the pinned version too', async ({ bench, root }) => {
  const { removed } = await pruneTools({ ...bench.options, all: true });
  assert.equal(
    removed.map(({ path }) => path),
    [join(root, 'kwok/1.2.3-linux-amd64')],
  );
});

test('prune leaves alone what another process is at', async ({ bench, root }) => {
  const part = await put(join(root, 'kwok/1.2.3-linux-amd64/kwok.part'));
  await withLock(lockFile('kwok', bench.options), {}, async () => {
    const { removed, busy } = await pruneTools(bench.options);
    assert.equal(removed, []);
    assert.equal(busy, ['kwok']);
  });
  assert.ok(await isThere(part));
});

test('prune of an empty cache does nothing', async ({ bench }) => {
  const env = { ...bench.options.env, XDG_CACHE_HOME: join(bench.folder, 'empty') };
  assert.equal(await pruneTools({ ...bench.options, env }), { removed: [], busy: [] });
});

test.run();
