// Kubeconfig files as they are merged: what is passed over, what counts first, and what is refused.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../scripts/base/errors.ts';
import { type Merged, loadMerged } from '../../../scripts/kube/kubeconfig/load.ts';

const loading = suite<{ folder: string }>('merged kubeconfigs');

loading.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-load-'));
});
loading.after.each(({ folder }) => rmSync(folder, { recursive: true }));

function load(folder: string, ...texts: string[]): Promise<Merged> {
  const paths = texts.map((text, at) => {
    const path = join(folder, String(at));
    writeFileSync(path, text);
    return path;
  });
  return loadMerged(paths);
}

async function problems(folder: string, ...texts: string[]): Promise<string[]> {
  const error: unknown = await load(folder, ...texts).catch((thrown: unknown) => thrown);
  assert.instance(error, ConfigError, String(error));
  return (error as ConfigError).problems.map(({ where, message }) => `${where.slice(folder.length + 1)} ${message}`);
}

loading('files that are absent, empty or hold nothing are passed over', async ({ folder }) => {
  const none = await load(folder, '', '# nothing\n', '{}', 'clusters:\nusers: []\n');
  assert.equal([none.clusters.size, none.contexts.size, none.users.size, none.currentContext], [0, 0, 0, '']);
  const absent = await loadMerged([join(folder, 'absent')]);
  assert.is(absent.clusters.size, 0);
});

loading(
  'the first entry of a name counts, whole, and so does the first current context that is one',
  async ({ folder }) => {
    const merged = await load(
      folder,
      'current-context: ""\nclusters: [{name: a, cluster: {server: one}}, {name: bare}]\n',
      'current-context: c\nclusters: [{name: a, cluster: {server: two}}, {name: b, cluster: {server: two}}]\n',
      'current-context: d\n',
    );
    assert.is(merged.currentContext, 'c');
    assert.equal(
      [...merged.clusters].map(([name, { value, file }]) => [name, value, file.slice(folder.length + 1)]),
      [
        ['a', { server: 'one' }, '0'],
        ['bare', {}, '0'],
        ['b', { server: 'two' }, '1'],
      ],
    );
  },
);

loading('everything that is wrong with all files is reported at once', async ({ folder }) => {
  assert.equal(
    await problems(
      folder,
      'text',
      '- a list\n',
      'clusters: {a: b}\nusers: [{name: u}, {name: u}, null, {user: {}}]\n',
      'users: [{name: u}]\n',
      'contexts: one\n',
    ),
    [
      '0 is no mapping',
      '1 is no mapping',
      '2 `clusters` is no list',
      '2 `users` has "u" twice',
      '2 an entry of `users` has no name',
      '2 an entry of `users` has no name',
      '4 `contexts` is no list',
    ],
  );
});

loading.run();
