// `hoist sync` with a hub, from the command line: install, adopt, keep, status, now, metrics.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  clusterSyncs,
  configMap,
  configMaps as maps,
  selectorSet as anySet,
  selectorSyncSets as sets,
  type SyncContext,
  until,
  withCluster,
} from './sync-world.ts';

const test = suite<SyncContext>('e2e/sync-hub');
const check = withCluster(test);

const syncs = clusterSyncs('fleet');
const selectorSet = (name: string, resources: readonly object[]): object => anySet(name, { tier: 'gold' }, resources);

check(
  'a hub is installed, a cluster adopted three times, kept once, and its status is what hive would write',
  async ({ world, client, hub }) => {
    const installed = await world.hoist(['sync', 'install', ...hub]);
    assert.is(installed.code, 0, installed.stderr);
    assert.match(installed.stdout, /selectorsyncsets\.hive\.openshift\.io created/);
    const adopted = await world.hoist([
      'sync',
      'adopt',
      'test',
      ...hub,
      '--namespace',
      'fleet',
      '--name',
      'copy',
      '--copies',
      '3',
      '--label',
      'tier=gold',
    ]);
    assert.is(adopted.code, 0, adopted.stderr);
    assert.match(adopted.stdout, /3 clusters adopted: fleet\/copy-0, fleet\/copy-1, fleet\/copy-2/);
    await client.json({ method: 'POST', path: sets, body: selectorSet('hub-one', [configMap('hub-a', { k: '1' })]) });
    const done = await world.hoist(['sync', ...hub]);
    assert.is(done.code, 0, done.stdout + done.stderr);
    assert.match(done.stdout, /3 clusters: 3 synced/);
    interface Sync {
      metadata: { ownerReferences: { kind: string }[] };
      status: {
        selectorSyncSets: Record<string, unknown>[];
        conditions: Record<string, unknown>[];
        firstSuccessTime: string;
      };
    }
    const sync = await client.json<Sync>({ path: `${syncs}/copy-1` });
    assert.is(sync.metadata.ownerReferences[0]?.kind, 'ClusterDeployment');
    const [one] = sync.status.selectorSyncSets;
    assert.is(one?.['name'], 'hub-one');
    assert.is(one?.['observedGeneration'], 1);
    assert.is(one?.['result'], 'Success');
    assert.equal(one?.['resourcesToDelete'], [
      { apiVersion: 'v1', kind: 'ConfigMap', name: 'hub-a', namespace: 'default' },
    ]);
    assert.is(sync.status.conditions.length, 1);
    assert.is(sync.status.conditions[0]?.['status'], 'False');
    const status = await world.hoist(['sync', 'status', ...hub]);
    assert.is(status.code, 0, status.stdout);
    assert.match(status.stdout, /3 clusters: 3 synced, 0 held, 0 failed/);
  },
);

check(
  'watching: a new set, drift on demand, a failing set in the status, metrics, and a clean end',
  async ({ world, client, hub }) => {
    const { child, ended } = world.start(['sync', ...hub, '--watch', '--listen', '0', '--output', 'json']);
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    await until('the page is served', () => Promise.resolve(stderr.includes('http://')));
    const url = /http:\S+\//.exec(stderr)?.[0] ?? '';
    await until('ready', async () => (await fetch(`${url}readyz`)).status === 200);
    await client.json({ method: 'POST', path: sets, body: selectorSet('hub-two', [configMap('hub-b', { k: '1' })]) });
    const there = async (name: string): Promise<boolean> =>
      (await client.request({ path: `${maps}/${name}` })).status === 200;
    await until('the new set is applied', () => there('hub-b'));
    await client.json({ method: 'DELETE', path: `${maps}/hub-b` });
    const now = await world.hoist(['sync', 'now', 'fleet/copy-0', ...hub]);
    assert.is(now.code, 0, now.stderr);
    await until('drift is mended on demand', () => there('hub-b'));
    const broken = { ...configMap('hub-c', {}), metadata: { name: 'hub-c', namespace: 'nowhere' } };
    await client.json({ method: 'POST', path: sets, body: selectorSet('hub-broken', [broken]) });
    await until('the failure is in the status', async () => {
      const sync = await client.json<{ status?: { conditions?: { status: string; message: string }[] } }>({
        path: `${syncs}/copy-2`,
      });
      const [condition] = sync.status?.conditions ?? [];
      return condition?.status === 'True' && condition.message === 'SelectorSyncSet hub-broken is failing';
    });
    await client.json({ method: 'DELETE', path: `${sets}/hub-broken` });
    await client.json({ method: 'DELETE', path: `${sets}/hub-two` });
    await until('what the set held is deleted', async () => !(await there('hub-b')));
    const metrics = await (await fetch(`${url}metrics`)).text();
    assert.match(metrics, /hive_syncsetinstance_resources_applied_total\{type="apply",result="success"\} [1-9]/);
    assert.match(
      metrics,
      /hive_kube_client_requests_total\{controller="clustersync",method="PATCH",resource="core\/v1\/configmaps",remote="true",status="20[01] \w+"\}/,
    );
    assert.match(metrics, /hive_selectorsyncset_clusters_total\{name="hub-one"\} 3/);
    child.kill('SIGTERM');
    assert.is((await ended).code, 143);
  },
);

test.run();
