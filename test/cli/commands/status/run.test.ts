// `hoist status` where there are no clusters.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Place, createPlace } from '../../invoke.ts';

const test = suite<Place>('cli/commands/status/run');
test.before.each((context) => void Object.assign(context, createPlace()));
test.after.each((context) => context.close());

test('nothing is healthy enough', async ({ invoke }) => {
  const text = await invoke('status', []);
  assert.equal([text.code, text.stdout], [0, 'there are no clusters; `hoist up` makes one\n']);
  const json = await invoke('status', ['--output', 'json']);
  assert.equal(JSON.parse(json.stdout), { type: 'status', clusters: [] });
  const { code, error } = await invoke('status', ['gone']);
  assert.is.not(code, 0);
  assert.match(error, '"gone"');
});

test.run();
