import {
  chmod,
  lchown,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HoistError } from '../../../scripts/base/errors.ts';
import { putInPlace, writeAtomic } from '../../../scripts/host/files/files.ts';

const test = suite<{ folder: string; path: string }>('files');

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'hoist-files-'));
  context.path = join(context.folder, 'file');
});
test.after.each(({ folder }) => rm(folder, { recursive: true }));

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

test('writes a new file with the mode given', async ({ path, folder }) => {
  await writeAtomic(path, 'text', { mode: 0o640 });
  assert.is(await readFile(path, 'utf8'), 'text');
  assert.is(await modeOf(path), 0o640);
  assert.equal(await readdir(folder), ['file']);
});

test('writes a new file under the umask where no mode is given', async ({ path }) => {
  const previous = process.umask(0o027);
  try {
    await writeAtomic(path, new Uint8Array([1, 2]));
  } finally {
    process.umask(previous);
  }
  assert.is(await modeOf(path), 0o640);
});

test('replaces the content and keeps the mode, whatever the umask', async ({ path }) => {
  await writeFile(path, 'old');
  await chmod(path, 0o666);
  await writeAtomic(path, 'new');
  assert.is(await readFile(path, 'utf8'), 'new');
  assert.is(await modeOf(path), 0o666);
});

test('a reader of the old file goes on reading the old one', async ({ path }) => {
  await writeFile(path, 'old');
  const before = await stat(path);
  await writeAtomic(path, 'new');
  assert.is.not((await stat(path)).ino, before.ino);
});

test('replaces what a symbolic link points at', async ({ path, folder }) => {
  await writeFile(path, 'old');
  await symlink('file', join(folder, 'link'));
  await writeAtomic(join(folder, 'link'), 'new');
  assert.ok((await lstat(join(folder, 'link'))).isSymbolicLink());
  assert.is(await readFile(path, 'utf8'), 'new');
});

test('makes what a dangling link points at', async ({ path, folder }) => {
  await symlink('file', join(folder, 'first'));
  await symlink('first', join(folder, 'second'));
  await writeAtomic(join(folder, 'second'), 'new');
  assert.is(await readFile(path, 'utf8'), 'new');
  assert.ok((await lstat(join(folder, 'first'))).isSymbolicLink());
});

test('a failure removes its temporary file and leaves the target', async ({ folder }) => {
  const path = join(folder, 'folder');
  await writeAtomic(join(folder, 'other'), '');
  await mkdir(path);
  try {
    await writeAtomic(path, 'a folder cannot be replaced by a file');
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /EISDIR/);
  }
  assert.equal((await readdir(folder)).sort(), ['folder', 'other']);
});

test('puts a finished file in place with its mode', async ({ path, folder }) => {
  await writeFile(join(folder, 'part'), 'binary');
  await putInPlace(join(folder, 'part'), path, 0o755);
  assert.is(await modeOf(path), 0o755);
  assert.equal(await readdir(folder), ['file']);
});

// Only root can make links of others.
const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot(
  'a link of another user in a folder of all users is not followed; one of the folder’s owner is',
  async ({ folder }) => {
    const shared = join(folder, 'shared');
    await mkdir(shared);
    await chmod(shared, 0o1777);
    const mine = join(folder, 'mine');
    await writeFile(mine, 'mine');
    for (const target of [mine, join(folder, 'not there yet')]) {
      const link = join(shared, 'report.html');
      await symlink(target, link);
      await lchown(link, 65_534, 65_534);
      const error: unknown = await writeAtomic(link, 'theirs').catch((reason: unknown) => reason);
      assert.instance(error, HoistError);
      assert.match((error as Error).message, 'another user has put into a folder of all users');
      await rm(link);
    }
    assert.is(await readFile(mine, 'utf8'), 'mine');
    assert.equal((await readdir(folder)).sort(), ['mine', 'shared']);
    await symlink(mine, join(shared, 'own'));
    await writeAtomic(join(shared, 'own'), 'new');
    assert.is(await readFile(mine, 'utf8'), 'new');
  },
);

test.run();
