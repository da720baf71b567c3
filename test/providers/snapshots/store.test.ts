import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HoistError } from '../../../scripts/base/errors.ts';
import type { ClusterPlan } from '../../../scripts/plan/plan.ts';
import type { Entry } from '../../../scripts/providers/snapshots/records.ts';
import { SnapshotStore } from '../../../scripts/providers/snapshots/store.ts';

const snapshots = suite<{ folder: string; store: SnapshotStore }>('snapshots on disk', {
  folder: '',
  store: undefined as unknown as SnapshotStore,
});

const plan = { name: 'dev', nodes: [{ name: 'n' }], components: {} } as unknown as ClusterPlan;
const described = { cluster: 'dev', provider: 'embedded' as const, kubernetes: '1.36.3', identity: 'me', plan };
const entries: Entry[] = [
  { key: '/registry/a', value: Buffer.from([0, 1, 2, 255]) },
  { key: '/registry/ü/名', value: Buffer.alloc(0) },
  { key: '/registry/large', value: Buffer.alloc(3 * 2 ** 20, 7) },
];

// eslint-disable-next-line @typescript-eslint/require-await -- pages come from etcd elsewhere
async function* pages(...all: Entry[][]): AsyncGenerator<Entry[]> {
  yield* all;
}

async function message(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    assert.instance(error, HoistError);
    return (error as HoistError).message;
  }
  return 'nothing was thrown';
}

snapshots.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-snapshots-'));
  context.store = new SnapshotStore(context.folder);
});
snapshots.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

snapshots('content comes back as it was, page by page or not', async ({ store }) => {
  const saved = await store.save('clean', described, pages(entries.slice(0, 1), [], entries.slice(1)));
  assert.is(saved.content.keys, 3);
  assert.equal(await store.read('clean'), saved);
  await store.verify(saved);
  const read: Entry[] = [];
  for await (const entry of store.entries(saved)) read.push(entry);
  assert.equal(read, entries);
  assert.equal(await store.list(), [saved]);
});

snapshots('what is cut or changed anywhere is found before it is used', async ({ folder, store }) => {
  const saved = await store.save('clean', described, pages(entries.slice(0, 2)));
  const path = join(folder, 'snapshots/clean/objects');
  const good = readFileSync(path);
  for (let at = 0; at < good.length; at++) {
    const bad = Buffer.from(good);
    bad[at] = (bad[at] ?? 0) ^ 1;
    writeFileSync(path, bad);
    assert.match(await message(store.verify(saved)), 'not as it was written', `byte ${at}`);
    writeFileSync(path, good);
    truncateSync(path, at);
    assert.match(await message(store.verify(saved)), 'not as it was written', `${at} bytes`);
  }
  writeFileSync(path, Buffer.concat([good, good]));
  assert.match(await message(store.verify(saved)), 'not as it was written');
});

snapshots('a save that fails leaves nothing, and the name is free', async ({ folder, store }) => {
  // eslint-disable-next-line @typescript-eslint/require-await -- as above
  async function* failing(): AsyncGenerator<Entry[]> {
    yield entries;
    throw new HoistError('etcd went away');
  }
  assert.is(await message(store.save('clean', described, failing())), 'etcd went away');
  assert.equal(readdirSync(join(folder, 'snapshots')), []);
  await store.save('clean', described, pages(entries));
});

snapshots('a name is taken once, also by two at the same time', async ({ store }) => {
  const both = await Promise.all([
    message(store.save('clean', described, pages(entries))),
    message(store.save('clean', described, pages(entries))),
  ]);
  assert.equal(both.sort(), ['nothing was thrown', 'there is a snapshot "clean" already']);
  assert.is((await store.list()).length, 1);
});

snapshots(
  'what a killed save has left goes with the next one; what is being saved stays',
  async ({ folder, store }) => {
    const dead = join(folder, 'snapshots/.saving-a.4194305-00000000.tmp');
    const alive = join(folder, `snapshots/.saving-b.${process.pid}-00000000.tmp`);
    for (const path of [dead, alive]) mkdirSync(path, { recursive: true });
    await store.save('clean', described, pages(entries));
    assert.equal([existsSync(dead), existsSync(alive)], [false, true]);
    assert.equal(await store.names(), ['clean']);
  },
);

snapshots('a manifest that is damaged or of another format is no snapshot', async ({ folder, store }) => {
  await store.save('clean', described, pages(entries));
  const path = join(folder, 'snapshots/clean/snapshot.json');
  const good = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  for (const bad of [
    '',
    '{',
    'null',
    '[]',
    JSON.stringify({ ...good, format: 2 }),
    JSON.stringify({ ...good, content: {} }),
  ]) {
    writeFileSync(path, bad);
    assert.match(await message(store.read('clean')), 'is damaged or of another version', bad);
    assert.equal(await store.list(), []);
  }
  assert.ok(await store.remove('clean'));
  assert.is(await store.read('clean'), undefined);
});

snapshots('a folder that holds no snapshot is not removed', async ({ folder, store }) => {
  mkdirSync(join(folder, 'snapshots/mine'), { recursive: true });
  writeFileSync(join(folder, 'snapshots/mine/diary.txt'), 'dear');
  assert.match(await message(store.remove('mine')), 'hoist leaves it alone');
  assert.ok(existsSync(join(folder, 'snapshots/mine/diary.txt')));
});

snapshots.run();
