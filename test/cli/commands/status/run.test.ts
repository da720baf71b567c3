// `hoist status` where there are no clusters.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ExistingPlace, onExisting } from '../../existing-place.ts';
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

const existing = suite<ExistingPlace>('cli/commands/status/run: an existing cluster');
onExisting(existing);

existing('status: healthy or not by its code, and the last run of each cluster', async (context) => {
  const { invoke, settings, lines } = context;
  settings();
  await invoke('up', []);
  const healthy = await invoke('status', []);

  assert.is(healthy.code, 0);
  assert.match(healthy.stdout, /^ext {2}running {2}existing\n/);
  assert.match(healthy.stdout, /last run +\d{4}-\S+, done in [\d.]+ m?s\n/);
  const [json] = lines(await invoke('status', ['ext', '-o', 'json']));
  const [cluster] = json?.['clusters'] as { name: string; lastRun: { outcome: string } | null }[];
  assert.is(cluster?.name, 'ext');
  assert.is.not(cluster?.lastRun, null);
  assert.is((await invoke('status', ['other'])).code, 2);
  context.say = ({ path }) => (path === '/readyz' ? { status: 500, body: {} } : undefined);
  const ill = await invoke('status', []);
  assert.is(ill.code, 3);
  assert.match(ill.stdout, /^ext {2}stopped/);
});

existing.run();
test.run();
