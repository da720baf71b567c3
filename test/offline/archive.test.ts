// Archives of images become parts and archives again; links of older engines become what they point at.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Header, extract, pack } from 'tar-stream';
import { archiveBytes, joinArchive, splitArchive } from '../../scripts/offline/archive.ts';
import { readArchiveList } from '../../scripts/offline/manifest.ts';
import { BundleReader } from '../../scripts/offline/reader.ts';
import { manifestMember, manifestOf, partMember, partOf, writeArchive } from './bundle.ts';

const archives = suite('archives of images');
const { signal } = new AbortController();

/** Keeps what was added. */
function keeper(): { texts: string[]; add: (content: AsyncIterable<Buffer>) => Promise<ReturnType<typeof partOf>> } {
  const texts: string[] = [];
  return {
    texts,
    async add(content) {
      let text = '';
      for await (const chunk of content) text += chunk.toString();
      texts.push(text);
      return partOf(text);
    },
  };
}

function tar(...entries: (Partial<Header> & { content?: string })[]): AsyncIterable<Buffer> {
  const archive = pack();
  for (const { content = '', ...header } of entries) archive.entry(header as Header, content);
  archive.finalize();
  return archive as AsyncIterable<Buffer>;
}

archives('files become parts, links what they point at, folders nothing', async () => {
  const { texts, add } = keeper();
  const files = await splitArchive(
    tar(
      { name: 'abc/', type: 'directory' },
      { name: 'def/layer.tar', type: 'symlink', linkname: '../abc/layer.tar' },
      { name: 'abc/layer.tar', content: 'layer' },
      { name: './manifest.json', content: '[]' },
    ),
    add,
    signal,
  );
  assert.equal(texts, ['layer', '[]']);
  assert.equal(
    files.map(({ path, bytes }) => [path, bytes]),
    [
      ['abc/layer.tar', 5],
      ['manifest.json', 2],
      ['def/layer.tar', 5],
    ],
  );
});

archives('names that lead elsewhere, and links to nothing, are refused', async () => {
  const refused = async (...entries: Partial<Header>[]): Promise<string> => {
    try {
      await splitArchive(tar(...entries), keeper().add, signal);
      return 'accepted';
    } catch (error) {
      return String(error);
    }
  };
  assert.match(await refused({ name: 'a/../../x' }), /cannot be kept/);
  assert.match(await refused({ name: 'a'.repeat(101) }), /cannot be kept/);
  assert.is(await refused({ name: 'a'.repeat(100) }), 'accepted');
  assert.match(await refused({ name: 'a', type: 'symlink', linkname: '/etc/passwd' }), /links to nothing/);
});

archives('a joined archive is what a tar reader reads', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-offline-'));
  const contents = { 'blobs/sha256/a': 'layer', 'index.json': '', 'x/y': 'z'.repeat(1024) };
  const files = Object.entries(contents).map(([path, content]) => ({ path, ...partOf(content) }));
  const images = [{ into: 'nodes' as const, images: [], files }];
  const parts = Object.values(contents).map(partMember);
  const bundle = await BundleReader.open(
    writeArchive(join(folder, 'b'), ...parts, manifestMember(manifestOf({ images }))),
  );
  const chunks: Buffer[] = [];
  for await (const chunk of joinArchive(bundle, files)) chunks.push(chunk);
  const whole = Buffer.concat(chunks);
  assert.is(whole.length, archiveBytes(files));
  const reader = extract();
  reader.end(whole);
  const read: Record<string, string> = {};
  for await (const entry of reader) {
    let text = '';
    for await (const chunk of entry) text += String(chunk);
    read[entry.header.name] = text;
    assert.is(entry.header.mtime.getTime(), 0, 'the same images are the same archive at any time');
  }
  assert.equal(read, contents);
  await bundle.close();
  rmSync(folder, { recursive: true });
});

archives('notes of an interrupted save that are damaged are none', () => {
  assert.equal(readArchiveList('{'), []);
  assert.equal(readArchiveList('[{"into":"nowhere"}]'), []);
  assert.equal(readArchiveList('[{"into":"nodes","images":[],"files":[{"path":"../x"}]}]'), []);
  assert.is(readArchiveList('[{"into":"nodes","images":[],"files":[]}]').length, 1);
  const named = (length: number): number => {
    const files = [{ path: 'a'.repeat(length), ...partOf('') }];
    return readArchiveList(JSON.stringify([{ into: 'nodes', images: [], files }])).length;
  };
  assert.equal([named(100), named(101)], [1, 0], 'an archive has no room for longer names');
});

archives.run();
