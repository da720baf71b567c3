// Bundles that are written and read back: nothing raw on disk, no path that leads out, no file lost to another.

import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createRedactor } from '../../../scripts/base/redact/redactor.ts';
import { ArchiveWriter, readArchive } from '../../../scripts/support/bundle/archive.ts';
import { BundleWriter } from '../../../scripts/support/bundle/writer.ts';
import type { Redactor } from '../../../scripts/support/types.ts';

const bundle = suite<{ folder: string }>('bundle', { folder: '' });
bundle.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'bundle-test-'));
});
bundle.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

/** Turns a letter into another, and fails for paths that say so. */
const redactor: Redactor = {
  stream: (path) =>
    new Transform({
      transform(chunk: Buffer, _encoding, done) {
        if (path.includes('fails')) done(new Error('cannot be redacted'));
        else done(null, Buffer.from(chunk.toString('latin1').replaceAll('S', '*'), 'latin1'));
      },
    }),
  buffer(path, content) {
    if (path.includes('fails')) throw new Error('cannot be redacted');
    return Buffer.from(content.toString('latin1').replaceAll('S', '*'), 'latin1');
  },
};

async function written(
  folder: string,
  fill: (writer: BundleWriter) => Promise<void>,
): Promise<{ file: string; writer: BundleWriter }> {
  const file = join(folder, 'b.tar.gz');
  const archive = new ArchiveWriter(file, 'b', new Date(0));
  const writer = new BundleWriter({ redactor, archive, parent: folder });
  await fill(writer);
  await writer.finish();
  await archive.close();
  return { file, writer };
}

bundle('files of any size come back as they were redacted, links lead to them', async ({ folder }) => {
  const big = Buffer.alloc(3 << 20, 'aSb');
  const { file, writer } = await written(folder, async (sink) => {
    await Promise.all([
      sink.add({ path: 'a/small.txt', content: Buffer.from('one S two') }),
      sink.add({ path: 'logs/big.log', content: Readable.from([big.subarray(0, 1000), big.subarray(1000)]) }),
      sink.add({ path: 'a/empty', content: Buffer.alloc(0) }),
    ]);
    sink.link('app/pod/big.log', 'logs/big.log');
  });
  assert.is(statSync(file).mode & 0o777, 0o600);
  const back = await readArchive(file);
  assert.equal(back.list(), ['a/empty', 'a/small.txt', 'app/pod/big.log', 'logs/big.log']);
  assert.is((await back.read('a/small.txt'))?.toString(), 'one * two');
  assert.is((await back.read('app/pod/big.log'))?.length, big.length);
  assert.is(writer.reader.list().length, 4);
  await Promise.all([back.close(), writer.close()]);
  assert.not.ok(gunzipSync(readFileSync(file)).subarray(0).includes('aSb'));
  assert.equal(readdirSync(folder), ['b.tar.gz']);
});

bundle('what cannot be redacted is left out and named, and so are links to it', async ({ folder }) => {
  const { file, writer } = await written(folder, async (sink) => {
    await sink.add({ path: 'fails/a', content: Buffer.from('S') });
    await sink.add({ path: 'fails/b', content: Readable.from([Buffer.from('S')]) });
    await sink.add({
      path: 'broken',
      content: Readable.from(
        (async function* () {
          yield await Promise.resolve(Buffer.from('half'));
          throw new Error('the connection broke');
        })(),
        { objectMode: false },
      ),
    });
    sink.link('to', 'fails/a');
    await sink.add({ path: 'good', content: Buffer.from('x') });
  });
  const back = await readArchive(file);
  assert.equal(back.list(), ['good']);
  assert.equal(
    writer.leftOut.map(({ path, reason }) => `${path}: ${reason}`),
    [
      'fails/a: cannot be redacted',
      'fails/b: cannot be redacted',
      'broken: the connection broke',
      'to: a link to fails/a, which is not there',
    ],
  );
  await writer.close();
});

bundle('two files of one path both stay, and no path leads out', async ({ folder }) => {
  const { file, writer } = await written(folder, async (sink) => {
    assert.is(await sink.add({ path: 'a/x.json', content: Buffer.from('1') }), 'a/x.json');
    assert.is(await sink.add({ path: '/a//x.json', content: Buffer.from('2') }), 'a/x-2.json');
    assert.is(await sink.add({ path: '../../etc/pass\u0000wd', content: Buffer.from('3') }), 'etc/pass_wd');
    assert.is(await sink.add({ path: '..', content: Buffer.from('4') }), 'unnamed');
  });
  const back = await readArchive(file);
  assert.equal(back.list(), ['a/x-2.json', 'a/x.json', 'etc/pass_wd', 'unnamed']);
  await writer.close();
});

bundle('a secret in the name of a file is hidden there too, and two of them stay two files', async ({ folder }) => {
  const redactor = createRedactor({ values: ['hunter22-planted'] });
  const file = join(folder, 'named.tar.gz');
  const archive = new ArchiveWriter(file, 'b', new Date(0));
  const writer = new BundleWriter({ redactor, archive });
  const first = await writer.add({ path: 'a/hunter22-planted.json', content: Buffer.from('1') });
  await writer.add({ path: 'a/hunter22-planted.json', content: Buffer.from('2') });
  await writer.add({ path: 'secrets/one/db-password/token.json', content: Buffer.from('3') });
  writer.link('of-hunter22-planted', first ?? '');
  await writer.finish();
  await archive.close();
  const names = (await readArchive(file)).list();
  assert.not.match(names.join(), 'hunter22');
  assert.is(names.length, 4);
  assert.ok(names.includes('secrets/one/db-password/token.json'), names.join());
  await writer.close();
});

bundle('what is no bundle is said to be none', async ({ folder }) => {
  const { writeFileSync } = await import('node:fs');
  const file = join(folder, 'x.tar.gz');
  writeFileSync(file, 'not gzip');
  await readArchive(file).then(
    () => assert.unreachable(),
    (error: unknown) => assert.match((error as Error).message, /x\.tar\.gz cannot be read as a support bundle/),
  );
});

bundle.run();
