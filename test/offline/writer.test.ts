// Writing offline bundles: whole or not at all, and an interrupted save is taken up again.

import {
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { partsOf } from '../../scripts/offline/manifest.ts';
import { BundleReader } from '../../scripts/offline/reader.ts';
import { BundleWriter, partialOf } from '../../scripts/offline/writer.ts';
import { archive, manifestMember, manifestOf, partMember, partOf, sha256 } from './bundle.ts';

const writing = suite<{ folder: string; file: string }>('offline bundles are written', { folder: '', file: '' });

writing.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-offline-'));
  context.file = join(context.folder, 'b');
});
writing.after.each(({ folder }) => {
  rmSync(folder, { recursive: true, force: true });
});

// eslint-disable-next-line @typescript-eslint/require-await -- content comes from streams elsewhere
async function* content(...chunks: string[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

const finish = (writer: BundleWriter, ...contents: string[]): Promise<{ digest: string; bytes: number }> => {
  const manifest = manifestOf({ files: contents.map((text, at) => ({ path: `f${at}`, ...partOf(text) })) });
  return writer.finish(JSON.stringify(manifest), new Set(partsOf(manifest, 'b').keys()));
};

async function contentsOf(file: string): Promise<string[]> {
  const bundle = await BundleReader.open(file);
  const texts: string[] = [];
  for (const { sha256: digest } of bundle.manifest.files) {
    let text = '';
    for await (const chunk of bundle.read(digest)) text += chunk.toString();
    texts.push(text);
  }
  await bundle.close();
  return texts;
}

writing('what was written is read again, the same content once', async ({ file, folder }) => {
  const writer = await BundleWriter.open(file);
  assert.equal(await writer.add(content('a', 'b')), partOf('ab'));
  await writer.add(content(''));
  await writer.add(content('ab'));
  await writer.add(content('x'.repeat(512)));
  const { digest, bytes } = await finish(writer, 'ab', '', 'ab', 'x'.repeat(512));
  assert.equal(await contentsOf(file), ['ab', '', 'ab', 'x'.repeat(512)]);
  assert.is(statSync(file).size, bytes);
  // Byte for byte, so that the same content is the same file at any time.
  const named = ['ab', '', 'ab', 'x'.repeat(512)].map((text, at) => ({ path: `f${at}`, ...partOf(text) }));
  const members = ['ab', '', 'x'.repeat(512)].map(partMember);
  assert.ok(readFileSync(file).equals(archive(...members, manifestMember(manifestOf({ files: named })))));
  assert.is(statSync(file).mode & 0o777, 0o600);
  assert.equal(readdirSync(folder), ['b']);
  const reader = await BundleReader.open(file);
  assert.is(reader.digest, digest);
  await reader.close();
});

writing('a save that is cut anywhere goes on with the whole parts', async ({ file }) => {
  const parts = ['first', 'second'.repeat(200), 'third'];
  const begun = await BundleWriter.open(file);
  for (const part of parts) await begun.add(content(part));
  await begun.interrupt();
  const whole = readFileSync(partialOf(file));
  for (let length = 0; length <= whole.length; length += 256) {
    writeFileSync(partialOf(file), whole);
    truncateSync(partialOf(file), length);
    const writer = await BundleWriter.open(file);
    assert.is(writer.resumed, parts.filter((part) => writer.has(sha256(part))).length);
    for (const part of parts) if (!writer.has(sha256(part))) await writer.add(content(part));
    await finish(writer, ...parts);
    assert.equal(await contentsOf(file), parts);
  }
});

writing('what a crash left half, or somebody changed, is not taken for a part', async ({ file }) => {
  const begun = await BundleWriter.open(file);
  await begun.add(content('first'));
  await begun.add(content('second'));
  await begun.interrupt();
  const bytes = readFileSync(partialOf(file));
  bytes[512] = 0;
  writeFileSync(partialOf(file), bytes);
  const writer = await BundleWriter.open(file);
  assert.is(writer.resumed, 0);
  await writer.add(content('other'));
  await finish(writer, 'other');
  assert.equal(await contentsOf(file), ['other']);
});

writing('parts of an interrupted save of other settings are left out', async ({ file, folder }) => {
  const begun = await BundleWriter.open(file);
  await begun.add(content('private'));
  await begun.add(content('kept'));
  await begun.interrupt();
  const writer = await BundleWriter.open(file);
  await writer.add(content('new'));
  await finish(writer, 'kept', 'new');
  assert.equal(await contentsOf(file), ['kept', 'new']);
  assert.not.ok(readFileSync(file).includes('private'));
  assert.equal(readdirSync(folder), ['b']);
});

writing('where the parts that stay cannot be copied nothing is left of the copy', async ({ file, folder }) => {
  const begun = await BundleWriter.open(file);
  await begun.add(content('private'));
  await begun.add(content('kept'));
  await begun.interrupt();
  const writer = await BundleWriter.open(file);
  truncateSync(partialOf(file), 0);
  try {
    await finish(writer, 'kept');
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), /become shorter/);
  }
  await writer.interrupt();
  assert.equal(readdirSync(folder), ['.b.partial']);
});

writing('how far it is, is reported in bytes of content', async ({ file }) => {
  const writer = await BundleWriter.open(file);
  const seen: number[] = [];
  writer.onBytes = (done) => void seen.push(done);
  await writer.add(content('ab', 'c'));
  await writer.add(content('de'));
  assert.equal(seen, [2, 3, 5]);
  await writer.interrupt();
});

// Only root can make a file another user's.
(process.getuid?.() === 0 ? writing : writing.skip)("what is another user's is not written to", async ({ file }) => {
  writeFileSync(partialOf(file), '');
  chownSync(partialOf(file), 12_345, 12_345);
  try {
    await BundleWriter.open(file);
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), /is another user's/);
  }
});

writing('content that breaks off leaves the file as it was', async ({ file }) => {
  const first = await BundleWriter.open(file);
  await first.add(content('old'));
  await finish(first, 'old');
  const writer = await BundleWriter.open(file);
  await writer.add(content('new'));
  // eslint-disable-next-line @typescript-eslint/require-await -- content comes from streams elsewhere
  async function* broken(): AsyncGenerator<Buffer> {
    yield Buffer.from('half');
    throw new Error('the engine broke off');
  }
  try {
    await writer.add(broken());
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), /broke off/);
  }
  await writer.interrupt();
  assert.equal(await contentsOf(file), ['old']);
  assert.ok(existsSync(partialOf(file)));
  const again = await BundleWriter.open(file);
  assert.is(again.resumed, 1);
  await finish(again, 'new');
  assert.equal(await contentsOf(file), ['new']);
});

writing('parts of another bundle are copied, damaged ones are not', async ({ file, folder }) => {
  const first = await BundleWriter.open(file);
  await first.add(content('kept'));
  await finish(first, 'kept');
  const old = await BundleReader.open(file);
  const other = join(folder, 'other');
  const writer = await BundleWriter.open(other);
  await writer.reuse(old, partOf('kept'));
  await finish(writer, 'kept');
  assert.equal(await contentsOf(other), ['kept']);
  const bytes = readFileSync(file);
  bytes[512] = 0;
  writeFileSync(file, bytes);
  const third = await BundleWriter.open(join(folder, 'third'));
  try {
    await third.reuse(old, partOf('kept'));
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), /not what its manifest says/);
  }
  await third.interrupt();
  await old.close();
});

writing.run();
