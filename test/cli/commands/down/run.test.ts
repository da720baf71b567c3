// `hoist down` where there are no clusters, and what does not go together.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ExistingPlace, onExisting } from '../../existing-place.ts';
import { type Place, createPlace } from '../../invoke.ts';

const test = suite<Place>('cli/commands/down/run');
test.before.each((context) => void Object.assign(context, createPlace()));
test.after.each((context) => context.close());

test('what is not there is no failure', async ({ invoke }) => {
  const one = await invoke('down', ['gone']);
  assert.equal([one.code, one.stdout], [0, 'there is no cluster "gone"\n']);
  assert.is((await invoke('down', ['gone', '--quiet'])).stdout, '');
  const json = JSON.parse((await invoke('down', ['gone', '--output', 'json'])).stdout) as {
    clusters: { name: string }[];
  };
  assert.equal(
    json.clusters.map(({ name }) => name),
    ['gone'],
  );
  assert.is((await invoke('down', ['--all'])).stdout, 'there are no clusters\n');
  assert.is((await invoke('down', [])).stdout, 'there is no cluster "dev"\n');
  assert.match((await invoke('down', ['--all', 'x'])).error, '--all and names do not go together');
  assert.match(
    (await invoke('down', ['--caches', '--keep-cache'])).error,
    '--caches and --keep-cache do not go together',
  );
});

const existing = suite<ExistingPlace>('cli/commands/down/run: an existing cluster');
onExisting(existing);

existing('down: of an existing cluster hoist forgets only what it knows', async ({ invoke, settings, api, lines }) => {
  settings();
  await invoke('up', []);
  const left = `left the cluster of context "work" (${api.connection.server}) with all that was applied to it\n`;
  assert.is((await invoke('down', [])).stdout, left);
  assert.is((await invoke('down', ['ext'])).stdout, 'there is no cluster "ext"\n');
  await invoke('up', []);
  assert.is((await invoke('down', ['--all'])).stdout, left);
  const [json] = lines(await invoke('down', ['-o', 'json']));
  assert.equal(json, { type: 'down', clusters: [{ name: 'ext' }] });
  for (const verb of ['stop', 'start'])
    assert.match((await invoke(verb, ['ext'])).error, `hoist neither stops nor starts "ext"`);
});

existing.run();
test.run();
