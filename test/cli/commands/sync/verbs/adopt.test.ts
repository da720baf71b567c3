// `hoist sync adopt`: what it refuses before it asks a hub for anything.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { answer } from '../../../../doubles/kube-server.ts';
import type { SpokesOptions } from '../../../../doubles/spokes.ts';
import { failureOf } from '../../../../failure.ts';
import { adopt } from '../../../../../scripts/cli/commands/sync/verbs/adopt.ts';
import { type FleetPlace, createFleetPlace } from '../fleet-place.ts';
import { ioIn } from '../../../invoke.ts';

const test = suite<FleetPlace>('cli/commands/sync/verbs/adopt');
/** What a hub has beside what all clusters have: hive's kinds, and their status. */
const hive: SpokesOptions['intercept'] = (_, { path }, response) => {
  if (path.endsWith('/status')) answer(response, 200, {});
  else if (path.endsWith('/apis/hive.openshift.io/v1'))
    answer(response, 200, {
      kind: 'APIResourceList',
      groupVersion: 'hive.openshift.io/v1',
      resources: [
        { name: 'clusterdeployments', singularName: '', namespaced: true, kind: 'ClusterDeployment', verbs: ['patch'] },
      ],
    });
  else return false;
  return true;
};

test.before.each(
  async (context) => void Object.assign(context, await createFleetPlace(['hub', 'Spoke_1'], { intercept: hive })),
);
test.after.each(async ({ spokes, close }) => {
  close();
  await spokes.close();
});

test('one context, a name that objects can have, and a number of copies', async ({ folder }) => {
  const refused = (operands: string[], more: object = {}): Promise<string> => {
    const flags = {
      hub: 'hub',
      kubeconfig: 'kubeconfig',
      name: undefined,
      namespace: undefined,
      label: [],
      copies: undefined,
      output: undefined,
      quiet: false,
      verbose: false,
    };
    return failureOf(adopt({ operands, flags: { ...flags, ...more } }, ioIn(folder)));
  };
  const one = 'name one context of the kubeconfig to adopt';
  assert.is(await refused([]), one);
  assert.is(await refused(['hub', 'Spoke_1']), one);
  assert.match(await refused(['Spoke_1']), '--name must be a DNS label');
  assert.match(await refused(['Spoke_1'], { name: 'a', copies: '0' }), '--copies');
  assert.match(await refused(['gone']), 'gone');
});

test('the clusters that it made are named, the first and last of many; done again it is the same', async ({
  invoke,
  spokes,
}) => {
  const adopted = (...more: string[]) =>
    invoke('sync', ['adopt', 'Spoke_1', '--hub', 'hub', '--kubeconfig', 'kubeconfig', '--namespace', 'f', ...more]);
  assert.equal(await adopted('--name', 'one'), {
    code: 0,
    error: '',
    stdout: '1 cluster adopted: f/one\n',
    stderr: '',
  });
  assert.is((await adopted('--name', 'c', '--copies', '3')).stdout, '3 clusters adopted: f/c-0, f/c-1, f/c-2\n');
  assert.is((await adopted('--name', 'c', '--copies', '4')).stdout, '4 clusters adopted: f/c-0 … f/c-3\n');
  const json = JSON.parse((await adopted('--name', 'one', '--output', 'json')).stdout) as object;
  assert.equal(json, { type: 'adopt', hub: spokes.server('hub'), clusters: ['f/one'] });
  const secret = spokes.spoke('hub').objects.get('/api/v1/namespaces/f/secrets')?.get('one-admin-kubeconfig');
  const text = Buffer.from((secret?.['data'] as { kubeconfig: string }).kubeconfig, 'base64').toString();
  assert.match(text, spokes.server('Spoke_1'));
  assert.match(text, '"token":"t"');
  assert.not.match(text, 'client-key-data');
});

test.run();
