// Which files patterns mean: folders, `**`, exclusions, links, and what is never searched.

import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findFiles } from '../../../scripts/tasks/sources/find.ts';
import { type World, createWorld } from '../world.ts';

const find = suite<World>('tasks: files of patterns');

find.before.each((context) => {
  Object.assign(context, createWorld());
  for (const file of [
    'src/a.ts',
    'src/deep/b.ts',
    'src/deep/c.md',
    'src/.hidden.ts',
    'src/node_modules/x/d.ts',
    '.git/e.ts',
    'go.mod',
  ])
    context.write(file, file);
});
find.after.each((context) => context.close());

for (const [patterns, files] of [
  [['src/**/*.ts'], ['src/.hidden.ts', 'src/a.ts', 'src/deep/b.ts']],
  [['./src/*.ts'], ['src/.hidden.ts', 'src/a.ts']],
  [['src'], ['src/.hidden.ts', 'src/a.ts', 'src/deep/b.ts', 'src/deep/c.md']],
  [['src/deep/'], ['src/deep/b.ts', 'src/deep/c.md']],
  [
    ['**/*.{ts,mod}', '!**/.hidden.ts'],
    ['go.mod', 'src/a.ts', 'src/deep/b.ts'],
  ],
  [
    ['src', '!src/deep/**'],
    ['src/.hidden.ts', 'src/a.ts'],
  ],
  [['go.mod', 'go.mod'], ['go.mod']],
  [['src/node_modules/**/*.ts'], ['src/node_modules/x/d.ts']],
] as const) {
  find(patterns.join(' '), async ({ folder }) => {
    const found = await findFiles(patterns, folder);
    assert.equal(found.files, files);
    assert.equal(found.unmatched, []);
    assert.equal((await findFiles([join(folder, patterns[0])], folder)).files.length > 0, true);
  });
}

find('patterns without a file are named, with the folder in which one could appear', async ({ folder }) => {
  const { files, unmatched, folders } = await findFiles(['src/*.go', 'gone/deep/*.ts', 'none.txt'], folder);
  assert.equal(files, []);
  assert.equal(unmatched, ['src/*.go', 'gone/deep/*.ts', 'none.txt']);
  assert.ok(folders.includes(folder));
});

find('a link to a file is a file, and one to a folder is not followed', async ({ folder }) => {
  symlinkSync('a.ts', join(folder, 'src', 'link.ts'));
  symlinkSync('..', join(folder, 'src', 'loop'));
  symlinkSync('nowhere', join(folder, 'src', 'broken.ts'));
  const { files } = await findFiles(['src/*.ts', 'src/loop/**/*.mod'], folder);
  assert.equal(files, ['src/.hidden.ts', 'src/a.ts', 'src/link.ts', 'src/loop/go.mod']);
});

find.run();
