// What is different between two bundles, and what only looks so.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diffBundles } from '../../../scripts/support/bundle/diff.ts';
import { Readable } from 'node:stream';
import { FileStore } from '../../../scripts/support/bundle/store.ts';
import type { BundleFiles } from '../../../scripts/support/types.ts';

const diff = suite('differences of bundles');

const bundle = (files: Record<string, unknown>): BundleFiles => {
  const contentOf = (path: string): Buffer | undefined =>
    Object.hasOwn(files, path) ? Buffer.from(JSON.stringify(files[path])) : undefined;
  return {
    list: () => Object.keys(files).sort(),
    read: (path) => Promise.resolve(contentOf(path)),
    sizeOf: (path) => contentOf(path)?.length ?? 0,
    stream: (path) => Readable.from([contentOf(path) ?? Buffer.alloc(0)]),
  };
};

const pods = (version: number, ...names: string[]): object => ({
  kind: 'PodList',
  metadata: { resourceVersion: String(version) },
  items: names.map((name) => {
    const [own = '', image = 'a'] = name.split(':');
    return { metadata: { namespace: 'one', name: own, resourceVersion: String(version) }, spec: { image } };
  }),
});

diff('files that came and went, and objects of lists that did', async () => {
  const before = bundle({ 'a.json': pods(1, 'x', 'y:1', 'z'), gone: 1, same: 2, 'execution-data/summary.txt': 3 });
  const after = bundle({ 'a.json': pods(2, 'x', 'y:2', 'w'), same: 2, more: 4, 'execution-data/summary.txt': 5 });
  assert.equal(await diffBundles(before, after), [
    { path: 'a.json', change: 'changed', objects: { added: ['one/w'], removed: ['one/z'], changed: ['one/y'] } },
    { path: 'gone', change: 'removed' },
    { path: 'more', change: 'added' },
  ]);
});

diff('a list that became something else, or was, has no objects to compare', async () => {
  for (const other of [{ kind: 'Status' }, 7, 'text', { items: 'none' }]) {
    for (const [before, after] of [
      [pods(1, 'x'), other],
      [other, pods(1, 'x')],
    ])
      assert.equal(await diffBundles(bundle({ 'a.json': before }), bundle({ 'a.json': after })), [
        { path: 'a.json', change: 'changed', objects: undefined },
      ]);
  }
});

diff('a list whose objects only have other versions is no difference', async () => {
  const [before, after] = [bundle({ 'a.json': pods(1, 'x') }), bundle({ 'a.json': pods(9, 'x') })];
  assert.equal(await diffBundles(before, after), []);
});

diff('signs of life and the order of rules are no difference, what they say is one', async () => {
  const rule = (resource: string): object => ({ verbs: ['get', 'list'], resources: [resource] });
  const files = (turned: boolean, renewTime: string, verb: string): Record<string, unknown> => ({
    'cluster-resources/auth-cani-list/one.json': turned ? [rule('a'), rule('b')] : [rule('b'), rule('a')],
    'cluster-resources/leases/one.json': { items: [{ metadata: { name: 'l' }, spec: { holder: 'x', renewTime } }] },
    'collector-errors/x-error.json': { error: 'gone', timestamp: renewTime },
    'other.json': [verb, 'b'],
  });
  const before = bundle(files(false, '1', 'a'));
  assert.equal(await diffBundles(before, bundle(files(true, '2', 'a'))), []);
  const found = await diffBundles(before, bundle(files(true, '2', 'c')));
  assert.equal(
    found.map(({ path }) => path),
    ['other.json'],
  );
});

/** A bundle with one file of so many MiB of zeros, and one byte at its end. */
async function long(mebibytes: number, end: string): Promise<FileStore> {
  const store = new FileStore();
  const content = function* (): Generator<Buffer> {
    for (let i = 0; i < mebibytes; i++) yield Buffer.alloc(1 << 20);
    yield Buffer.from(end);
  };
  await store.put('big.json', Readable.from(content(), { objectMode: false }));
  return store;
}

diff('files that are too long to look into are compared all the same, and none is read whole', async () => {
  const stores = await Promise.all([long(65, 'a'), long(65, 'a'), long(65, 'b')]);
  const [one, same, other] = stores;
  for (const store of stores) store.read = () => Promise.reject(new Error('read whole'));
  try {
    assert.equal(await diffBundles(one, same), []);
    assert.equal(await diffBundles(one, other), [{ path: 'big.json', change: 'changed' }]);
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
});

diff.run();
