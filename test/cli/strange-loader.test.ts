// A tsconfig.json of a strange folder is noticed, and the same command runs without it.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runWithoutTsconfig, strangeTsconfig } from '../../scripts/cli/strange-loader.ts';

const test = suite<{ folder: string }>('cli/strange-loader');
test.before.each((context) => void (context.folder = mkdtempSync(join(tmpdir(), 'hoist-loader-'))));
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test('the nearest tsconfig.json counts, where it is not that of hoist', ({ folder }) => {
  const deep = join(folder, 'a/b');
  mkdirSync(deep, { recursive: true });
  assert.is(strangeTsconfig('up.ts', deep), undefined);
  const file = join(folder, 'tsconfig.json');
  writeFileSync(file, '{}');
  for (const cwd of [folder, deep]) assert.is(strangeTsconfig('up.ts', cwd), file);
  writeFileSync(join(folder, 'a/tsconfig.json'), '{}');
  assert.is(strangeTsconfig('up.ts', deep), join(folder, 'a/tsconfig.json'));
  symlinkSync(ROOT, join(folder, 'link'));
  for (const cwd of [ROOT, join(ROOT, 'scripts'), join(folder, 'link')])
    assert.is(strangeTsconfig('up.ts', cwd), undefined, cwd);
});

test('what brings its own loader, and a file that is named, are not touched', ({ folder }) => {
  writeFileSync(join(folder, 'tsconfig.json'), '{}');
  for (const script of [undefined, 'bin/hoist', 'hoist.mjs']) assert.is(strangeTsconfig(script, folder), undefined);
  process.env['TSX_TSCONFIG_PATH'] = '/x';
  try {
    assert.is(strangeTsconfig('up.ts', folder), undefined);
  } finally {
    delete process.env['TSX_TSCONFIG_PATH'];
  }
});

test('the command runs in a process of its own, whose code is handed on; no handler is left', async () => {
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
  const handlers = (): number[] => names.map((name) => process.listenerCount(name));
  const before = handlers();
  const running = runWithoutTsconfig('no-such-command', []);
  assert.equal(
    handlers(),
    before.map((count) => count + 1),
  );
  assert.is(await running, 2);
  assert.equal(handlers(), before);
});

test.run();
