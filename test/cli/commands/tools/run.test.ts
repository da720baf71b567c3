// `hoist tools`: what is pinned and what is installed, and names that are none.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Place, createPlace } from '../../invoke.ts';

const test = suite<Place>('cli/commands/tools/run');
test.before.each((context) => void Object.assign(context, createPlace()));
test.after.each((context) => context.close());

test('what is pinned, and what is installed of it', async ({ invoke }) => {
  const text = await invoke('tools', []);
  assert.is(text.code, 0);
  assert.match(text.stdout, /^tool {21}pinned {3}found\n/);
  assert.match(text.stdout, /^kube-apiserver +v?\d\S* +/m);
  const { tools } = JSON.parse((await invoke('tools', ['list', '--output', 'json'])).stdout) as {
    tools: { name: string }[];
  };
  assert.ok(tools.some(({ name }) => name === 'etcd'));
  assert.match(
    (await invoke('tools', ['fetch', 'kubectll'])).error,
    /there is no tool "kubectll"; (did you mean|there are: )/,
  );
  assert.match((await invoke('tools', ['prun'])).error, 'tools cannot "prun"; did you mean "prune"?');
  const pruned = await invoke('tools', ['prune']);
  assert.equal([pruned.code, pruned.stdout.startsWith('0 removed, 0')], [0, true], pruned.stdout);
  const json = JSON.parse((await invoke('tools', ['prune', '--output', 'json'])).stdout) as object;
  assert.equal(json, { type: 'pruned', removed: [], busy: [] });
});

test.run();
