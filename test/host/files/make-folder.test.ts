// Folders and those above them: made, found, refused, and never waited for.

import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeFolder } from '../../../scripts/host/files/make-folder.ts';

const test = suite<{ folder: string }>('host/files/make-folder');
test.before.each((context) => void (context.folder = mkdtempSync(join(tmpdir(), 'hoist-folder-'))));
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const codeOf = (made: Promise<void>): Promise<unknown> =>
  made.then(
    () => 'made',
    (error: unknown) => (error as NodeJS.ErrnoException).code,
  );
const modeOf = (path: string): number => statSync(path).mode & 0o777;

test('all that is missing is made with the mode, what exists keeps its own', async ({ folder }) => {
  mkdirSync(join(folder, 'a'), { mode: 0o755 });
  await makeFolder(join(folder, 'a/b/c'), 0o700);
  await makeFolder(join(folder, 'a'), 0o700);
  await makeFolder('/');
  assert.equal(
    ['a', 'a/b', 'a/b/c'].map((path) => modeOf(join(folder, path))),
    [0o755, 0o700, 0o700],
  );
});

test('many at once, and behind a link to a folder', async ({ folder }) => {
  symlinkSync(folder, join(folder, 'link'));
  for (let round = 0; round < 50; round++) {
    const all = ['x', 'x/y', 'x/y/z', 'x/y/z/a', 'x/y/z/b'].map((path) =>
      makeFolder(join(folder, 'link', `${round}`, path)),
    );
    await Promise.all(all);
    assert.ok(statSync(join(folder, `${round}/x/y/z/b`)).isDirectory());
  }
});

test('a file, a file above, and a link that leads nowhere', async ({ folder }) => {
  writeFileSync(join(folder, 'file'), '');
  symlinkSync(join(folder, 'none/at/all'), join(folder, 'link'));
  assert.is(await codeOf(makeFolder(join(folder, 'file'))), 'EEXIST');
  assert.is(await codeOf(makeFolder(join(folder, 'file/x/y'))), 'ENOTDIR');
  assert.is(await codeOf(makeFolder(join(folder, 'link'))), 'EEXIST');
});

const onLinux = process.platform === 'linux' ? test : test.skip;
onLinux('below /proc nothing can be made, which is said at once', async () => {
  for (const path of ['/proc/hoist', '/proc/hoist/a/b', '/proc/self/hoist/a'])
    assert.is(await codeOf(makeFolder(path)), 'ENOENT', path);
});

test("nothing in scripts/ makes folders with Node's recursive mkdir", () => {
  const scripts = fileURLToPath(new URL('../../../scripts', import.meta.url));
  const found = readdirSync(scripts, { recursive: true, encoding: 'utf8' }).filter(
    (file) =>
      file.endsWith('.ts') && /\bmkdir(?:Sync)?\([^;]*\brecursive\b/.test(readFileSync(join(scripts, file), 'utf8')),
  );
  assert.equal(found, []);
});

test.run();
