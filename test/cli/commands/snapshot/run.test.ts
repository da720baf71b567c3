// `hoist snapshot` where there are none: what it says, and how many names its actions take.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
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

test.run();
