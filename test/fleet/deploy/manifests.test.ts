// What is deployed: pods without rights that they do not use, and a server that takes it all.

import { suite, type Callback } from 'uvu';
import * as assert from 'uvu/assert';
import { deployManifests } from '../../../scripts/fleet/deploy/manifests.ts';
import { apply } from '../../../scripts/kube/apply/apply.ts';
import { connect } from '../../../scripts/kube/client/client.ts';
import type { Manifest } from '../../../scripts/kube/manifests/manifest.ts';
import { binaries, sharedCluster } from '../../doubles/apiserver.ts';

const test = suite('fleet/deploy/manifests');
const onServer = (name: string, callback: Callback): void => {
  if (binaries() !== undefined) test(name, callback);
  else test.skip(name, callback);
};

interface Rule {
  resources: string[];
  verbs: string[];
}

test('no rule is for everything, and Secrets can only be read by name', () => {
  const manifests = deployManifests({ namespace: 'hoist-sync', replicas: 3, image: 'registry.example/hoist:1' });
  const rules = manifests.flatMap((one) => (Array.isArray(one['rules']) ? (one['rules'] as Rule[]) : []));
  assert.ok(rules.length > 5);
  for (const { resources, verbs } of rules) {
    assert.not.ok(resources.includes('*') || verbs.includes('*'));
    if (resources.includes('secrets')) assert.equal(verbs, ['get']);
  }
  const text = JSON.stringify(manifests);
  assert.match(text, /"readOnlyRootFilesystem":true/);
  assert.match(text, /"runAsNonRoot":true/);
  assert.match(text, /"allowPrivilegeEscalation":false/);
  assert.match(text, /"mountPath":"\/etc\/hoist","readOnly":true/);
  assert.match(text, /"maxUnavailable":1/);
});

onServer('an API server takes all of it', async () => {
  const cluster = await sharedCluster();
  const client = connect(cluster.connection);
  const manifests = deployManifests({ namespace: 'hoist-sync', replicas: 2, image: 'registry.example/hoist:1' }).map(
    (object): Manifest => ({ object: object as Manifest['object'], where: 'deploy' }),
  );
  const results = await apply(client, manifests);
  assert.is(results.filter(({ outcome }) => outcome === 'created').length, manifests.length);
  client.close();
  cluster.stop();
});

test.run();
