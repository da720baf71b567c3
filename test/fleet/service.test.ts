// A hub's fleet as it is kept: what is written back, and what must not be applied, on a real API server that is hub and spoke.

import { suite, type Callback } from 'uvu';
import * as assert from 'uvu/assert';
import { adopt } from '../../scripts/fleet/hub/adopt.ts';
import { installDefinitions } from '../../scripts/fleet/hub/install.ts';
import { clusterSyncPath, paths } from '../../scripts/fleet/hub/paths.ts';
import type { RunnerOptions } from '../../scripts/fleet/runner.ts';
import { Service } from '../../scripts/fleet/service.ts';
import type { ClusterSyncStatus } from '../../scripts/fleet/status/cluster-sync.ts';
import { connect, type KubeClient } from '../../scripts/kube/client/client.ts';
import type { KubeObject } from '../../scripts/kube/object.ts';
import { binaries, sharedCluster, type TestCluster } from '../doubles/apiserver.ts';
import { inlineKubeconfig } from './inline.ts';
import { configMap, defaults } from './world.ts';

interface Context {
  cluster: TestCluster;
  client: KubeClient;
}

const test = suite<Context>('fleet/service');
const check = (name: string, callback: Callback<Context>): void => {
  if (binaries() !== undefined) test(name, callback);
  else test.skip(name, callback);
};

const signal = new AbortController().signal;
const maps = '/api/v1/namespaces/default/configmaps';

test.before(async (context) => {
  if (binaries() === undefined) return;
  context.cluster = await sharedCluster();
  context.client = connect(context.cluster.connection);
  await installDefinitions(context.client, signal);
  await adopt(context.client, {
    namespace: 'fleet',
    name: 'one',
    copies: 1,
    labels: { fleet: 'test' },
    kubeconfig: inlineKubeconfig(context.cluster.connection),
    now: new Date(),
    signal,
    concurrency: 1,
  });
});
test.after(({ client, cluster }: Partial<Context>) => {
  client?.close();
  cluster?.stop();
});

function set(name: string, value: string): object {
  return {
    apiVersion: 'hive.openshift.io/v1',
    kind: 'SelectorSyncSet',
    metadata: { name },
    spec: {
      clusterDeploymentSelector: { matchLabels: { fleet: 'test' } },
      resourceApplyMode: 'Sync',
      resources: [configMap(name, { value })],
    },
  };
}

interface Outcome {
  state: string | undefined;
  reason: string | undefined;
}

/** What one pass over all clusters leaves, by a process that begins. */
async function once(
  { client }: Context,
  expected: readonly string[] = [],
  more: Partial<RunnerOptions> = {},
): Promise<Outcome> {
  const problems: string[] = [];
  const service = new Service({
    ...defaults,
    policy: { ...defaults.policy, confirmed: false },
    ...more,
    hub: client,
    now: () => new Date(),
    onProblem: (message) => problems.push(message),
  });
  await service.once(signal);
  assert.equal(problems, expected);
  const [record] = service.runner.records.values();
  return { state: record?.state, reason: record?.reason };
}

/** A pass that is only to bring the cluster to where a test begins. */
async function synced(context: Context): Promise<void> {
  const { state, reason } = await once(context);
  assert.is(state, 'synced', reason ?? 'the hub handed on no cluster');
}

async function statusOf({ client }: Context): Promise<ClusterSyncStatus> {
  const sync = await client.json<KubeObject & { status?: ClusterSyncStatus }>({
    path: clusterSyncPath('fleet', 'one'),
  });
  return sync.status ?? {};
}

function change({ client }: Context, name: string, value: string): Promise<unknown> {
  return client.json({
    method: 'PATCH',
    path: `${paths.selectorSyncSets}/${name}`,
    contentType: 'application/merge-patch+json',
    body: { spec: { resources: [configMap(name, { value })] } },
  });
}

check('a set that was deleted and made again begins at generation 1, and is applied all the same', async (context) => {
  const { client } = context;
  await client.json({ method: 'POST', path: paths.selectorSyncSets, body: set('again', '1') });
  await synced(context);
  for (const value of ['2', '3']) await change(context, 'again', value);
  await synced(context);
  const written = await statusOf(context);
  const [before] = written.selectorSyncSets ?? [];
  assert.ok(before, JSON.stringify(written));
  assert.is(before.observedGeneration, 3);
  // Times of Kubernetes are whole seconds.
  while (Date.now() < Date.parse(before.firstSuccessTime ?? '') + 2_000)
    await new Promise((done) => setTimeout(done, 50));
  await client.json({ method: 'DELETE', path: `${paths.selectorSyncSets}/again` });
  await client.json({ method: 'POST', path: paths.selectorSyncSets, body: set('again', 'made again') });
  const { state, reason } = await once(context);
  assert.is(state, 'synced', reason);
  const map = await client.json<{ data: object }>({ path: `${maps}/again` });
  assert.equal(map.data, { value: 'made again' });
  const [after] = (await statusOf(context)).selectorSyncSets ?? [];
  assert.ok(after);
  assert.is(after.observedGeneration, 1);
  assert.ok(Date.parse(after.firstSuccessTime ?? '') > Date.parse(before.firstSuccessTime ?? ''));
});

check(
  'a process that begins shows as synced what was verified a moment ago, and does not look at it again',
  async (context) => {
    await synced(context);
    const stop = new AbortController();
    const shown: string[] = [];
    const service = new Service({
      ...defaults,
      hub: context.client,
      now: () => new Date(),
      onProblem: (message) => shown.push(message),
      onChange: ({ state }) => shown.push(state),
    });
    const running = service.forever(stop.signal).catch(() => undefined);
    while (!service.ready) await new Promise((done) => setTimeout(done, 20));
    const [record] = service.runner.records.values();
    stop.abort(new Error('done'));
    await running;
    assert.equal([record?.state, record?.passes, shown], ['synced', 0, []]);
  },
);

check('a set is not applied in an older generation than the status shows', async (context) => {
  const { client } = context;
  await synced(context);
  const path = `${clusterSyncPath('fleet', 'one')}/status`;
  const { selectorSyncSets = [] } = await statusOf(context);
  const ahead = selectorSyncSets.map((one) => ({ ...one, observedGeneration: one.observedGeneration + 1 }));
  const contentType = 'application/merge-patch+json';
  await client.json({ method: 'PATCH', path, contentType, body: { status: { selectorSyncSets: ahead } } });
  await client.json({ method: 'DELETE', path: `${maps}/again` });
  const { state, reason = '' } = await once(context);
  assert.is(state, 'failed');
  assert.match(reason, /generation 2 of SelectorSyncSet again was applied, and is not seen yet/);
  assert.is((await client.request({ path: `${maps}/again` })).status, 404);
});

check(
  'a set that the hub holds although it is wrong fails in the status of the clusters that it is for',
  async (context) => {
    const { client } = context;
    const status = `${clusterSyncPath('fleet', 'one')}/status`;
    const contentType = 'application/merge-patch+json';
    await client.json({ method: 'PATCH', path: status, contentType, body: { status: { selectorSyncSets: [] } } });
    const spec = {
      clusterDeploymentRefs: [{ name: 'one' }],
      secretMappings: [{ sourceRef: { name: 'a', namespace: 'elsewhere' }, targetRef: { name: 'b', namespace: 'c' } }],
    };
    const body = { apiVersion: 'hive.openshift.io/v1', kind: 'SyncSet', metadata: { name: 'tenant' }, spec };
    const folder = '/apis/hive.openshift.io/v1/namespaces/fleet/syncsets';
    await client.json({ method: 'POST', path: folder, body });
    const message = "spec.secretMappings[0].sourceRef.namespace must be the set's own, fleet";
    const { state, reason } = await once(context, [`SyncSet/fleet/tenant: ${message}`]);
    assert.equal([state, reason], ['failed', message]);
    const { syncSets = [], conditions = [] } = await statusOf(context);
    assert.equal(
      syncSets.map(({ name, result, failureMessage }) => [name, result, failureMessage]),
      [['tenant', 'Failure', message]],
    );
    assert.match(JSON.stringify(conditions), /SyncSet tenant is failing/);
    await client.json({ method: 'DELETE', path: `${folder}/tenant` });
  },
);

check('what the status knows nothing of is not deleted: a hub that was restored, or another hub', async (context) => {
  const { client } = context;
  const status = `${clusterSyncPath('fleet', 'one')}/status`;
  const contentType = 'application/merge-patch+json';
  await client.json({ method: 'PATCH', path: status, contentType, body: { status: { syncSets: [] } } });
  for (const name of ['stays', 'newer']) {
    await client.json({ method: 'POST', path: paths.selectorSyncSets, body: set(name, '1') });
  }
  await synced(context);
  // As it was before the newer set: a backup has neither the set nor what became of it.
  const { selectorSyncSets = [] } = await statusOf(context);
  const older = selectorSyncSets.filter(({ name }) => name !== 'newer');
  await client.json({ method: 'DELETE', path: `${paths.selectorSyncSets}/newer` });
  await client.json({ method: 'PATCH', path: status, contentType, body: { status: { selectorSyncSets: older } } });
  for (let run = 1; run <= 2; run++) {
    const { state, reason } = await once(context, [], { dryRun: run === 1 });
    assert.equal([state, reason], ['held', 'the hub knows nothing of SelectorSyncSet/newer: needs confirmation']);
    assert.is((await client.request({ path: `${maps}/newer` })).status, 200, `run ${run}`);
  }
  // One that the hub has had is deleted, though not at the first attempt: by a right that is missing, say.
  await client.json({ method: 'DELETE', path: `${paths.selectorSyncSets}/stays` });
  const few = { policy: { ...defaults.policy, confirmed: false, max: { count: 0 } } };
  assert.is((await once(context, [], few)).state, 'held');
  await client.json({ method: 'POST', path: paths.selectorSyncSets, body: set('other', '1') });
  assert.is((await once(context)).state, 'held');
  assert.is((await client.request({ path: `${maps}/stays` })).status, 404);
  assert.is((await client.request({ path: `${maps}/newer` })).status, 200);
  const confirmed = { policy: { ...defaults.policy, confirmed: true } };
  assert.is((await once(context, [], confirmed)).state, 'synced');
  assert.is((await client.request({ path: `${maps}/newer` })).status, 404);
});

check('sets that are all gone at once hold their deletions in each run, until that is confirmed', async (context) => {
  const { client } = context;
  const status = `${clusterSyncPath('fleet', 'one')}/status`;
  const contentType = 'application/merge-patch+json';
  await client.json({ method: 'PATCH', path: status, contentType, body: { status: { selectorSyncSets: [] } } });
  await client.json({ method: 'POST', path: paths.selectorSyncSets, body: set('lost', '1') });
  await synced(context);
  const sets = await client.json<{ items: KubeObject[] }>({ path: paths.selectorSyncSets });
  for (const { metadata } of sets.items) {
    await client.json({ method: 'DELETE', path: `${paths.selectorSyncSets}/${metadata.name}` });
  }
  for (let run = 1; run <= 3; run++) {
    const { state, reason } = await once(context);
    assert.is(state, 'held', `run ${run}`);
    assert.match(reason ?? '', /suddenly no SelectorSyncSets any more \(missing: .*lost/);
    assert.is((await client.request({ path: `${maps}/lost` })).status, 200, `run ${run}`);
  }
  const confirmed = { policy: { ...defaults.policy, confirmed: true } };
  assert.is((await once(context, [], confirmed)).state, 'synced');
  assert.is((await client.request({ path: `${maps}/lost` })).status, 404);
  assert.equal((await statusOf(context)).selectorSyncSets ?? [], []);
});

test.run();
