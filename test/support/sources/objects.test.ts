// Specs that the cluster's labels point to: in all namespaces, or in the one that may be looked into.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ClusterAccess } from '../../../scripts/support/cluster/reach.ts';
import { clusterTexts } from '../../../scripts/support/sources/objects.ts';
import { clusterDouble } from '../collectors/cluster-double.ts';

const objects = suite('support/sources/objects');

const holder = (name: string, data: Record<string, string>) => ({ metadata: { name, namespace: 'n' }, data });
const SPEC = 'support-bundle-spec';

async function texts(table: Record<string, object>, selector?: string) {
  const { cluster, asked } = clusterDouble(table, { namespace: 'own' });
  const { signal } = new AbortController();
  const found = await clusterTexts(cluster as unknown as ClusterAccess, { selector, signal });
  return { found: found.map(({ name, text }) => `${name}: ${text}`), asked: asked.map(({ what }) => what) };
}

objects('each once, by name, whatever else an object holds', async () => {
  const secret = holder('b', { [SPEC]: Buffer.from('of b').toString('base64'), other: '' });
  const { found, asked } = await texts({
    'GET /api/v1/secrets': { metadata: {}, items: [secret] },
    'GET /api/v1/configmaps': {
      metadata: {},
      items: [holder('c', { [SPEC]: 'of c' }), holder('a', { other: 'no', [SPEC]: 'of a' })],
    },
  });
  assert.equal(found, [`configmap/n/a/${SPEC}: of a`, `configmap/n/c/${SPEC}: of c`, `secret/n/b/${SPEC}: of b`]);
  assert.is(asked.length, 4);
  for (const label of ['troubleshoot.sh/kind', 'troubleshoot.io/kind'])
    assert.is(
      asked.filter((one) => one.includes(`labelSelector=${encodeURIComponent(`${label}=support-bundle`)}`)).length,
      2,
    );
});

objects('the selector that is given, and the own namespace where others may not be read', async () => {
  const { found, asked } = await texts({ 'GET /api/v1/namespaces/own/.*': { metadata: {}, items: [] } }, 'a=b');
  assert.equal(found, []);
  assert.equal(asked.map((one) => one.replace(/\?.*/, '')).sort(), [
    'GET /api/v1/configmaps',
    'GET /api/v1/namespaces/own/configmaps',
    'GET /api/v1/namespaces/own/secrets',
    'GET /api/v1/secrets',
  ]);
  assert.ok(asked.every((one) => one.includes('labelSelector=a%3Db')));
});

objects.run();
