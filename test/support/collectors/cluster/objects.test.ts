// nodeMetrics and certificates: what kubelets and Secrets say, and what is said of those that say nothing.

import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { certificates, helm, nodeMetrics } from '../../../../scripts/support/collectors/cluster/objects.ts';
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
  const one = { items: [{ metadata: { name: 'n1' } }], metadata: {} };
  assert.is(await of({ 'GET /api/v1/nodes': one }), 'no kubelet answered');
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

/** A Secret as helm keeps a release. */
const kept = (namespace: string, name: string, release: object | string) => {
  const text = typeof release === 'string' ? Buffer.from(release) : gzipSync(JSON.stringify(release));
  const data = { release: Buffer.from(text.toString('base64')).toString('base64') };
  return { metadata: { namespace, name }, data };
};
const release = (name: string, version: number, more: object = {}) => ({ name, namespace: 'web', version, ...more });

test('releases of helm: their history in order, those of a namespace in one file, what is broken costs no other', async () => {
  const chart = { metadata: { name: 'c', version: '1.2.3', appVersion: '9' } };
  const info = { status: 'deployed', last_deployed: '2026-01-02' };
  const items = [
    kept('web', 's1', release('a', 10, { chart, info, config: { k: 'v' } })),
    kept('web', 's2', release('a', 9, { info: { status: 'pending-upgrade' } })),
    kept('web', 's3', release('b', 1)),
    kept('db', 's4', { ...release('a', 1), namespace: 'db' }),
    kept('web', 's5', 'no gzip'),
    { metadata: { namespace: 'web', name: 's6' } },
  ];
  const { cluster, asked } = clusterDouble({ 'GET /api/v1/secrets': { metadata: {}, items } });
  const { files, problems, notes } = await runCollector(helm, { collectValues: true }, { cluster });
  assert.match(asked[0]?.what ?? '', /labelSelector=owner%3Dhelm$/);
  assert.equal(Object.keys(files), ['helm/web.json', 'helm/db.json', 'helm/errors.json']);
  assert.equal(JSON.parse(files['helm/web.json'] ?? ''), [
    {
      releaseName: 'a',
      chart: 'c',
      chartVersion: '1.2.3',
      appVersion: '9',
      namespace: 'web',
      releaseHistory: [
        { revision: '9', date: '', status: 'pending-upgrade', isPending: true, values: {} },
        { revision: '10', date: '2026-01-02', status: 'deployed', values: { k: 'v' } },
      ],
    },
    { releaseName: 'b', namespace: 'web', releaseHistory: [{ revision: '1', date: '', status: '', values: {} }] },
  ]);
  assert.equal(
    problems.map((one) => one.replace(/: .*/, '')),
    ['web/s5', 'web/s6'],
  );
  assert.is((JSON.parse(files['helm/errors.json'] ?? '') as string[]).length, 2);
  assert.equal(notes, []);
});

test('one release of one namespace, without its values; one broken; and none', async () => {
  const items = [kept('web', 's', release('a', 1, { config: { secret: 'x' } }))];
  const one = clusterDouble({ 'GET /api/v1/namespaces/web/secrets': { metadata: {}, items } });
  const { files } = await runCollector(helm, { namespace: 'web', releaseName: 'a' }, { cluster: one.cluster });
  assert.match(one.asked[0]?.what ?? '', /labelSelector=owner%3Dhelm%2Cname%3Da$/);
  assert.equal(Object.keys(files), ['helm/web/a.json']);
  assert.not.match(files['helm/web/a.json'] ?? '', 'secret');
  const broken = clusterDouble({ 'GET /api/v1/secrets': { metadata: {}, items: [kept('web', 's', 'x')] } });
  const failed = await runCollector(helm, {}, { cluster: broken.cluster });
  assert.equal([Object.keys(failed.files), failed.notes], [['helm/errors.json'], ['no releases']]);
  const none = clusterDouble({ 'GET /api/v1/namespaces/only/secrets': { metadata: {}, items: [] } }, { only: 'only' });
  const empty = await runCollector(helm, {}, { cluster: none.cluster });
  assert.equal([empty.files, empty.notes, empty.problems], [{}, ['no releases'], []]);
});

test.run();
