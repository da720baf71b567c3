// Whose cluster it is that is to be stopped or started.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UsageError } from '../../scripts/base/errors.ts';
import { atItsProvider, noSuchCluster } from '../../scripts/cluster/find.ts';
import type { ClusterContext } from '../../scripts/context.ts';
import { thrown } from '../kube/helpers.ts';

const test = suite('cluster/find');

/** @param clusters names by provider */
async function find(provider: string, clusters: Record<string, string[]>): Promise<{ found: string; asked: string[] }> {
  const asked: string[] = [];
  const wiring = {
    provider: (name: string) => Promise.resolve({ name, list: () => Promise.resolve(clusters[name] ?? []) }),
  } as unknown as ClusterContext;
  const { found } = await atItsProvider(
    'dev',
    provider as 'auto',
    (one) => {
      const { name } = one as unknown as { name: string };
      asked.push(name);
      // Providers of others' clusters cannot do it.
      return name !== 'existing' && clusters[name]?.includes('dev') === true ? Promise.resolve(name) : undefined;
    },
    wiring,
  );
  return { found, asked };
}

test('the first that has it, beginning with the one of the settings', async () => {
  const both = { embedded: ['dev'], k3d: ['dev'] };
  assert.is((await find('k3d', both)).found, 'k3d');
  assert.is((await find('embedded', both)).found, 'embedded');
  const { found, asked } = await find('k3d', { embedded: ['dev'] });
  assert.equal([found, asked[0]], ['embedded', 'k3d']);
});

test('one that hoist did not make is not its to stop', async () => {
  const ours = { embedded: ['dev'], existing: ['dev'] };
  assert.is((await find('auto', ours)).found, 'embedded');
  const refused = async (provider: string, clusters: Record<string, string[]>): Promise<void> => {
    const error = await thrown(UsageError, find(provider, clusters));
    assert.is(error.message, 'hoist neither stops nor starts "dev": hoist did not create it');
  };
  await refused('existing', ours);
  await refused('auto', { existing: ['dev'] });
});

test('none of that name', async () => {
  const error = await thrown(UsageError, find('auto', { embedded: ['other'], k3d: ['more'] }));
  assert.match(error.message, /^there is no cluster "dev"; there are: (other, more|more, other)$/);
  assert.is(noSuchCluster(['a', 'b'], []).message, 'there is no cluster "a", "b"; there are none');
});

test.run();
