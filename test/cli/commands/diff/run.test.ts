// `hoist diff` of an existing cluster, in this process: its code, and what is shown.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ExistingPlace, configMap, onExisting } from '../../existing-place.ts';

const test = suite<ExistingPlace>('cli/commands/diff/run');
onExisting(test);

test('diff: the code says whether something differs, and --quiet leaves the last line', async (context) => {
  const { invoke, settings, write, lines, folder } = context;
  settings(`manifests: [${folder}/one.yaml]\n`);
  write('one.yaml', configMap('1'));
  await invoke('up', []);
  const same = await invoke('diff', []);
  assert.equal(
    [same.code, same.stdout],
    [0, 'cluster "ext" is as `up` would make it: 1 object and 0 releases compared\n'],
  );
  write('one.yaml', configMap('2'));
  const other = await invoke('diff', ['ext']);
  assert.is(other.code, 1, other.error);
  assert.is(other.stdout.split('\n').length, 4, other.stdout);
  assert.match(other.stdout, '    data.a: "1" → "2"\n');
  assert.is((await invoke('diff', ['--quiet'])).stdout.trim().split('\n').length, 1);
  const [json] = lines(await invoke('diff', ['--name', 'ext', '-o', 'json']));
  assert.equal([json?.['type'], json?.['different'], (json?.['objects'] as object[]).length], ['diff', true, 1]);
  assert.is((await invoke('diff', ['ext', '--name', 'ext'])).code, 1);
  assert.match(
    (await invoke('diff', ['ext', '--name', 'other'])).error,
    'the cluster is called "ext" and --name other',
  );
});

test.run();
