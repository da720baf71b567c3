import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isInventory, kindsIn, writeInventory } from '../../../scripts/fleet/spoke/inventory.ts';
import { scriptedSpoke } from '../scripted.ts';

const inventory = suite('fleet/inventory');

const listed = (kinds?: string) => ({
  metadata: {
    name: 'hoist-sync',
    namespace: 'kube-system',
    ...(kinds !== undefined && { annotations: { 'sync.hoist.dev/kinds': kinds } }),
  },
});

inventory('is one object of the cluster, and its kinds are read from it as far as they are some', () => {
  assert.ok(isInventory(listed()));
  assert.not(isInventory({ metadata: { name: 'hoist-sync', namespace: 'default' } }));
  assert.not(isInventory({ metadata: { name: 'other', namespace: 'kube-system' } }));
  assert.equal(kindsIn(undefined), []);
  assert.equal(kindsIn(listed()), []);
  assert.equal(kindsIn(listed('v1/ConfigMap apps/v1/Deployment  nothing x/y/z v1/1x v1beta1/A_1 a/v1/b/c')), [
    { apiVersion: 'v1', kind: 'ConfigMap' },
    { apiVersion: 'apps/v1', kind: 'Deployment' },
    { apiVersion: 'v1beta1', kind: 'A_1' },
  ]);
});

inventory('is written with each kind once, in order, for all fields by force', async () => {
  const { spoke, requests } = scriptedSpoke(() => ({}));
  const kinds = [
    { apiVersion: 'v1', kind: 'Secret' },
    { apiVersion: 'apps/v1', kind: 'Deployment' },
    { apiVersion: 'v1', kind: 'Secret' },
  ];
  await writeInventory(spoke, kinds, new AbortController().signal);
  const [{ method, path, query, body } = {}] = requests;
  assert.equal(
    [method, path, query],
    ['PATCH', '/api/v1/namespaces/kube-system/configmaps/hoist-sync', { fieldManager: 'hoist-sync', force: true }],
  );
  const { metadata } = body as { metadata: { labels: object; annotations: object } };
  assert.equal(metadata.labels, { 'hive.openshift.io/managed': 'true' });
  assert.equal(metadata.annotations, { 'sync.hoist.dev/kinds': 'apps/v1/Deployment v1/Secret' });
});

inventory.run();
