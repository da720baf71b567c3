// `hoist down` where there are no clusters, and what does not go together.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
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

test.run();
