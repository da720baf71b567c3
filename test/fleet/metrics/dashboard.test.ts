// The dashboard asks only for metrics that exist, by labels that they have.

import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fleetMetrics } from '../../../scripts/fleet/metrics/metrics.ts';

const test = suite('fleet/metrics/dashboard');

interface Dashboard {
  panels: { title: string; targets: { expr: string; legendFormat: string }[] }[];
}

test('every metric and label of every panel is one of ours', async () => {
  const { registry } = fleetMetrics(
    () => undefined,
    () => new Date(0),
  );
  const metrics = new Map(
    (await registry.getMetricsAsJSON()).map(({ name }) => {
      const metric = registry.getSingleMetric(name) as unknown as { labelNames: readonly string[] };
      return [name, metric.labelNames];
    }),
  );
  const { panels } = JSON.parse(readFileSync('config/sync/dashboard.json', 'utf8')) as Dashboard;
  assert.ok(panels.length >= 10);
  for (const { title, targets } of panels) {
    for (const { expr, legendFormat } of targets) {
      const names = [...expr.matchAll(/\b(?:hive|hoist|workqueue|controller)_\w+/g)].map(([name]) =>
        name.replace(/_bucket$/, ''),
      );
      assert.ok(names.length > 0, `${title}: ${expr}`);
      for (const name of names) {
        const labels = metrics.get(name);
        assert.ok(labels, `${title}: there is no metric ${name}`);
        const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/, */));
        const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
        for (const label of [...grouped, ...shown]) {
          assert.ok(label === 'le' || labels.includes(label), `${title}: ${name} has no label ${label}`);
        }
      }
    }
  }
});

/** Every metric of hive's clustersync and its labels. */
const hives = {
  hive_syncsetinstance_resources_applied_total: ['type', 'result'],
  hive_syncsetinstance_apply_duration_seconds: ['type', 'result'],
  hive_syncset_apply_duration_seconds: ['group'],
  hive_selectorsyncset_apply_duration_seconds: ['name'],
  hive_clustersync_first_success_duration_seconds: [],
  hive_clustersync_failing_seconds: ['namespaced_name', 'unreachable'],
  hive_selectorsyncset_clusters_total: ['name'],
  hive_selectorsyncset_clusters_unapplied_total: ['name'],
  hive_syncsets_total: [],
  hive_syncsets_unapplied_total: [],
  hive_cluster_deployment_syncset_paused: ['cluster_deployment', 'namespace', 'cluster_type'],
  hive_kube_client_requests_total: ['controller', 'method', 'resource', 'remote', 'status'],
  hive_kube_client_request_seconds: ['controller', 'method', 'resource', 'remote', 'status'],
  hive_kube_client_requests_cancelled_total: ['controller', 'method', 'resource', 'remote'],
  hive_controller_reconcile_seconds: ['controller', 'outcome'],
  workqueue_depth: ['name'],
  controller_runtime_reconcile_total: ['controller', 'result'],
};

test("hive's names are there, with hive's labels", async () => {
  const { registry, observer, written } = fleetMetrics(
    () => undefined,
    () => new Date(0),
  );
  observer.request({
    method: 'GET',
    path: '/apis/apps/v1/namespaces/x/deployments/y',
    status: 200,
    ms: 3,
    remote: true,
  });
  observer.applied('createOnly', false, 40);
  assert.type(written, 'function');
  const text = await registry.metrics();
  assert.match(
    text,
    /hive_kube_client_requests_total\{controller="clustersync",method="GET",resource="apps\/v1\/deployments",remote="true",status="200 OK"\} 1/,
  );
  observer.request({ method: 'PATCH', path: '/api/v1/nodes/x', status: 0, ms: 3, remote: false });
  assert.match(
    await registry.metrics(),
    /hive_kube_client_requests_cancelled_total\{controller="clustersync",method="PATCH",resource="core\/v1\/nodes",remote="false"\} 1/,
  );
  assert.match(text, /hive_syncsetinstance_resources_applied_total\{type="createOnly",result="error"\} 1/);
  for (const [name, labels] of Object.entries(hives)) {
    const metric = registry.getSingleMetric(name) as unknown as { labelNames: readonly string[] } | undefined;
    assert.equal(metric?.labelNames, labels, name);
  }
});

test.run();
