import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { entriesBelow } from '../../../scripts/host/files/walk.ts';

const walk = suite<{ folder: string }>('entries below a folder', { folder: '' });

walk.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-walk-'));
  mkdirSync(join(context.folder, 'a/b'), { recursive: true });
  for (const file of ['one', 'a/two', 'a/b/three']) writeFileSync(join(context.folder, file), '');
});
walk.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

walk('files and folders of every depth, with where they are', async ({ folder }) => {
  const paths = (await entriesBelow(folder)).map(({ parentPath, name }) => relative(folder, join(parentPath, name)));
  assert.equal(paths.sort(), ['a', 'a/b', 'a/b/three', 'a/two', 'one']);
});

walk('a link to a folder is an entry, and not followed: it may lead back up', async ({ folder }) => {
  symlinkSync(folder, join(folder, 'a/up'));
  const entries = await entriesBelow(folder);
  assert.is(entries.length, 6);
  assert.ok(entries.find(({ name }) => name === 'up')?.isSymbolicLink());
});

walk('as many as allowed are listed, and one more is refused', async ({ folder }) => {
  assert.is((await entriesBelow(folder, 5)).length, 5);
  const error = await entriesBelow(folder, 4).catch((thrown: unknown) => thrown);
  assert.instance(error, RangeError);
  assert.match(String(error), 'more than 4 files and folders');
});

walk('a folder that is none fails as the system says', async ({ folder }) => {
  const error = await entriesBelow(join(folder, 'one')).catch((thrown: unknown) => thrown);
  assert.is((error as NodeJS.ErrnoException).code, 'ENOTDIR');
});

walk.run();
