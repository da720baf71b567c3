// What is different between two bundles, and what only looks so.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diffBundles } from '../../../scripts/support/bundle/diff.ts';
import type { BundleReader } from '../../../scripts/support/types.ts';

const diff = suite('differences of bundles');

const bundle = (files: Record<string, unknown>): BundleReader => ({
  list: () => Object.keys(files).sort(),
  read: (path) => Promise.resolve(Object.hasOwn(files, path) ? Buffer.from(JSON.stringify(files[path])) : undefined),
});

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

diff('a list whose objects only have other versions is no difference', async () => {
  const [before, after] = [bundle({ 'a.json': pods(1, 'x') }), bundle({ 'a.json': pods(9, 'x') })];
  assert.equal(await diffBundles(before, after), []);
});

diff.run();
