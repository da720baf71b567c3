// The files that `up --init` writes: never over others, and good as they are.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { initProject } from '../../../scripts/services/custom/init.ts';
import { loadSettings } from '../../../scripts/settings/load.ts';
import { readSettingsFile } from '../../../scripts/settings/yaml.ts';
import { type Bench, createBench } from './workbench.ts';

const init = suite<{ bench: Bench }>('init', { bench: undefined as unknown as Bench });

init.before.each((context) => {
  context.bench = createBench();
});
init.after.each(({ bench }) => bench.close());

init('writes settings that are valid and a step that runs', async ({ bench }) => {
  const settings = join(bench.folder, 'config/cluster.yaml');
  const example = join(bench.folder, 'steps/example.ts');
  assert.equal(await initProject(settings), [
    { path: settings, written: true },
    { path: example, written: true },
  ]);
  const loaded = await loadSettings({ file: await readSettingsFile(settings, 'c.yaml'), env: {}, flags: {} });
  assert.equal(loaded.settings.namespaces, ['development']);
  const { lines, error } = await bench.play({ others: [{ name: 'health/api', run: () => undefined }] });
  assert.is(error, undefined);
  assert.equal(lines['steps/example'], ['hoist-dev has the namespaces a, b', 'a kubeconfig is at /the/kubeconfig']);
  const types = /import type .* from '(.*)'/.exec(readFileSync(example, 'utf8'))?.[1] ?? '';
  assert.ok(existsSync(resolve(dirname(example), types)), 'its types are found from where it stands');
});

init('leaves what is there', async ({ bench }) => {
  const settings = bench.write('my.yaml', 'name: mine\n');
  bench.write('steps/example.ts', '// mine\n');
  const results = await initProject(settings);
  assert.equal(
    results.map(({ written }) => written),
    [false, false],
  );
  assert.is(readFileSync(settings, 'utf8'), 'name: mine\n');
  assert.is(readFileSync(join(bench.folder, 'steps/example.ts'), 'utf8'), '// mine\n');
});

init.run();
