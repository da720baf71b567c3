// The objects of bundles: of hoist's and troubleshoot's files, of old ones, and of those that somebody has made up.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FileStore } from '../../../scripts/support/bundle/store.ts';
import { BundleObjects, type StoredObject } from '../../../scripts/support/open/objects.ts';

const objects = suite('support/open: objects');

async function read(files: Record<string, unknown>): Promise<{ all: StoredObject[]; bundle: BundleObjects }> {
  const store = new FileStore();
  for (const [path, content] of Object.entries(files))
    await store.put(path, Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)));
  const bundle = new BundleObjects(store);
  const all: StoredObject[] = [];
  for await (const object of bundle.read()) all.push(object);
  await store.close();
  return { all, bundle };
}

const keysOf = (all: readonly StoredObject[]): string[] => all.map(({ key }) => key.replace('/registry/', '')).sort();
const valueOf = (all: readonly StoredObject[], key: string): Record<string, unknown> =>
  JSON.parse(all.find((one) => one.key === `/registry/${key}`)?.value ?? '{}') as Record<string, unknown>;

const metadata = (name: string, namespace?: string): object => ({ name, namespace, uid: `uid-${name}` });

objects('kinds come from the object, the list, or the file', async () => {
  const { all } = await read({
    'cluster-resources/pods/web.json': {
      kind: 'PodList',
      apiVersion: 'v1',
      items: [{ metadata: metadata('a', 'web') }],
    },
    'cluster-resources/services/web.json': [{ metadata: metadata('b') }],
    'cluster-resources/ingress/web.json': {
      items: [{ apiVersion: 'extensions/v1beta1', kind: 'Ingress', metadata: metadata('c', 'web') }],
    },
    'cluster-resources/nodes.json': { items: [{ metadata: metadata('n') }] },
    'cluster-resources/namespaces.json': { kind: 'NamespaceList', items: [{ metadata: metadata('web') }] },
  });
  assert.equal(keysOf(all), ['ingress/web/c', 'minions/n', 'namespaces/web', 'pods/web/a', 'services/specs/web/b']);
  assert.equal(valueOf(all, 'ingress/web/c')['apiVersion'], 'extensions/v1beta1');
});

objects('what the cluster said of an object stays, but for its version in its own etcd', async () => {
  const pod = {
    metadata: { ...metadata('a', 'web'), resourceVersion: '7', creationTimestamp: '2024-01-02T03:04:05Z' },
    status: { phase: 'Failed' },
  };
  const { all } = await read({
    'cluster-resources/pods/web.json': { kind: 'PodList', apiVersion: 'v1', items: [pod] },
  });
  assert.equal(valueOf(all, 'pods/web/a'), {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', namespace: 'web', uid: 'uid-a', creationTimestamp: '2024-01-02T03:04:05Z' },
    status: { phase: 'Failed' },
  });
});

const definition = (versions: object): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: metadata('widgets.ex.io'),
  spec: {
    group: 'ex.io',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget' },
    conversion: {
      strategy: 'Webhook',
      webhook: { clientConfig: { url: 'https://10.0.0.1', caBundle: '***HIDDEN***' } },
    },
    ...versions,
  },
});

objects('custom resources follow their definitions, in JSON and in YAML', async () => {
  const { all, bundle } = await read({
    'cluster-resources/custom-resource-definitions.json': [definition({ versions: [{ name: 'v1', served: true }] })],
    'cluster-resources/custom-resources/widgets.ex.io/web.json': [
      { apiVersion: 'ex.io/v1', kind: 'Widget', metadata: metadata('w') },
    ],
    'cluster-resources/custom-resources/widgets.ex.io/db.yaml': '- metadata: {name: y}\n  spec: {size: 1}\n',
    'cluster-resources/custom-resources/gone.ex.io/web.json': [
      { apiVersion: 'gone.io/v1', kind: 'Gone', metadata: metadata('g', 'web') },
    ],
  });
  assert.equal(
    keysOf(all).filter((key) => key.startsWith('ex.io')),
    ['ex.io/widgets/db/y', 'ex.io/widgets/web/w'],
  );
  const [stored] = all;
  assert.ok(stored?.key.endsWith('/widgets.ex.io'), 'definitions are written first');
  assert.not.ok(stored?.value.includes('HIDDEN'), 'nobody converts objects');
  assert.is(bundle.leftOut.get('of kinds that are not defined in the bundle'), 1);
});

objects('YAML that redaction has broken: masks that look like aliases, keys that are the same', async () => {
  const { all, bundle } = await read({
    'cluster-resources/custom-resource-definitions.json': [definition({ versions: [{ name: 'v1', served: true }] })],
    'cluster-resources/custom-resources/widgets.ex.io/web.yaml':
      '- metadata:\n    name: y\n    managed:\n      f:tcp://***HIDDEN***:1: {}\n      f:tcp://***HIDDEN***:1: {}\n  status:\n    ip: ***HIDDEN***\n    ips:\n    - ***HIDDEN***\n    - ok\n',
  });
  assert.equal(valueOf(all, 'ex.io/widgets/web/y')['status'], { ip: '***HIDDEN***', ips: ['***HIDDEN***', 'ok'] });
  assert.is(bundle.leftOut.size, 0);
});

objects('nodes and namespaces that only others name get a place', async () => {
  const { all, bundle } = await read({
    'cluster-resources/pods/web.json': [{ metadata: metadata('a', 'web'), spec: { nodeName: 'n9' } }],
  });
  assert.equal(keysOf(all), ['minions/n9', 'namespaces/web', 'pods/web/a']);
  assert.is(bundle.placeholders, 2);
  assert.equal(valueOf(all, 'minions/n9')['status'], { addresses: [{ type: 'Hostname', address: 'n9' }] });
});

objects('values of Secrets and ConfigMaps that collectors asked for', async () => {
  const { all } = await read({
    'cluster-resources/namespaces.json': { items: [] },
    'secrets/web/db/password.json': {
      namespace: 'web',
      name: 'db',
      key: 'password',
      secretExists: true,
      keyExists: true,
      value: '***HIDDEN***',
    },
    'secrets/web/db/user.json': { namespace: 'web', name: 'db', key: 'user', secretExists: true, keyExists: true },
    'secrets/web/gone.json': { namespace: 'web', name: 'gone', key: '', secretExists: false },
    'configmaps/web/c/a.json': { namespace: 'web', name: 'c', key: 'a', configMapExists: true, data: { a: '1' } },
  });
  assert.equal(keysOf(all), ['configmaps/web/c', 'namespaces/web', 'secrets/web/db']);
  assert.equal(valueOf(all, 'secrets/web/db')['data'], { password: 'KioqSElEREVOKioq', user: '' });
  assert.equal(valueOf(all, 'configmaps/web/c')['data'], { a: '1' });
});

objects('redacted bytes become bytes again', async () => {
  const hooks = { webhooks: [{ name: 'h', clientConfig: { caBundle: '***HIDDEN***', url: 'https://h' } }] };
  const { all } = await read({
    'cluster-resources/validating-webhook-configurations.json': [{ metadata: metadata('v'), ...hooks }],
    'cluster-resources/certificatesigningrequests.json': [{ metadata: metadata('r'), spec: { request: '***' } }],
    'cluster-resources/configmaps/web.json': [{ metadata: metadata('c', 'web'), binaryData: { x: '?', y: 'YQ==' } }],
  });
  const decoded = (text: unknown): string => Buffer.from(String(text), 'base64').toString();
  const { webhooks } = valueOf(all, 'validatingwebhookconfigurations/v') as typeof hooks;
  assert.is(decoded(webhooks[0]?.clientConfig.caBundle), '***HIDDEN***');
  const { spec } = valueOf(all, 'certificatesigningrequests/r') as { spec: { request: string } };
  assert.is(decoded(spec.request), '***');
  const { binaryData } = valueOf(all, 'configmaps/web/c') as { binaryData: Record<string, string> };
  assert.equal(binaryData, { x: 'Pw==', y: 'YQ==' });
});

objects('hostile bundles: no key leads elsewhere, and nothing that is broken stops the rest', async () => {
  const names = ['../../minions/n', 'a/b', '..', '.', 'x%2fy', 'esc\u001b[2J', 'line\nbreak', '', 'é'.repeat(300), 7];
  const { all, bundle } = await read({
    'cluster-resources/pods/web.json': names.map((name) => ({ metadata: { name, namespace: 'web' } })),
    'cluster-resources/pods/db.json': [{ metadata: { name: 'ok', namespace: '../x' } }, null, 5, [], 'text', {}],
    'cluster-resources/services/web.json': '{"items": [',
    'cluster-resources/deployments/web.json': 'null',
    'cluster-resources/jobs/web.json': { items: 'none' },
    'cluster-resources/custom-resource-definitions.json': [
      { metadata: metadata('broken') },
      definition({ names: { plural: '../pods', kind: 'Pod' }, versions: [{ name: 'v1' }] }),
      definition({ versions: 'v1', group: '../../etc' }),
    ],
    'cluster-resources/configmaps/web.json': [{ metadata: metadata('fine', 'web') }],
  });
  assert.equal(keysOf(all), ['configmaps/web/fine', 'namespaces/web']);
  assert.is(bundle.leftOut.get('files that are no JSON or YAML'), 1);
  assert.is(bundle.leftOut.get('definitions that are incomplete'), 3);
  assert.ok((bundle.leftOut.get('whose names no API server takes') ?? 0) >= 9);
});

objects('objects whose parts have other types are left out and counted', async () => {
  const { all, bundle } = await read({
    'cluster-resources/namespaces.json': [null, 1, { metadata: null }, { metadata: { name: 'web' } }],
    'cluster-resources/pods/web.json': [
      {
        metadata: { name: 'a', namespace: 'web', ownerReferences: 5, labels: [] },
        spec: { containers: {} },
        status: 7,
      },
      { metadata: { name: 'b', namespace: 'web', managedFields: {} }, spec: null },
    ],
    'cluster-resources/custom-resource-definitions.json': [definition({ versions: [null] })],
    'cluster-resources/validating-webhook-configurations.json': [{ metadata: { name: 'v' }, webhooks: [null] }],
  });
  assert.ok(keysOf(all).includes('namespaces/web'));
  assert.ok((bundle.leftOut.get('without a name or a kind') ?? 0) >= 3);
});

objects('files that hold no objects are neither read nor counted', async () => {
  const item = { apiVersion: 'v1', kind: 'Namespace', metadata: metadata('web') };
  const { all, bundle } = await read({
    'namespaces.json': [item],
    'other/cluster-resources/namespaces.json': [item],
    'cluster-resources/auth-cani-list/web.json': [{}],
    'cluster-resources/image-pull-secrets/web.json': [{}],
    'cluster-resources/pods/logs/web/a.json': [{}],
    'cluster-resources/groups.json': [{}],
    'cluster-resources/resources.json': [{}],
    'cluster-resources/license.json': [{}],
    'cluster-resources/namespaces-errors.json': [{}],
    'cluster-resources/namespaces.txt': '{',
  });
  assert.equal([all, [...bundle.leftOut]], [[], []]);
});

objects('of two files with the same content in JSON and YAML the first is read, and YAML alone', async () => {
  const { all, bundle } = await read({
    'cluster-resources/namespaces.json': [{ metadata: metadata('a') }],
    'cluster-resources/namespaces.yaml': '- metadata: {name: b}\n',
    'cluster-resources/nodes.yml': '- metadata: {name: n}\n',
  });
  assert.equal(keysOf(all), ['minions/n', 'namespaces/a']);
  assert.equal([bundle.count, bundle.has('/registry/minions/n'), bundle.placeholders], [2, true, 0]);
});

objects('what an item and its list leave open comes from the name of the file', async () => {
  const keys = async (content: unknown): Promise<string[]> =>
    keysOf((await read({ 'cluster-resources/nodes.json': content })).all);
  const item = { metadata: metadata('n') };
  for (const content of [
    [item],
    item,
    { items: [item] },
    { kind: 'NodeList', apiVersion: 'v1', items: [item] },
    { kind: 'List', apiVersion: 'v1', items: [item] },
    { kind: 7, items: [item] },
    { kind: 'NodeList', apiVersion: 'v1', items: [null, 7, item] },
    [{ ...item, kind: 'Pod' }],
    [{ ...item, kind: 'Pod', apiVersion: '' }],
    [{ ...item, kind: '', apiVersion: 'v1' }],
    [{ ...item, apiVersion: 'v1' }],
  ])
    assert.equal(await keys(content), ['minions/n'], JSON.stringify(content));
  assert.equal(
    await keys([{ ...item, kind: 'Namespace', apiVersion: 'v1' }]),
    ['namespaces/n'],
    'its own counts first',
  );
  assert.equal(await keys({ kind: 'NamespaceList', apiVersion: 'v1', items: [item] }), ['namespaces/n']);
  for (const content of ['text', 7, null, {}, { items: {} }, [[]]]) assert.equal(await keys(content), []);
});

objects('an object that is in two files is written once', async () => {
  const item = { metadata: metadata('a', 'web') };
  const { all } = await read({
    'cluster-resources/configmaps/web.json': [item, item],
    'configmaps/web/a/k.json': { namespace: 'web', name: 'a', key: 'k', configMapExists: true, keyExists: true },
  });
  assert.equal(keysOf(all), ['configmaps/web/a', 'namespaces/web']);
});

objects.run();
