import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bundleTests } from './bundle.ts';
import { root } from '../bench/harness/hoist.ts';

const bundling = suite('the bundle of the tests');

bundling('a module in it finds the files of the project as if it were where it was written', async () => {
  const bundle = await bundleTests(['bench/harness/hoist.ts']);
  try {
    const file = bundle.fileOf('bench/harness/hoist.ts');
    const bundled = (await import(pathToFileURL(file).href)) as { root: string };
    assert.is(bundled.root, root);
    assert.not(file.startsWith(`${root}bench`));
  } finally {
    await bundle.remove();
  }
});

bundling('two runs do not share a folder, and what is removed is the own one', async () => {
  const [one, other] = await Promise.all([bundleTests(['test/guard.ts']), bundleTests(['test/guard.ts'])]);
  const files = [one.fileOf('test/guard.ts'), other.fileOf('test/guard.ts')];
  await one.remove();
  assert.equal(files.map(existsSync), [false, true]);
  await other.remove();
  assert.not(existsSync(dirname(files[1] ?? '')));
});

bundling('a file that does not exist is an error, not a run without it', async () => {
  const error = await bundleTests(['test/none.test.ts']).catch((thrown: unknown) => thrown);
  assert.instance(error, Error);
  assert.match(String(error), 'test/none.test.ts');
});

bundling.run();
