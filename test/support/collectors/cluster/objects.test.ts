// nodeMetrics and certificates: what kubelets and Secrets say, and what is said of those that say nothing.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { certificates, nodeMetrics } from '../../../../scripts/support/collectors/cluster/objects.ts';
import { certificate } from '../../../doubles/certificates.ts';
import { clusterDouble } from '../cluster-double.ts';
import { runCollector } from '../running.ts';

const test = suite('support/collectors/cluster/objects');

const NODES = { items: [{ metadata: { name: 'n1' } }, { metadata: { name: 'n2' } }], metadata: {} };
const STATS = '/proxy/stats/summary';

test('what each kubelet says; one that does not answer is a problem of its own', async () => {
  const { cluster } = clusterDouble({ 'GET /api/v1/nodes': NODES, [`GET /api/v1/nodes/n1${STATS}`]: '{"a":1}' });
  const { files, problems } = await runCollector(nodeMetrics, {}, { cluster });
  assert.equal(files, { 'node-metrics/n1.json': '{"a":1}' });
  assert.equal(problems, ['node n2: the kubelet answered 404']);
});

test('nodes by name need no list; with a selector both count, each once', async () => {
  const table = { 'GET /api/v1/nodes': NODES, [`GET /api/v1/nodes/[^/]+${STATS}`]: '{}' };
  const named = clusterDouble(table);
  const { files } = await runCollector(nodeMetrics, { nodeNames: ['a/b'] }, { cluster: named.cluster });
  assert.equal(Object.keys(files), ['node-metrics/a/b.json']);
  assert.equal(
    named.asked.map(({ what }) => what),
    [`GET /api/v1/nodes/a%2Fb${STATS}`],
  );
  const both = clusterDouble(table);
  await runCollector(nodeMetrics, { nodeNames: ['n1'], selector: ['x=y', 'z'] }, { cluster: both.cluster });
  assert.match(both.asked[0]?.what ?? '', /labelSelector=x%3Dy%2Cz/);
  assert.is(both.asked.length, 3);
});

test('no kubelet at all is a failure; no node is none', async () => {
  const of = async (table: Parameters<typeof clusterDouble>[0]): Promise<string> =>
    runCollector(nodeMetrics, {}, { cluster: clusterDouble(table).cluster }).then(
      () => '',
      (error: unknown) => (error as Error).message,
    );
  assert.is(await of({ 'GET /api/v1/nodes': NODES }), 'no kubelet answered');
  assert.is(await of({ 'GET /api/v1/nodes': { items: [], metadata: {} } }), '');
});

interface Found {
  source: Record<string, string>;
  errors?: string[];
  certificateChain?: { certificate: string }[];
}

test('certificates of Secrets and ConfigMaps, in each namespace; what holds none, and what is not there', async () => {
  const { cert } = certificate();
  const b64 = (text: string): string => Buffer.from(text).toString('base64');
  const { cluster } = clusterDouble({
    'GET /api/v1/namespaces/a/secrets/tls': { data: { 'tls.crt': b64(cert), 'tls.key': b64('key') } },
    'GET /api/v1/namespaces/a/configmaps/ca': { data: { 'ca.crt': cert } },
    'GET /api/v1/namespaces/a/configmaps/bad': {
      data: { x: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' },
    },
    'GET /api/v1/namespaces/a/configmaps/empty': {},
  });
  const names = ['ca', 'bad', 'empty', 'gone'];
  const { files } = await runCollector(
    certificates,
    {
      secrets: [{ name: 'tls', namespaces: ['a', 'b'] }],
      configMaps: names.map((name) => ({ name, namespaces: ['a'] })),
    },
    { cluster },
  );
  const [tls, other, ca, bad, empty, gone] = JSON.parse(files['certificates/certificates.json'] ?? '[]') as Found[];
  assert.equal(tls?.source, { secret: 'tls', namespace: 'a' });
  assert.equal(tls?.errors, ['No certificates found in tls.key']);
  assert.equal(
    tls?.certificateChain?.map(({ certificate: file }) => file),
    ['tls.crt'],
  );
  assert.equal(other?.source, { secret: 'tls', namespace: 'b' });
  assert.equal([other?.errors?.length, other?.certificateChain], [1, undefined]);
  assert.equal(
    [ca?.source, ca?.errors, ca?.certificateChain?.length],
    [{ configMap: 'ca', namespace: 'a' }, undefined, 1],
  );
  assert.match(bad?.errors?.[0] ?? bad?.certificateChain?.length.toString() ?? '', /^x: |1/);
  assert.equal([empty?.errors, empty?.certificateChain], [undefined, undefined]);
  assert.match(gone?.errors?.[0] ?? '', /not found/);
});

test.run();
