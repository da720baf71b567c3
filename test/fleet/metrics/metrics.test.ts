// Metrics of a fleet: what is counted of requests, applies, passes and first successes, and the gauges of a moment.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fleetMetrics } from '../../../scripts/fleet/metrics/metrics.ts';
import type { ClusterRecord, ClusterState, Runner } from '../../../scripts/fleet/runner.ts';
import { cluster } from '../objects.ts';

const test = suite('fleet/metrics/metrics');

const NOW = '2026-01-01T01:00:00Z';

interface Change {
  state?: ClusterState;
  sets?: object[];
  ms?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  skip?: string;
  installedAt?: string;
  more?: object;
}

function record(
  name: string,
  { state = 'synced', sets = [], ms = 0, more = {}, labels = {}, ...own }: Change = {},
): ClusterRecord {
  const one = cluster(name, { server: 'https://x.invalid' }, labels);
  return {
    cluster: { ...one, ...own },
    state,
    failures: 0,
    passes: 1,
    dueSince: 0,
    result: { sets, ms },
    ...more,
  } as never;
}

function metrics(records: readonly ClusterRecord[] = []): {
  of: ReturnType<typeof fleetMetrics>;
  lines: (name: string) => Promise<string[]>;
} {
  const runner = {
    records: new Map(records.map((one) => [one.cluster.id, one])),
    load: { depth: 3, running: 1, inFlight: 7, limit: 32 },
    options: { clock: { now: () => 60_000 } },
  } as unknown as Runner;
  const of = fleetMetrics(
    () => runner,
    () => new Date(NOW),
  );
  const lines = async (name: string): Promise<string[]> =>
    (await of.registry.metrics())
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .map((line) => line.slice(name.length));
  return { of, lines };
}

const LABELS = 'controller="clustersync",method="GET",resource="core/v1/pods",remote="true"';

test('requests: answers by status, those without an answer apart, seconds of clusters in finer steps', async () => {
  const { of, lines } = metrics();
  const request = { method: 'GET', path: '/api/v1/pods', remote: true };
  of.observer.request({ ...request, status: 200, ms: 1500 });
  of.observer.request({ ...request, status: 0, ms: 9 });
  of.observer.request({ ...request, status: 200, ms: 20, remote: false });
  assert.equal(await lines('hive_kube_client_requests_total'), [
    `{${LABELS},status="200 OK"} 1`,
    `{${LABELS.replace('true', 'false')},status="200 OK"} 1`,
  ]);
  assert.equal(await lines('hive_kube_client_requests_cancelled_total'), [`{${LABELS}} 1`]);
  assert.equal((await lines('hive_kube_client_request_seconds_sum'))[0], `{${LABELS},status="200 OK"} 1.5`);
  assert.equal(await lines('hoist_sync_request_seconds_sum'), ['{method="GET"} 1.5']);
});

test('applies: how many, how long, and how they ended', async () => {
  const { of, lines } = metrics();
  of.observer.applied('resource', true, 250);
  of.observer.applied('resource', false, 1000);
  const of_ = (value: number, result: string): string => `{type="resource",result="${result}"} ${value}`;
  const both = (good: number, bad: number): string[] => [of_(good, 'success'), of_(bad, 'error')];
  assert.equal(await lines('hive_syncsetinstance_resources_applied_total'), both(1, 1));
  assert.equal(await lines('hive_syncsetinstance_apply_duration_seconds_sum'), both(0.25, 1));
  assert.equal(await lines('hoist_sync_apply_seconds_sum'), both(0.25, 1));
});

test('passes in the words of hive; a cluster that waits or runs has had none', async () => {
  const { of, lines } = metrics();
  for (const state of ['synced', 'held', 'failed', 'skipped', 'unreachable', 'pending', 'running'] as const)
    of.changed(record('a', { state, ms: 500 }));
  of.changed(record('b', { more: { result: undefined } }));
  const outcome = (name: string): string => `{controller="clustersync",outcome="${name}"}`;
  assert.equal(await lines('hive_controller_reconcile_seconds_sum'), [
    `${outcome('full-sync')} 1.5`,
    `${outcome('no-op')} 0.5`,
    `${outcome('unspecified')} 0.5`,
  ]);
  assert.equal(await lines('controller_runtime_reconcile_total'), [
    '{controller="clusterSync-controller",result="success"} 4',
    '{controller="clusterSync-controller",result="error"} 2',
  ]);
});

test('first successes count from the installation', async () => {
  const { of, lines } = metrics();
  const sets = [
    { kind: 'SyncSet', name: 'a' },
    { kind: 'SelectorSyncSet', name: 'b' },
    { kind: 'SelectorSyncSet', name: 'c' },
  ];
  const one = record('x', {
    sets,
    installedAt: '2026-01-01T00:59:00Z',
    annotations: { 'hive.openshift.io/syncset-metrics-group': 'g' },
  });
  of.written(one, { firstSuccesses: ['SyncSet/a', 'SelectorSyncSet/b'], allForTheFirstTime: false });
  assert.equal(await lines('hive_syncset_apply_duration_seconds_sum'), ['{group="g"} 60']);
  assert.equal(await lines('hive_selectorsyncset_apply_duration_seconds_sum'), ['{name="b"} 60']);
  assert.equal(await lines('hive_clustersync_first_success_duration_seconds_count'), [' 0']);
  of.written(record('y', { sets, installedAt: '2026-01-01T02:00:00Z' }), {
    firstSuccesses: ['SyncSet/a'],
    allForTheFirstTime: true,
  });
  assert.equal(await lines('hive_clustersync_first_success_duration_seconds_count'), [' 1']);
  assert.equal(await lines('hive_clustersync_first_success_duration_seconds_sum'), [' 0'], 'a clock that is behind');
  assert.equal((await lines('hive_syncset_apply_duration_seconds_sum'))[1], '{group="none"} 0');
  of.written(record('z', { sets }), { firstSuccesses: ['SyncSet/a'], allForTheFirstTime: true });
  assert.equal(await lines('hive_clustersync_first_success_duration_seconds_count'), [' 1'], 'nobody knows since when');
});

test('gauges: states, sets by name, failures and pauses', async () => {
  const set = (kind: string, name: string, ok: boolean): object => ({ kind, name, ok });
  const records = [
    record('a', {
      sets: [set('SyncSet', 's', true), set('SelectorSyncSet', 'x', true), set('SelectorSyncSet', 'y', false)],
    }),
    record('b', {
      state: 'failed',
      sets: [set('SyncSet', 's', false), set('SelectorSyncSet', 'x', false)],
      more: { failingSince: 30_000, unreachable: false },
    }),
    record('c', {
      state: 'skipped',
      skip: 'paused by x',
      labels: { 'hive.openshift.io/cluster-type': 'managed' },
      more: { result: undefined },
    }),
    record('d', { state: 'skipped', skip: 'paused by x', more: { result: undefined } }),
    record('e', { state: 'skipped', skip: 'relocating', more: { result: undefined } }),
  ];
  const syncSet = { kind: 'SyncSet', name: 'more', ok: true };
  const { lines } = metrics([...records, record('f', { state: 'pending', sets: [syncSet, syncSet] })]);
  const states = await lines('hoist_sync_clusters');
  assert.equal(states.length, 7);
  for (const line of ['{state="synced"} 1', '{state="failed"} 1', '{state="skipped"} 3', '{state="held"} 0'])
    assert.ok(states.includes(line), `${line}: ${states.join()}`);
  assert.equal(await lines('workqueue_depth'), ['{name="clusterSync-controller"} 3']);
  assert.equal(await lines('hoist_sync_in_flight_requests'), [' 7']);
  assert.equal(await lines('hoist_sync_in_flight_limit'), [' 32']);
  assert.equal(await lines('hive_selectorsyncset_clusters_total'), ['{name="x"} 2', '{name="y"} 1']);
  assert.equal(await lines('hive_selectorsyncset_clusters_unapplied_total'), ['{name="x"} 1', '{name="y"} 1']);
  assert.equal(await lines('hive_syncsets_total'), [' 4']);
  assert.equal(await lines('hive_syncsets_unapplied_total'), [' 1']);
  assert.equal(await lines('hive_clustersync_failing_seconds'), ['{namespaced_name="fleet/b",unreachable="false"} 30']);
  assert.equal(await lines('hive_cluster_deployment_syncset_paused'), [
    '{cluster_deployment="c",namespace="fleet",cluster_type="managed"} 1',
    '{cluster_deployment="d",namespace="fleet",cluster_type="unspecified"} 1',
  ]);
});

test('before there is a fleet nothing is said of it', async () => {
  const { registry } = fleetMetrics(
    () => undefined,
    () => new Date(NOW),
  );
  assert.not.match(await registry.metrics(), /^hoist_sync_clusters\{/m);
});

test('buckets are those of hive, so that its dashboards go on; ours are finer', async () => {
  const { of } = metrics();
  const seconds = new Map<string, string[]>();
  of.observer.request({ method: 'GET', path: '/api/v1/pods', remote: true, status: 200, ms: 1 });
  of.observer.applied('resource', true, 1);
  of.changed(record('a'));
  const installed = record('b', {
    sets: [
      { kind: 'SyncSet', name: 'x' },
      { kind: 'SelectorSyncSet', name: 'y' },
    ],
    installedAt: NOW,
  });
  of.written(installed, { firstSuccesses: ['SyncSet/x', 'SelectorSyncSet/y'], allForTheFirstTime: true });
  for (const [, name = '', le = ''] of (await of.registry.metrics()).matchAll(/^(\w+)_bucket\{.*?le="([\d.]+)"/gm))
    seconds.set(name, [...(seconds.get(name) ?? []), le]);
  const fine = '0.002 0.005 0.01 0.02 0.05 0.1 0.2 0.5 1 2 5 10';
  assert.equal(Object.fromEntries([...seconds].map(([name, bounds]) => [name, bounds.join(' ')])), {
    hive_kube_client_request_seconds: '0.05 0.1 0.5 1 5 10 30 60 120',
    hoist_sync_request_seconds: fine,
    hive_syncsetinstance_apply_duration_seconds: '0.5 1 3 5 10 20 30',
    hoist_sync_apply_seconds: fine,
    hive_controller_reconcile_seconds: '0.001 0.01 0.1 0.5 1 5 10 30 60 120',
    hive_syncset_apply_duration_seconds: '5 10 30 60 300 600 1800 3600',
    hive_selectorsyncset_apply_duration_seconds: '5 10 30 60 300 600 1800 3600',
    hive_clustersync_first_success_duration_seconds: '60 300 600 1200 1800 2400 3000 3600',
  });
});

test.run();
