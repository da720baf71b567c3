// Reading offline bundles: what is whole is read, and whatever is not is refused before anything is used.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { draws } from '../draws.ts';
import { HoistError } from '../../scripts/base/errors.ts';
import { isPartPath } from '../../scripts/offline/manifest.ts';
import { BundleReader } from '../../scripts/offline/reader.ts';
import { tarHeader } from '../../scripts/host/files/tar-header.ts';
import {
  type Member,
  archive,
  manifestMember,
  manifestOf,
  partMember,
  partOf,
  sha256,
  refusal,
  writeArchive,
} from './bundle.ts';

const reading = suite<{ folder: string }>('offline bundles are read', { folder: '' });

reading.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-offline-'));
});
reading.after.each(({ folder }) => {
  rmSync(folder, { recursive: true, force: true });
});

const CONTENT = 'kind: ConfigMap\n';
const files = [{ path: 'manifests-0.yaml', ...partOf(CONTENT) }];
const good = (): Member[] => [partMember(CONTENT), manifestMember(manifestOf({ files }))];

const refused = (folder: string, ...members: Member[]): Promise<string> =>
  refusal(BundleReader.open(writeArchive(join(folder, 'b'), ...members)));

reading('a whole one is read, and tar reads it too', async ({ folder }) => {
  const path = writeArchive(join(folder, 'b'), ...good());
  const bundle = await BundleReader.open(path);
  await bundle.verify();
  const chunks: Buffer[] = [];
  for await (const chunk of bundle.read(sha256(CONTENT))) chunks.push(chunk);
  assert.is(Buffer.concat(chunks).toString(), CONTENT);
  assert.is(bundle.digest, sha256(JSON.stringify(manifestOf({ files }))));
  await bundle.close();
  const listed = execFileSync('tar', ['tf', path], { encoding: 'utf8' });
  assert.equal(listed.trim().split('\n'), [`parts/sha256/${sha256(CONTENT)}`, 'hoist-bundle.json']);
});

reading('a part that is read in several goes is read to its end, and no further', async ({ folder }) => {
  const large = 'x'.repeat(2 ** 21 + 5);
  const all = [
    { path: 'large', ...partOf(large) },
    { path: 'small', ...partOf(CONTENT) },
  ];
  const members = [partMember(large), partMember(CONTENT), manifestMember(manifestOf({ files: all }))];
  const bundle = await BundleReader.open(writeArchive(join(folder, 'b'), ...members));
  const lengths: number[] = [];
  for await (const chunk of bundle.read(sha256(large))) lengths.push(chunk.length);
  assert.equal(lengths, [2 ** 20, 2 ** 20, 5]);
  const bytes = large.length + CONTENT.length;
  assert.is(bundle.bytes, bytes);
  const seen: [number, number][] = [];
  await bundle.verify(undefined, { onProgress: (done, total) => void seen.push([done, total]) });
  assert.equal(seen.at(0), [2 ** 20, bytes]);
  assert.equal(seen.at(-1), [bytes, bytes]);
  seen.length = 0;
  const twice = [sha256(CONTENT), sha256(CONTENT)];
  await bundle.verify(twice, { onProgress: (done, total) => void seen.push([done, total]) });
  assert.equal(seen, [[CONTENT.length, CONTENT.length]]);
  assert.equal([bundle.has(sha256(CONTENT)), bundle.has(sha256('other'))], [true, false]);
  await bundle.close();
});

reading('a part that was changed is found by its digest', async ({ folder }) => {
  const path = writeArchive(join(folder, 'b'), ...good());
  const bytes = readFileSync(path);
  bytes[512] = (bytes[512] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  const bundle = await BundleReader.open(path);
  assert.match(await refusal(bundle.verify()), /not what its manifest says/);
  await bundle.close();
});

reading('one that is cut anywhere is refused', async ({ folder }) => {
  const whole = archive(...good());
  for (let length = 0; length < whole.length; length += 128) {
    const path = join(folder, `b${length}`);
    writeFileSync(path, whole);
    truncateSync(path, length);
    assert.match(await refusal(BundleReader.open(path)), /cannot be used as an offline bundle/);
  }
});

reading('a bit that is flipped anywhere is noticed', async ({ folder }) => {
  const whole = archive(...good());
  const path = join(folder, 'b');
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 1 }), fc.integer({ min: 0, max: 7 }), async (at, bit) => {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      writeFileSync(path, bytes);
      let bundle: BundleReader | undefined;
      try {
        bundle = await BundleReader.open(path);
        await bundle.verify();
        // In padding, say: then all that is read is as it was, or the digest tells that it is another bundle.
        return bundle.digest !== sha256(JSON.stringify(manifestOf({ files }))) || bundle.has(sha256(CONTENT));
      } catch (error) {
        return error instanceof HoistError;
      } finally {
        await bundle?.close();
      }
    }),
    { numRuns: draws(300) },
  );
});

reading('members and manifest must be the same', async ({ folder }) => {
  const [part, manifest] = good() as [Member, Member];
  assert.match(await refused(folder, manifest), /is not in it/);
  assert.match(await refused(folder, part, partMember('more'), manifest), /does not name/);
  assert.match(await refused(folder, part, part, manifest), /twice/);
  assert.match(await refused(folder, part, { name: '../../etc/passwd', content: '' }, manifest), /which no bundle has/);
  assert.match(await refused(folder, part, manifest, partMember('more')), /something follows/);
  assert.match(await refused(folder, part), /cut short/);
  const wrong = [{ path: 'a', sha256: sha256(CONTENT), bytes: CONTENT.length + 1 }];
  assert.match(await refused(folder, part, manifestMember(manifestOf({ files: wrong }))), /bytes, and its manifest/);
});

reading('sizes that a header makes up are not believed', async ({ folder }) => {
  const [, manifest] = good() as [Member, Member];
  assert.match(await refused(folder, { ...partMember(CONTENT), size: 8 ** 11 - 1 }, manifest), /no archive of one/);
  assert.match(
    await refused(folder, { name: 'hoist-bundle.json', content: '', size: 2 ** 30 }),
    /no archive|cut short/,
  );
});

reading('links, folders and other kinds of members are refused', async ({ folder }) => {
  const whole = archive(...good());
  for (const type of ['1', '2', '5', 'x', 'g', 'L']) {
    const bytes = Buffer.from(whole);
    const header = tarHeader(`parts/sha256/${sha256(CONTENT)}`, CONTENT.length, 0);
    header.write(type, 156, 'latin1');
    header.fill(' ', 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    header.copy(bytes, 0);
    const path = join(folder, 'b');
    writeFileSync(path, bytes);
    assert.match(await refusal(BundleReader.open(path)), /no archive of one/, type);
  }
});

reading('paths of a manifest that lead anywhere else are refused', async ({ folder }) => {
  const bad = ['/etc/x', '../x', 'a/../../x', 'a//b', './a', 'a/', '', 'a\\b', 'a\u0000b', 'a\nb', 'a'.repeat(256)];
  for (const path of bad) {
    const manifest = manifestOf({ files: [{ path, ...partOf(CONTENT) }] });
    assert.match(await refused(folder, partMember(CONTENT), manifestMember(manifest)), /manifest is wrong/, path);
  }
  const twice = manifestOf({ files: [...files, ...files] });
  assert.match(await refused(folder, partMember(CONTENT), manifestMember(twice)), /twice/);
  const both = manifestOf({ files: ['a/b', 'a'].map((path) => ({ path, ...partOf(CONTENT) })) });
  assert.match(await refused(folder, partMember(CONTENT), manifestMember(both)), /a file and a folder/);
});

reading('a path that is accepted stays below any folder', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom('..', '.', '', '/', 'a', '\\'), fc.string()), { maxLength: 6 }),
      (names) => {
        const path = names.join('/');
        return !isPartPath(path) || join('/x/y', path).startsWith('/x/y/');
      },
    ),
  );
});

reading('a manifest of another kind, format or shape is refused', async ({ folder }) => {
  assert.match(await refused(folder, manifestMember('{')), /not JSON/);
  assert.match(await refused(folder, manifestMember('null')), /manifest is wrong/);
  assert.match(await refused(folder, manifestMember({ ...manifestOf(), format: 2 })), /has the format 2/);
  assert.match(await refused(folder, manifestMember({ ...manifestOf(), kind: 'x' })), /manifest is wrong/);
  assert.match(await refused(folder, manifestMember({ ...manifestOf(), more: 1 })), /manifest is wrong/);
  const negative = { ...manifestOf(), files: [{ path: 'a', sha256: sha256(CONTENT), bytes: -1 }] };
  assert.match(await refused(folder, manifestMember(negative)), /manifest is wrong/);
});

reading('up to what a limit allows is read, and one more is not', async ({ folder }) => {
  const accepts = async (own: Parameters<typeof manifestOf>[0]): Promise<boolean> => {
    try {
      const path = writeArchive(join(folder, 'b'), partMember(CONTENT), manifestMember(manifestOf({ files, ...own })));
      await (await BundleReader.open(path)).close();
      return true;
    } catch (error) {
      assert.instance(error, HoistError);
      return false;
    }
  };
  const at = (path: string): typeof files => [{ path, ...partOf(CONTENT) }];
  const long = `${'abc/'.repeat(255)}abcd`;
  assert.equal([await accepts({ files: at(long) }), await accepts({ files: at(`${long}e`) })], [true, false]);
  assert.ok(await accepts({ files: at('a'.repeat(255)) }));
  assert.ok(await accepts({ hoist: '1' }));
  assert.equal([await accepts({ hoist: '1'.repeat(1024) }), await accepts({ hoist: '1'.repeat(1025) })], [true, false]);
  const way = (length: number) => ({ settings: { tree: {}, paths: [Array.from({ length }, () => 0)] } });
  assert.equal([await accepts(way(16)), await accepts(way(17))], [true, false]);
  const nested = (levels: number) => {
    let value: unknown = 1;
    for (let level = 0; level < levels; level++) value = [value];
    return { settings: { tree: { a: value }, paths: [] } };
  };
  assert.equal([await accepts(nested(96)), await accepts(nested(97))], [true, false]);
});

reading('zeros may follow as far as tar pads its records, and no further', async ({ folder }) => {
  const whole = archive(...good());
  const padded = async (bytes: number): Promise<string> => {
    const path = join(folder, 'b');
    writeFileSync(path, Buffer.concat([whole, Buffer.alloc(bytes)]));
    const opened = await BundleReader.open(path).catch((error: unknown) => String(error));
    if (typeof opened === 'string') return opened;
    await opened.close();
    return 'read';
  };
  assert.is(await padded(10_240), 'read');
  assert.match(await padded(10_241), /something follows/);
});

reading('a part that is not in it cannot be asked for', async ({ folder }) => {
  const bundle = await BundleReader.open(writeArchive(join(folder, 'b'), ...good()));
  assert.match(await refusal(bundle.verify([sha256('other')])), /it has no part/);
  await bundle.close();
});

reading('a manifest that is nested endlessly is refused before anything walks it', async ({ folder }) => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const text = JSON.stringify(manifestOf()).replace('"tree":{}', `"tree":{"a":${deep}}`);
  assert.match(await refused(folder, manifestMember(text)), /nested deeper/);
});

reading('what is no regular file is refused', async ({ folder }) => {
  mkdirSync(join(folder, 'd'));
  symlinkSync('/dev/zero', join(folder, 'z'));
  assert.match(await refusal(BundleReader.open(join(folder, 'd'))), /cannot be used/);
  assert.match(await refusal(BundleReader.open(join(folder, 'z'))), /no regular file/);
  assert.match(await refusal(BundleReader.open(join(folder, 'none'))), /no such file/);
});

reading.run();
