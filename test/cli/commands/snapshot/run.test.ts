// `hoist snapshot` where there are none: what it says, and how many names its actions take.

import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ClusterPlan } from '../../../../scripts/plan/plan.ts';
import type { SnapshotManifest } from '../../../../scripts/providers/snapshots/manifest.ts';
import type { Entry } from '../../../../scripts/providers/snapshots/records.ts';
import { SnapshotStore } from '../../../../scripts/providers/snapshots/store.ts';
import { type Place, createPlace } from '../../invoke.ts';

const test = suite<Place>('cli/commands/snapshot/run');
test.before.each((context) => void Object.assign(context, createPlace()));
test.after.each((context) => context.close());

test('a list of none, and how many names each action takes', async ({ invoke }) => {
  assert.match((await invoke('snapshot', [])).stdout, 'there are no snapshots; `hoist snapshot save NAME` makes one');
  const json = await invoke('snapshot', ['list', '--output', 'json']);
  assert.equal(JSON.parse(json.stdout), { type: 'snapshots', snapshots: [], damaged: [] });
  assert.match((await invoke('snapshot', ['list', 'x'])).error, '`hoist snapshot list` takes no names');
  for (const action of ['save', 'restore'])
    for (const names of [[], ['a', 'b']])
      assert.match(
        (await invoke('snapshot', [action, ...names])).error,
        `\`hoist snapshot ${action}\` takes the name of one snapshot`,
      );
  assert.match((await invoke('snapshot', ['remove'])).error, 'takes the names of snapshots');
  assert.match((await invoke('snapshot', ['lst'])).error, 'snapshot cannot "lst"; did you mean "list"?');
  const gone = await invoke('snapshot', ['remove', 'gone']);
  assert.is.not(gone.error, '');
});

async function* pages(): AsyncGenerator<Entry[]> {
  yield await Promise.resolve([{ key: '/registry/a', value: Buffer.from('v') }]);
}

const saved = (folder: string, name: string): Promise<SnapshotManifest> => {
  const plan = { name: 'dev', nodes: [], components: {} } as unknown as ClusterPlan;
  const described = { cluster: 'dev', provider: 'embedded' as const, kubernetes: '1.36.3', identity: 'me', plan };
  return new SnapshotStore(join(folder, 'state/hoist')).save(name, described, pages());
};

test('those that there are, and what is damaged beside them', async ({ invoke, folder, write }) => {
  await saved(folder, 'clean');
  write('state/hoist/snapshots/odd/snapshot.json', '{');
  const { stdout, stderr, code } = await invoke('snapshot', ['list']);
  assert.equal([code, stdout.split('\n').length], [0, 3]);
  assert.match(stdout, /^snapshot {2}cluster {2}kubernetes {2}objects {2}size +age\nclean +dev +1\.36\.3 +1 +/);
  assert.match(stderr, /^warning: the snapshot "odd" cannot be used: /);
  const json = JSON.parse((await invoke('snapshot', ['-o', 'json'])).stdout) as Record<string, { name: string }[]>;
  assert.equal(
    [json['snapshots']?.map(({ name }) => name), json['damaged']?.map(({ name }) => name)],
    [['clean'], ['odd']],
  );
});

test('several go at once, as lines, as JSON, or without a word', async ({ invoke, folder }) => {
  for (const name of ['a', 'b', 'c', 'd']) await saved(folder, name);
  const two = await invoke('snapshot', ['remove', 'a', 'b']);
  assert.equal([two.code, two.stdout], [0, 'removed snapshot "a"\nremoved snapshot "b"\n']);
  assert.is((await invoke('snapshot', ['remove', 'c', '--quiet'])).stdout, '');
  const json = await invoke('snapshot', ['remove', 'd', '--quiet', '-o', 'json']);
  assert.equal(JSON.parse(json.stdout), { type: 'snapshot.removed', names: ['d'] });
  assert.match((await invoke('snapshot', ['remove', 'a'])).error, 'there is no snapshot "a"');
});

test('a snapshot of nothing, and a restore of none', async ({ invoke, folder }) => {
  assert.match((await invoke('snapshot', ['save', 'x'])).error, /"dev"/);
  assert.match((await invoke('snapshot', ['restore', 'x'])).error, 'there is no snapshot "x"; there are none');
  await saved(folder, 'clean');
  assert.match((await invoke('snapshot', ['restore', 'x'])).error, 'there is no snapshot "x"; there are: clean');
});

test.run();
