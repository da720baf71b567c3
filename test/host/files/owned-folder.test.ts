import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HoistError } from '../../../scripts/base/errors.ts';
import { removeOwned } from '../../../scripts/host/files/owned-folder.ts';

const owned = suite<{ folder: string; parent: string }>('owned folders', { folder: '', parent: '' });

owned.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-owned-'));
  context.parent = join(context.folder, 'state', 'clusters');
  for (const path of ['state/clusters/dev/etcd', 'victim/sub'])
    mkdirSync(join(context.folder, path), { recursive: true });
  // Even a folder that looks like a cluster: its place alone keeps it.
  for (const path of ['state/clusters/dev', 'victim', 'victim/sub', 'state/clusters', 'state', '.'])
    writeFileSync(join(context.folder, path, 'state.json'), '{}');
});
owned.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const records = ['state.json'];

owned('a direct child with a record goes, and nothing else', async ({ folder, parent }) => {
  assert.is(await removeOwned({ parent, name: 'dev', records }), true);
  assert.equal(readdirSync(parent), ['state.json']);
  assert.ok(existsSync(join(folder, 'victim/sub/state.json')));
  assert.is(await removeOwned({ parent, name: 'dev', records }), false);
});

owned('whatever is no direct child stays', async ({ folder, parent }) => {
  const absolute = join(folder, 'victim');
  for (const name of [
    '',
    '.',
    '..',
    '../../..',
    '../../victim',
    'dev/..',
    'dev/etcd',
    './dev',
    absolute,
    'dev/../../../victim',
  ]) {
    await rejects(removeOwned({ parent, name, records }), /is no folder of/, name);
  }
  for (const path of ['state/clusters/dev/etcd', 'state/clusters/dev/state.json', 'victim/sub/state.json'])
    assert.ok(existsSync(join(folder, path)), path);
});

owned('a folder without a record, a file and a link stay', async ({ folder, parent }) => {
  mkdirSync(join(parent, 'strange/sub'), { recursive: true });
  writeFileSync(join(parent, 'file'), 'x');
  symlinkSync(join(folder, 'victim'), join(parent, 'link'));
  mkdirSync(join(parent, 'linked'));
  symlinkSync(join(folder, 'victim/state.json'), join(parent, 'linked/state.json'));
  await rejects(removeOwned({ parent, name: 'strange', records }), /holds nothing by which hoist knows it/);
  await rejects(removeOwned({ parent, name: 'linked', records }), /holds nothing by which hoist knows it/);
  await rejects(removeOwned({ parent, name: 'file', records }), /is no folder/);
  await rejects(removeOwned({ parent, name: 'link', records }), /is no folder/);
  assert.ok(existsSync(join(parent, 'strange/sub')));
  assert.ok(existsSync(join(folder, 'victim/sub/state.json')));
});

owned('one that a crash left empty goes', async ({ parent }) => {
  mkdirSync(join(parent, 'empty'));
  assert.is(await removeOwned({ parent, name: 'empty', records }), true);
  assert.not(existsSync(join(parent, 'empty')));
});

async function rejects(promise: Promise<unknown>, pattern: RegExp, what = ''): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.instance(error, HoistError, what);
  assert.match((error as Error).message, pattern);
}

owned.run();
