// Images of a bundle: asked for once, kept from the last bundle where they are the same, and from a save that was cut off.

import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addImages, forgetNotes } from '../../../scripts/cluster/bundle/image-parts.ts';
import { BundleWriter } from '../../../scripts/offline/writer.ts';
import type { ImageArchive } from '../../../scripts/providers/provider.ts';
import { archive as tar, manifestOf } from '../../offline/bundle.ts';

const test = suite<{ folder: string }>('cluster/bundle/image-parts');
test.before.each((context) => void (context.folder = mkdtempSync(join(tmpdir(), 'hoist-parts-'))));
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

/** One archive of a file that holds the names; `asked` gets them when it is read. */
function archive(asked: string[], names: string, digest = 'd', into: ImageArchive['into'] = 'engine'): ImageArchive {
  return {
    into,
    images: names.split('+').map((name) => ({ name, digest })),
    content: async function* () {
      asked.push(names);
      yield await Promise.resolve(tar({ name: 'layer', content: `${into} ${names} ${digest}` }));
    },
  };
}

/** Saves as far as images go; a save that is cut off ends before the bundle is whole. */
async function save(
  path: string,
  archives: readonly ImageArchive[],
  whole = true,
): Promise<{ reused: number; files: number[] }> {
  const writer = await BundleWriter.open(path);
  try {
    const { images, reused } = await addImages(writer, archives, path, new AbortController().signal);
    if (whole) {
      const named = new Set(images.flatMap(({ files }) => files.map(({ sha256 }) => sha256)));
      await writer.finish(JSON.stringify(manifestOf({ images })), named);
      await forgetNotes(path);
    }
    return { reused, files: images.map(({ files }) => files.length) };
  } finally {
    await writer.interrupt();
  }
}

test('an archive is asked for again only where its images, their digests or their place are others', async ({
  folder,
}) => {
  const path = join(folder, 'b.tar');
  const asked: string[] = [];
  assert.equal(await save(path, [archive(asked, 'a+b'), archive(asked, 'c', 'd', 'nodes')]), {
    reused: 0,
    files: [1, 1],
  });
  // The order of the images is none of the archive.
  const again = [archive(asked, 'b+a'), archive(asked, 'c', 'new', 'nodes'), archive(asked, 'c', 'd', 'engine')];
  assert.equal(await save(path, again), { reused: 1, files: [1, 1, 1] });
  assert.equal(asked, ['a+b', 'c', 'c', 'c']);
});

test('a save that was cut off goes on with what it has, and leaves nothing when it is whole', async ({ folder }) => {
  const path = join(folder, 'b.tar');
  const asked: string[] = [];
  const cut = archive(asked, 'cut');
  cut.content = async function* () {
    yield await Promise.reject<Buffer>(new Error('cut off'));
  };
  await save(path, [archive(asked, 'a'), cut], false).catch(() => undefined);
  const notes = join(folder, '.b.tar.partial.json');
  assert.is((JSON.parse(readFileSync(notes, 'utf8')) as unknown[]).length, 1);
  assert.is(statSync(notes).mode & 0o777, 0o600);
  assert.equal(await save(path, [archive(asked, 'a'), archive(asked, 'b')]), { reused: 1, files: [1, 1] });
  assert.equal([asked, existsSync(notes)], [['a', 'b'], false]);
});

test('notes without their parts, notes that are none, and a damaged bundle count for nothing', async ({ folder }) => {
  const path = join(folder, 'b.tar');
  const asked: string[] = [];
  await save(path, [archive(asked, 'a')], false);
  rmSync(join(folder, '.b.tar.partial'));
  assert.equal(await save(path, [archive(asked, 'a')]), { reused: 0, files: [1] });
  writeFileSync(join(folder, '.b.tar.partial.json'), 'not JSON');
  const bytes = readFileSync(path);
  bytes.write('other', bytes.indexOf('engine a'));
  writeFileSync(path, bytes);
  assert.equal(await save(path, [archive(asked, 'a')]), { reused: 0, files: [1] });
  assert.equal(asked, ['a', 'a', 'a']);
});

test('without images nothing is written', async ({ folder }) => {
  assert.equal(await save(join(folder, 'b.tar'), [], false), { reused: 0, files: [] });
  assert.not(existsSync(join(folder, '.b.tar.partial.json')));
});

test.run();
