import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
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
import { SnapshotStore, noSuchSnapshot } from '../../../scripts/providers/snapshots/store.ts';

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
  assert.equal(await store.list(), { snapshots: [saved], damaged: [] });
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
  assert.is((await store.list()).snapshots.length, 1);
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

snapshots('a manifest that is too large, or no file, is no snapshot either', async ({ folder, store }) => {
  await store.save('clean', described, pages(entries));
  const path = join(folder, 'snapshots/clean/snapshot.json');
  writeFileSync(path, '{'.repeat(4 * 2 ** 20 + 1));
  assert.match(await message(store.read('clean')), 'snapshot.json cannot be read: it is larger than 4 MiB');
  rmSync(path);
  mkdirSync(path);
  assert.match(await message(store.read('clean')), 'snapshot.json cannot be read: ');
  assert.match((await store.list()).damaged[0]?.why ?? '', 'Remove the snapshot, and save it again.');
});

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
    const { snapshots: whole, damaged } = await store.list();
    assert.equal(whole, []);
    assert.is(damaged[0]?.name, 'clean');
    assert.match(damaged[0]?.why ?? '', 'Remove the snapshot, and save it again.');
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

snapshots(
  'a folder is known by its own name, and what is shown of it has no control characters',
  async ({ folder, store }) => {
    await store.save('clean', described, pages(entries));
    const path = join(folder, 'snapshots/clean/snapshot.json');
    const good = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    const bad: Record<string, unknown>[] = [
      { name: 'other' },
      { name: '../clean' },
      { cluster: 'a\nb' },
      { cluster: '\u001b[2J' },
      { kubernetes: '1.34\u202e' },
      { createdAt: '\u0007' },
    ];
    for (const change of bad) {
      writeFileSync(path, JSON.stringify({ ...good, ...change }));
      const { snapshots: whole, damaged } = await store.list();
      assert.equal([whole.length, damaged.length], [0, 1], JSON.stringify(change));
      assert.not.match(damaged[0]?.why ?? '', /\p{Cc}/u);
    }
    rmSync(path);
    assert.match((await store.list()).damaged[0]?.why ?? '', 'has no snapshot.json');
  },
);

snapshots(
  'content that is missing, a link or a pipe is damage, and nothing waits for it',
  async ({ folder, store }) => {
    const saved = await store.save('clean', described, pages(entries));
    const path = join(folder, 'snapshots/clean/objects');
    const make: (() => void)[] = [
      () => undefined,
      () => symlinkSync('/dev/zero', path),
      () => mkdirSync(path),
      () => void execFileSync('mkfifo', [path]),
    ];
    for (const one of make) {
      rmSync(path, { recursive: true, force: true });
      one();
      assert.match(await message(store.verify(saved)), 'the snapshot is damaged');
      const first = await store.verifyFirst(saved).catch((error: unknown) => error);
      assert.instance(first, HoistError);
      assert.match((first as HoistError).hint ?? '', /^Nothing was changed\. Remove the snapshot/);
    }
  },
);

snapshots('a file that can get no longer is said to be that, with the folder', async ({ folder, store }) => {
  for (const code of ['EFBIG', 'ENOSPC', 'EDQUOT']) {
    // eslint-disable-next-line @typescript-eslint/require-await -- a disk that is full
    async function* full(): AsyncGenerator<never> {
      throw Object.assign(new Error(`${code}: it is full, write`), { code });
    }
    const text = await message(store.save('clean', described, full()));
    assert.match(text, `the snapshot could not be written to ${join(folder, 'snapshots')}: ${code}`);
    assert.equal(readdirSync(join(folder, 'snapshots')), []);
  }
});

snapshots('one that does not exist is named beside those that do', () => {
  assert.is(noSuchSnapshot('x', []).message, 'there is no snapshot "x"; there are none');
  assert.is(noSuchSnapshot('x', ['a', 'b']).message, 'there is no snapshot "x"; there are: a, b');
});

snapshots.run();
