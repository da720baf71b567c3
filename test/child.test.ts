// How tests start processes on modules of the project: bundled where there is a bundle, through tsx else.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BUNDLED, childrenOf, moduleAt, programAt, scriptOf } from './child.ts';

const test = suite<{ folder: string; before: string | undefined }>('child');

test.before.each((context) => {
  context.before = process.env[BUNDLED];
  context.folder = mkdtempSync(join(tmpdir(), 'child-test-'));
});
test.after.each(({ folder, before }) => {
  if (before === undefined) Reflect.deleteProperty(process.env, BUNDLED);
  else process.env[BUNDLED] = before;
  rmSync(folder, { recursive: true, force: true });
});

const PATH = 'scripts/host/group.ts';

test('what was bundled is run as it is, anything else by tsx', ({ folder }) => {
  process.env[BUNDLED] = folder;
  const [, , source = ''] = programAt(PATH);
  assert.equal(programAt(PATH).slice(0, 2), ['--import', 'tsx']);
  assert.ok(source.endsWith(`/${PATH}`));
  assert.equal(scriptOf(`import { a } from ${moduleAt(PATH)};`).slice(0, 3), [
    '--import',
    'tsx',
    '--input-type=module',
  ]);
  mkdirSync(join(folder, 'scripts/host'), { recursive: true });
  const bundled = join(folder, 'scripts/host/group.mjs');
  writeFileSync(bundled, '');
  assert.equal(programAt(PATH), [bundled]);
  assert.is(moduleAt(PATH), `"file://${bundled}"`);
  const code = `import { a } from ${moduleAt(PATH)};`;
  assert.equal(scriptOf(code), ['--input-type=module', '-e', code]);
});

test('the files that a test starts are found in its text', () => {
  const starts = (name: string, path: string): string => `${name}('${path}')`;
  const text = `${starts('programAt', 'test/a.ts')} \${${starts('moduleAt', PATH)}} ${starts('other', 'b.ts')}`;
  assert.equal(childrenOf(text), ['test/a.ts', PATH]);
});

test.run();
