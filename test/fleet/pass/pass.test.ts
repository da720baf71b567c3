// A pass over a cluster, against a real API server: what is applied, what is left, what is deleted and what never is.

import { suite, type Callback } from 'uvu';
import * as assert from 'uvu/assert';
import { connect, type KubeClient } from '../../../scripts/kube/client/client.ts';
import { KubeApiError } from '../../../scripts/kube/client/errors.ts';
import type { KubeObject } from '../../../scripts/kube/object.ts';
import { binaries, sharedCluster, type TestCluster } from '../../doubles/apiserver.ts';
import { cluster, configMap, copies, fleetOf, namespace, selectorSet, syncOne, syncOnce } from '../world.ts';

type ConfigMap = KubeObject & { data?: Record<string, string> };

interface Context {
  cluster: TestCluster;
  client: KubeClient;
  get: (path: string) => Promise<ConfigMap | undefined>;
}

const test = suite<Context>('fleet/pass');
const check = (name: string, callback: Callback<Context>): void => {
  if (binaries() !== undefined) test(name, callback);
  else test.skip(name, callback);
};

test.before(async (context) => {
  if (binaries() === undefined) return;
  context.cluster = await sharedCluster();
  const client = connect(context.cluster.connection);
  context.client = client;
  context.get = async (path) => {
    try {
      return await client.json<ConfigMap>({ path });
    } catch (error) {
      if (error instanceof KubeApiError && error.status === 404) return undefined;
      throw error;
    }
  };
});
test.after(({ client, cluster: started }: Partial<Context>) => {
  client?.close();
  started?.stop();
});

const maps = '/api/v1/namespaces/default/configmaps';

check(
  'what sets hold is created, confirmed by a look, restored after drift and deleted when the set leaves',
  async (context) => {
    const { client, get } = context;
    const clusters = copies(context.cluster.connection);
    const set = selectorSet('thread', {
      resources: [configMap('thread-a', { k: '1' }), configMap('thread-b', { k: '2' })],
    });
    const first = await syncOne(fleetOf([set], clusters));
    assert.is(first.state, 'synced', first.reason);
    assert.is(first.result.changes.filter(({ action }) => action === 'create').length, 2);
    const again = await syncOne(fleetOf([set], clusters));
    assert.is(again.result.unchanged + again.result.confirmed, 2);
    assert.equal(again.result.changes, []);

    await client.json({
      method: 'PATCH',
      path: `${maps}/thread-a`,
      query: { fieldManager: 'someone' },
      contentType: 'application/merge-patch+json',
      body: { data: { k: 'drifted', own: 'kept' } },
    });
    await client.json({ method: 'DELETE', path: `${maps}/thread-b` });
    const healed = await syncOne(fleetOf([set], clusters));
    assert.equal(healed.result.changes.map(({ action, ref }) => `${action} ${ref.name}`).sort(), [
      'create thread-b',
      'update thread-a',
    ]);
    assert.equal((await get(`${maps}/thread-a`))?.data, { k: '1', own: 'kept' });

    const gone = await syncOne(fleetOf([], clusters));
    assert.equal(
      gone.result.changes.map(({ action }) => action),
      ['delete', 'delete'],
    );
    assert.is(await get(`${maps}/thread-a`), undefined);
  },
);

check('a dry run changes nothing: nothing is created, changed, patched or deleted', async (context) => {
  const { get } = context;
  const clusters = copies(context.cluster.connection);
  const set = (...resources: ReturnType<typeof configMap>[]): ReturnType<typeof selectorSet> =>
    selectorSet('rehearsal', {
      resources,
      patches: [
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          name: 'dry-a',
          namespace: 'default',
          patch: '{"data":{"p":"1"}}',
          patchType: 'merge',
        },
      ],
    });
  await syncOne(fleetOf([set(configMap('dry-a', { k: '1' }), configMap('dry-b', { k: '1' }))], clusters));
  const before = await Promise.all(['dry-a', 'dry-b'].map((name) => get(`${maps}/${name}`)));
  const changed = { ...set(configMap('dry-a', { k: '2' }), configMap('dry-c', {})) };
  changed.patches = changed.patches.map((patch) => ({ ...patch, patch: '{"data":{"p":"2"}}' }));
  const dry = await syncOne(fleetOf([changed], clusters), { dryRun: true });
  assert.equal(dry.result.changes.map(({ action, ref }) => `${action} ${ref.name}`).sort(), [
    'create dry-c',
    'delete dry-b',
    'patch dry-a',
    'update dry-a',
  ]);
  const after = await Promise.all(['dry-a', 'dry-b'].map((name) => get(`${maps}/${name}`)));
  assert.equal(
    after.map((object) => object?.metadata.resourceVersion),
    before.map((object) => object?.metadata.resourceVersion),
  );
  assert.is(await get(`${maps}/dry-c`), undefined);
});

check('an object that moves to another set keeps its uid and is never deleted', async (context) => {
  const { get } = context;
  const clusters = copies(context.cluster.connection);
  const lamp = (color: string): ReturnType<typeof configMap> => configMap('lamp', { color });
  await syncOne(fleetOf([selectorSet('a-base', {}), selectorSet('b-net', { resources: [lamp('v1')] })], clusters));
  const before = await get(`${maps}/lamp`);
  const moved = await syncOne(
    fleetOf([selectorSet('a-base', { resources: [lamp('v2')] }), selectorSet('b-net', {})], clusters),
  );
  const after = await get(`${maps}/lamp`);
  assert.is(after?.metadata.uid, before?.metadata.uid);
  assert.equal(after?.data, { color: 'v2' });
  assert.equal(
    moved.result.changes.map(({ action }) => action),
    ['update'],
  );
  await syncOne(fleetOf([], clusters));
  assert.is(await get(`${maps}/lamp`), undefined);
});

check('a Namespace that two sets hold stays until both are gone, and then needs a word of its own', async (context) => {
  const { get } = context;
  const clusters = copies(context.cluster.connection);
  const [p, q] = ['p', 'q'].map((name) => selectorSet(name, { resources: [namespace('dock')] }));
  assert.ok(p && q);
  await syncOne(fleetOf([p, q], clusters));
  const one = await syncOne(fleetOf([q], clusters));
  assert.equal(one.result.held, []);
  const none = await syncOne(fleetOf([], clusters));
  assert.is(none.state, 'held');
  assert.is(none.result.held[0]?.ref.name, 'dock');
  assert.ok(await get('/api/v1/namespaces/dock'));
  const policy = { max: { share: 1 }, confirmed: false, kinds: new Set(['Namespace']) };
  const allowed = await syncOne(fleetOf([], clusters), { policy });
  assert.equal(
    allowed.result.changes.map(({ action, ref }) => `${action} ${ref.name}`),
    ['delete dock'],
  );
});

check('Namespaces of sets that sort later come first, so that nothing waits for another pass', async (context) => {
  const clusters = copies(context.cluster.connection);
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'reader', namespace: 'moor' },
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
  };
  const done = await syncOne(
    fleetOf(
      [
        selectorSet('a1', { resources: [role] }),
        selectorSet('m5', { resources: [configMap('fine', {})] }),
        selectorSet('z9', { resources: [namespace('moor')] }),
      ],
      clusters,
    ),
  );
  assert.is(done.state, 'synced', done.reason);
  const policy = { max: { share: 1 }, confirmed: false, kinds: new Set(['Namespace']) };
  await syncOne(fleetOf([], clusters), { policy });
});

check('a set that does not render loses nothing, and others go on', async (context) => {
  const { get } = context;
  const clusters = copies(context.cluster.connection);
  const good = {
    resources: [configMap('x-kept', { k: '1' }), configMap('y-kept', { k: '1' })],
    enableResourceTemplates: true,
  };
  await syncOne(fleetOf([selectorSet('tpl', good)], clusters));
  const bad = selectorSet('tpl', {
    ...good,
    resources: [configMap('x-kept', { k: '1' }), configMap('y-kept', { k: '{{ fromCDLabel' })],
  });
  const other = selectorSet('other', { resources: [configMap('other', { k: '1' })] });
  const done = await syncOne(fleetOf([bad, other], clusters));
  assert.is(done.state, 'failed');
  assert.equal(done.result.sets.map(({ name, ok }) => [name, ok]).sort(), [
    ['other', true],
    ['tpl', false],
  ]);
  assert.ok(await get(`${maps}/x-kept`));
  assert.ok(await get(`${maps}/y-kept`));
  await syncOne(fleetOf([], clusters));
});

check('what client-side apply has set is taken over, so that a removed field goes', async (context) => {
  const { client, get } = context;
  const clusters = copies(context.cluster.connection);
  await client.json({
    method: 'POST',
    path: maps,
    query: { fieldManager: 'hive6-clustersync' },
    body: {
      ...configMap('tea', { a: '1', b: '2' }),
      metadata: {
        name: 'tea',
        labels: { 'hive.openshift.io/managed': 'true' },
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
      },
    },
  });
  const done = await syncOne(fleetOf([selectorSet('tea', { resources: [configMap('tea', { a: '1' })] })], clusters));
  assert.is(done.state, 'synced', done.reason);
  assert.equal((await get(`${maps}/tea`))?.data, { a: '1' });
  await syncOne(fleetOf([], clusters));
});

check(
  'a field that the server does not know is left out with a warning, and fails the set where strictness is asked for',
  async (context) => {
    const clusters = copies(context.cluster.connection);
    const policy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'net', namespace: 'default' },
      policyTypes: ['Ingress'],
      spec: { podSelector: {} },
    };
    const sets = [
      selectorSet('net', { resources: [policy] }),
      selectorSet('beside', { resources: [configMap('beside', {})] }),
    ];
    const strict = await syncOne(fleetOf(sets, clusters), { strict: true });
    assert.equal(
      strict.result.sets.filter(({ ok }) => !ok).map(({ name }) => name),
      ['net'],
    );
    const lenient = await syncOne(fleetOf(sets, clusters));
    assert.is(lenient.state, 'synced', lenient.reason);
    assert.match(lenient.result.sets.find(({ name }) => name === 'net')?.warnings[0] ?? '', /\.policyTypes/);
    await syncOne(fleetOf([], clusters));
  },
);

check(
  'more deletions than allowed are held until they are confirmed; none happens where the sets were not all read',
  async (context) => {
    const { get } = context;
    const clusters = copies(context.cluster.connection);
    const many = Array.from({ length: 30 }, (_, at) => configMap(`many-${at}`, {}));
    await syncOne(fleetOf([selectorSet('many', { resources: many })], clusters));
    const held = await syncOne(fleetOf([], clusters));
    assert.is(held.state, 'held');
    assert.is(held.result.held.length, 30);
    const partial = await syncOne(fleetOf([], clusters, { complete: false }), {
      policy: { max: { share: 1 }, confirmed: true, kinds: new Set() },
    });
    assert.is(partial.result.held.length, 30);
    assert.ok(await get(`${maps}/many-7`));
    const confirmed = await syncOne(fleetOf([], clusters), {
      policy: { max: { share: 0.5 }, confirmed: true, kinds: new Set() },
    });
    assert.is(confirmed.result.changes.length, 30);
  },
);

check('two names of one server: what one of them wants, the other one does not delete', async (context) => {
  const { get } = context;
  const { connection } = context.cluster;
  const set = selectorSet('gold', {
    clusterDeploymentSelector: { matchLabels: { tier: 'gold' } },
    resources: [configMap('shared', {})],
  });
  const clusters = [cluster('one', connection, { tier: 'gold' }), cluster('two', connection)];
  for (let round = 0; round < 2; round++) await syncOnce(fleetOf([set], clusters));
  assert.ok(await get(`${maps}/shared`));
  await syncOnce(fleetOf([], clusters));
  assert.is(await get(`${maps}/shared`), undefined);
});

check('an Upsert set leaves its objects behind', async (context) => {
  const { client, get } = context;
  const clusters = copies(context.cluster.connection);
  await syncOne(
    fleetOf([selectorSet('up', { resourceApplyMode: 'Upsert', resources: [configMap('up', {})] })], clusters),
  );
  const done = await syncOne(fleetOf([], clusters));
  assert.equal(done.result.changes, []);
  assert.ok(await get(`${maps}/up`));
  await client.json({ method: 'DELETE', path: `${maps}/up` });
});

test.run();
