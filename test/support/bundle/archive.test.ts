// A bundle is read up to a size: anyone may have made it.

import { chmod, lchown, mkdir, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HoistError, UsageError } from '../../../scripts/base/errors.ts';
import { maxUnpacked } from '../../../scripts/cli/commands/collect/flags.ts';
import { ArchiveWriter, archivePlace, readArchive } from '../../../scripts/support/bundle/archive.ts';

const test = suite<{ file: string; folder: string }>('support/bundle/archive', { file: '', folder: '' });

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'hoist-archive-'));
  context.file = join(context.folder, 'bundle.tar.gz');
  const archive = new ArchiveWriter(context.file, 'bundle', new Date(0));
  for (const name of ['a', 'b']) await archive.add(name, { kind: 'buffer', content: Buffer.alloc(600_000) });
  await archive.close();
});
test.after.each(({ folder }) => rm(folder, { recursive: true, force: true }));

test('an archive that is given up is gone, at whatever moment', async ({ folder }) => {
  const file = join(folder, 'other.tar.gz');
  const moments = [
    () => undefined,
    (archive: ArchiveWriter) => archive.add('a', { kind: 'buffer', content: Buffer.alloc(10) }),
    (archive: ArchiveWriter) => archive.close(),
  ];
  for (const moment of moments) {
    const archive = new ArchiveWriter(file, 'bundle', new Date(0));
    await moment(archive);
    await archive.abandon();
    await archive.abandon();
    assert.equal(await readdir(folder), ['bundle.tar.gz']);
  }
});

test('an archive that cannot be begun leaves the file that is there', async ({ folder, file }) => {
  const archive = new ArchiveWriter(file, 'bundle', new Date(0));
  assert.match(String(await archive.close().catch(String)), `the archive cannot be written in ${folder}: EEXIST`);
  await archive.abandon();
  assert.equal(await readdir(folder), ['bundle.tar.gz']);
});

test('a link of the user stays and its target is written; other things that are no file are refused', async ({
  folder,
  file,
}) => {
  const refusal = (path: string): Promise<string> =>
    archivePlace(path).then(String, (error: unknown) => (error as Error).message);
  const at = (name: string): string => join(folder, name);
  assert.is(await archivePlace(file), file);
  assert.is(await archivePlace(at('new.tar.gz')), at('new.tar.gz'));
  await symlink('bundle.tar.gz', at('latest.tgz'));
  await symlink('latest.tgz', at('second.tgz'));
  assert.is(await archivePlace(at('latest.tgz')), await realpath(file));
  assert.is(await archivePlace(at('second.tgz')), await realpath(file));
  await symlink('nowhere', at('dangling.tgz'));
  assert.match(await refusal(at('dangling.tgz')), /is a link to a file that does not exist$/);
  await mkdir(at('folder'));
  await symlink('folder', at('to-folder.tgz'));
  assert.match(await refusal(at('to-folder.tgz')), /is a link to what is no file$/);
  assert.match(await refusal(at('folder')), /is there, and is no file$/);
  if (process.getuid?.() !== 0) return;
  await chmod(folder, 0o1777);
  await lchown(at('latest.tgz'), 65534, 65534);
  assert.match(await refusal(at('latest.tgz')), /is a link that belongs to another user$/);
});

test('links that lead to no file are named, whatever they are', async ({ folder }) => {
  const entries = pack();
  entries.entry({ name: 'in/a.txt' }, 'text');
  const names = { good: 'a.txt', hop: 'good', folder: '.', one: 'two', two: 'one', gone: 'b.txt' };
  for (const [name, linkname] of Object.entries(names))
    entries.entry({ name: `in/${name}`, type: 'symlink', linkname });
  entries.entry({ name: 'in/hard', type: 'link', linkname: '/etc/shadow' });
  entries.finalize();
  const file = join(folder, 'links.tar.gz');
  await pipeline(entries as unknown as Readable, createGzip(), createWriteStream(file));
  const store = await readArchive(file);
  assert.equal(store.list(), ['a.txt', 'good', 'hop']);
  assert.equal(store.leftOut.map(({ path }) => path).sort(), ['folder', 'gone', 'hard', 'one', 'two']);
  await store.close();
});

test('files that are more than the bound together are refused, with the way out', async ({ file }) => {
  try {
    await readArchive(file, 1_000_000);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, HoistError);
    assert.match((error as HoistError).message, 'unpacked, it has more than');
    assert.match((error as HoistError).hint ?? '', '--max-unpacked');
  }
});

test('within it all of them are there', async ({ file }) => {
  const store = await readArchive(file, maxUnpacked({ 'max-unpacked': '2MB' }));
  assert.equal(store.list(), ['a', 'b']);
  await store.close();
});

test('a size that is none is refused', () => {
  assert.is(maxUnpacked({ 'max-unpacked': undefined }), undefined);
  assert.is(maxUnpacked({ 'max-unpacked': '8GiB' }), 8 * 2 ** 30);
  assert.throws(
    () => maxUnpacked({ 'max-unpacked': 'much' }),
    (error: unknown) => error instanceof UsageError && error.message.includes('like 8GiB, not "much"'),
  );
});

test.run();
