// `hoist down` where there are no clusters, and what does not go together.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startEngine } from '../../../doubles/k3d-engine.ts';
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

test('caches that no cluster uses go, and each is named', async ({ invoke }) => {
  const engine = await startEngine({ kubeconfig: '', apiPort: '1' });
  try {
    const env = { DOCKER_HOST: engine.host };
    const none = await invoke('down', ['--caches'], env);
    assert.equal([none.code, none.stdout], [0, 'there is no cluster "dev"\nthere are no caches\n'], none.error);
    assert.is((await invoke('down', ['--caches', '--quiet'], env)).stdout, '');
    const json = JSON.parse((await invoke('down', ['--caches', '-o', 'json'], env)).stdout) as { caches: object };
    assert.equal(json.caches, { removed: [], inUse: [] });
  } finally {
    await engine.close();
  }
});

existing.run();
test.run();
