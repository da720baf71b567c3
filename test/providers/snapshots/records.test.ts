// The file of a snapshot's content: what is written is read, and nothing that was changed since.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CreationError } from '../../../scripts/base/errors.ts';
import { type Entry, readRecords, verifyRecords, writeRecords } from '../../../scripts/providers/snapshots/records.ts';
import { thrown } from '../../kube/helpers.ts';

const test = suite<{ folder: string; path: string }>('providers/snapshots/records');
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-records-'));
  context.path = join(context.folder, 'objects');
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

async function* paged(...pages: Entry[][]): AsyncGenerator<Entry[]> {
  for (const page of pages) yield await Promise.resolve(page);
}
const entry = (key: string, value: string | Buffer): Entry => ({ key, value: Buffer.from(value) });
async function all(path: string, content: Parameters<typeof readRecords>[1]): Promise<Entry[]> {
  const found: Entry[] = [];
  for await (const one of readRecords(path, content)) found.push(one);
  return found;
}

test('records come back in their order, also where they go over the border of two reads', async ({ path }) => {
  const entries = [
    entry('/a/ü', 'é'),
    entry('/empty', ''),
    entry('/large', Buffer.alloc(2.5 * 2 ** 20, 7)),
    entry('/last', 'x'),
  ];
  const content = await writeRecords(path, paged(entries.slice(0, 1), [], entries.slice(1)));
  const bytes = entries.reduce((sum, { key, value }) => sum + 8 + Buffer.byteLength(key) + value.length, 0);
  assert.equal([content.keys, content.bytes, statSync(path).size], [4, bytes, bytes]);
  assert.match(content.sha256, /^[0-9a-f]{64}$/);
  assert.equal(await all(path, content), entries);
  await verifyRecords(path, content);
  if (process.platform !== 'win32') assert.is(statSync(path).mode & 0o777, 0o600);
});

test('none at all', async ({ path }) => {
  const content = await writeRecords(path, paged());
  assert.equal([content.keys, content.bytes, await all(path, content)], [0, 0, []]);
});

test('a file that is there is not written over', async ({ path }) => {
  writeFileSync(path, 'mine');
  assert.is((await thrown(Error, writeRecords(path, paged()))).message.includes('EEXIST'), true);
  assert.is(readFileSync(path, 'utf8'), 'mine');
});

test('whatever was changed is found', async ({ path }) => {
  const content = await writeRecords(path, paged([entry('/a', 'one'), entry('/b', 'two')]));
  const good = readFileSync(path);
  const damaged = async (bytes: Buffer, own: object = {}): Promise<void> => {
    writeFileSync(path, bytes);
    const error = await thrown(CreationError, verifyRecords(path, { ...content, ...own }));
    assert.is(error.message, `${path} is not as it was written: its checksum is another one`);
  };
  const flipped = Buffer.from(good);
  flipped[flipped.length - 1] = 0;
  await damaged(flipped);
  await damaged(good.subarray(0, -1));
  await damaged(good.subarray(0, good.length / 2));
  await damaged(Buffer.concat([good, Buffer.from('x')]));
  await damaged(Buffer.concat([good, Buffer.from('x')]), { bytes: content.bytes + 1 });
  await damaged(good, { keys: 1 });
  await damaged(good, { keys: 3 });
  await damaged(good, { sha256: '0'.repeat(64) });
  const huge = Buffer.from(good);
  huge.writeUInt32BE(2 ** 31, 0);
  await damaged(huge);
  writeFileSync(path, good);
  await verifyRecords(path, content);
});

test.run();
