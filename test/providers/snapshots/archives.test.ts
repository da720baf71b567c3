// Archives of snapshots: whole or not at all, and any change is noticed before they are used.

import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HoistError } from '../../../scripts/base/errors.ts';
import type { ClusterPlan } from '../../../scripts/plan/plan.ts';
import type { NewArchive } from '../../../scripts/providers/snapshots/archives.ts';
import { SnapshotStore } from '../../../scripts/providers/snapshots/store.ts';

const archives = suite<{ folder: string; store: SnapshotStore }>('archives of snapshots', {
  folder: '',
  store: undefined as unknown as SnapshotStore,
});

archives.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-archives-'));
  context.store = new SnapshotStore(context.folder);
});
archives.after.each(({ folder }) => {
  rmSync(folder, { recursive: true, force: true });
});

const plan = { name: 'dev', nodes: [{ name: 'n' }], components: {} } as unknown as ClusterPlan;
const described = { cluster: 'dev', provider: 'k3d' as const, kubernetes: '1.34.2', identity: 'me', plan };

// eslint-disable-next-line @typescript-eslint/require-await -- content comes from an engine elsewhere
async function* bytes(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}
// eslint-disable-next-line @typescript-eslint/require-await -- archives come from an engine elsewhere
async function* two(): AsyncGenerator<NewArchive> {
  yield { node: 'n', of: 'datastore', content: bytes('objects') };
  yield { node: 'n', of: 'images', images: [{ name: 'a:1', digest: 'sha256:1' }], content: bytes('layers') };
}

archives('what was saved is read again', async ({ folder, store }) => {
  const saved = await store.saveArchives('clean', described, two());
  assert.is(saved.content.keys, 2);
  assert.is(saved.content.bytes, 13);
  const read = await store.read('clean');
  assert.equal(read, saved);
  await store.verify(saved);
  const [, images] = saved.archives ?? [];
  assert.ok(images);
  let text = '';
  for await (const chunk of store.archive(saved, images)) text += chunk.toString();
  assert.is(text, 'layers');
  const path = join(folder, 'snapshots/clean');
  for (const file of readdirSync(path)) assert.is(statSync(join(path, file)).mode & 0o077, 0, file);
});

archives('a byte more, less or other is noticed, also in the list of archives', async ({ folder, store }) => {
  const saved = await store.saveArchives('clean', described, two());
  const path = join(folder, 'snapshots/clean/archive-0.tar');
  for (const wrong of ['objectz', 'object', 'objectss', '']) {
    writeFileSync(path, wrong);
    try {
      await store.verify(saved);
      assert.unreachable(wrong);
    } catch (error) {
      assert.instance(error, HoistError);
    }
  }
  writeFileSync(path, 'objects');
  await store.verify(saved);
  const manifest = join(folder, 'snapshots/clean/snapshot.json');
  const good = readFileSync(manifest, 'utf8');
  const changes = [
    ['"node": "n"', '"node": "m"'],
    ['"datastore"', '"storage"'],
  ] as const;
  for (const [from, to] of changes) {
    writeFileSync(manifest, good.replace(from, to));
    const changed = await store.read('clean');
    assert.ok(changed);
    try {
      await store.verify(changed);
      assert.unreachable(to);
    } catch (error) {
      assert.instance(error, HoistError);
    }
  }
  for (const file of ['../x', '/etc/passwd', 'archive-0.tar/..', 'objects']) {
    writeFileSync(manifest, good.replace('"archive-0.tar"', JSON.stringify(file)));
    try {
      await store.read('clean');
      assert.unreachable(file);
    } catch (error) {
      assert.match(String(error), /damaged or of another version/);
    }
  }
});

archives('a source that breaks off leaves nothing', async ({ folder, store }) => {
  async function* broken(): AsyncGenerator<NewArchive> {
    yield* two();
    throw new Error('the engine broke off');
  }
  try {
    await store.saveArchives('clean', described, broken());
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), /broke off/);
  }
  assert.not.ok(existsSync(join(folder, 'snapshots/clean')));
  assert.equal(readdirSync(join(folder, 'snapshots')), []);
});

archives('what will not be used is not read, but the list of all is checked', async ({ folder, store }) => {
  const saved = await store.saveArchives('clean', described, two());
  const images = join(folder, 'snapshots/clean', saved.archives?.[1]?.file ?? '');
  writeFileSync(images, 'LAYERS');
  await store.verify(saved, ({ of }) => of !== 'images');
  const all = await store.verify(saved).catch((error: unknown) => error);
  assert.instance(all, HoistError);
  const shorter = { ...saved, archives: saved.archives?.slice(0, 1) ?? [] };
  const list = await store.verify(shorter, ({ of }) => of !== 'images').catch((error: unknown) => error);
  assert.instance(list, HoistError);
});

archives.run();
