// The files of a bundle while it is made: in memory or in a private folder, cut to the newest lines, and gone at the end.

import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FileStore } from '../../../scripts/support/bundle/store.ts';

interface Context {
  parent: string;
  store: FileStore;
}

const test = suite<Context>('support/bundle/store');
test.before.each((context) => {
  context.parent = mkdtempSync(join(tmpdir(), 'store-test-'));
  context.store = new FileStore(context.parent);
});
test.after.each(async ({ parent, store }) => {
  await store.close();
  rmSync(parent, { recursive: true, force: true });
});

const SMALL = 128 << 10;
const readAll = async (store: FileStore, path: string): Promise<string> =>
  (await buffer(store.stream(path) ?? Readable.from([]))).toString();

test('small files stay in memory, longer ones go to a private folder', async ({ store, parent }) => {
  assert.is((await store.put('small', Buffer.alloc(SMALL))).kind, 'buffer');
  assert.equal(readdirSync(parent), []);
  assert.is((await store.put('long', Buffer.alloc(SMALL + 1))).kind, 'file');
  const [folder = ''] = readdirSync(parent);
  assert.is(statSync(join(parent, folder, '0')).mode & 0o777, 0o600);
  assert.is(store.sizeOf('long'), SMALL + 1);
  assert.is((await store.read('long'))?.length, SMALL + 1);
  await store.close();
  assert.equal([readdirSync(parent), store.list()], [[], []]);
});

test('that much data comes is said once, when 16 MiB of long files have', async ({ parent }) => {
  let said = 0;
  const store = new FileStore(parent, () => said++);
  const chunks = (mib: number): Readable =>
    Readable.from(Array.from({ length: mib }, () => Buffer.alloc(1 << 20, 'x')));
  const counts: number[] = [];
  for (const mib of [10, 5, 5, 20]) {
    await store.put(`f${mib}`, chunks(mib));
    counts.push(said);
  }
  assert.equal(counts, [0, 0, 1, 1]);
  await store.close();
});

test('streams of any length are kept whole, also where the chunks are small', async ({ store }) => {
  const lines = (count: number): string[] => Array.from({ length: count }, (_, i) => `line ${i} ${'x'.repeat(90)}\n`);
  for (const count of [0, 1, 1000, 3000]) {
    const text = lines(count).join('');
    const stored = await store.put('s', Readable.from(lines(count).map((line) => Buffer.from(line))));
    assert.is(stored.kind, text.length > SMALL ? 'file' : 'buffer', String(count));
    assert.is(store.sizeOf('s'), text.length);
    assert.is((await store.read('s'))?.toString(), text);
    assert.is(await readAll(store, 's'), text);
  }
});

test('memory has an end: what comes later goes to the folder', async ({ store }) => {
  const kinds = [];
  for (let i = 0; i < 66; i++) kinds.push((await store.put(`f${i}`, Buffer.alloc(SMALL))).kind);
  assert.is(kinds.filter((kind) => kind === 'buffer').length, 64);
  assert.is(kinds.lastIndexOf('buffer'), 63);
});

test('a stream that breaks leaves nothing', async ({ store, parent }) => {
  for (const before of [10, SMALL * 2]) {
    const broken = Readable.from(
      (function* () {
        yield Buffer.alloc(before);
        throw new Error('broken');
      })(),
    );
    await store.put('x', broken).then(
      () => assert.unreachable(),
      (error: unknown) => assert.is((error as Error).message, 'broken'),
    );
    assert.is(store.has('x'), false);
  }
  for (const folder of readdirSync(parent)) assert.equal(readdirSync(join(parent, folder)), []);
});

test('the newest lines of what is too long, whole ones, in memory and on the disk', async ({ store }) => {
  const lines = Array.from({ length: 3000 }, (_, i) => `${String(i).padStart(98, '0')}\n`).join('');
  for (const [name, content] of [
    ['memory', lines.slice(0, 9_900)],
    ['disk', lines],
  ] as const) {
    for (const newest of [500, 550, 599, 600]) {
      const stored = await store.put(name, Buffer.from(content), newest);
      const kept = (await store.read(name))?.toString() ?? '';
      const whole = Math.floor(newest / 99) * 99;
      assert.is(kept, content.slice(-whole), `${name} ${newest}`);
      assert.is(await readAll(store, name), kept);
      assert.is(store.sizeOf(name), kept.length);
      assert.is(stored.cutBytes, content.length - kept.length);
    }
    const all = await store.put(name, Buffer.from(content), content.length);
    assert.is(all.cutBytes, undefined);
    const unbroken = await store.put(name, Buffer.alloc(content.length, 'x'), 100);
    assert.equal([store.sizeOf(name), unbroken.cutBytes], [100, content.length - 100], 'one line without an end');
  }
});

test('links lead to what they name, however they stand to each other, and end where they go round', async ({
  store,
}) => {
  await store.put('a', Buffer.from('content'));
  store.link('b', 'a');
  store.link('c', 'b');
  store.link('gone', 'nowhere');
  store.link('x', 'y');
  store.link('y', 'x');
  assert.is((await store.read('c'))?.toString(), 'content');
  assert.is(store.sizeOf('b'), 7);
  assert.equal([store.targetOf('c'), store.targetOf('a'), store.targetOf('no')], ['b', undefined, undefined]);
  for (const path of ['gone', 'x', 'no']) {
    assert.is(await store.read(path), undefined, path);
    assert.is(store.stream(path), undefined);
    assert.is(store.sizeOf(path), 0);
  }
  assert.equal(store.list(), ['a', 'b', 'c', 'gone', 'x', 'y']);
  for (let i = 0; i < 9; i++) store.link(`l${i}`, i === 0 ? 'a' : `l${i - 1}`);
  assert.is((await store.read('l7'))?.toString(), 'content');
  assert.is(await store.read('l8'), undefined, 'eight links lead on, nine do not');
});

test('closing twice is no error, and a folder that was never needed is not made', async ({ store, parent }) => {
  await store.close();
  await store.close();
  assert.ok(existsSync(parent));
});

test('what is too long to be one text is refused, not read', async ({ store }) => {
  const most = 256 << 20;
  await store.put('long', Buffer.alloc(SMALL + 1));
  store.sizeOf = () => most;
  assert.is((await store.read('long'))?.length, SMALL + 1);
  store.sizeOf = () => most + 1;
  assert.match(String(await store.read('long').catch(String)), 'long is longer than 256 MiB');
});

test.run();
