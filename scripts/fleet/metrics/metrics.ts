// Prometheus metrics under hive's names and labels, so that its dashboards and alerts go on, and finer ones of our own.

import { Counter, Histogram, Registry } from 'prom-client';
import type { ClusterRecord, Runner } from '../runner.ts';
import type { WireObserver } from '../spoke/spoke.ts';
import type { Written } from '../status/writer.ts';
import { fleetGauges } from './gauges.ts';
import { resourceOf, statusText } from './labels.ts';

const METRICS_GROUP = 'hive.openshift.io/syncset-metrics-group';

/** Hive's buckets, in s. */
const buckets = {
  apply: [0.5, 1, 3, 5, 10, 20, 30],
  firstSuccess: [5, 10, 30, 60, 300, 600, 1800, 3600],
  clusterFirstSuccess: [60, 300, 600, 1200, 1800, 2400, 3000, 3600],
  request: [0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120],
  reconcile: [0.001, 0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 120],
  /** Ours, for what takes milliseconds. */
  fine: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
} as const;

export interface FleetMetrics {
  registry: Registry;
  observer: WireObserver & { applied: (type: string, ok: boolean, ms: number) => void };
  /** To be called when a cluster's state changes. */
  changed: (record: ClusterRecord) => void;
  /** To be called when its status was written. */
  written: (record: ClusterRecord, written: Written) => void;
}

export function fleetMetrics(runner: () => Runner | undefined, now: () => Date): FleetMetrics {
  const registry = new Registry();
  const registers = [registry];
  const labelNames = ['controller', 'method', 'resource', 'remote', 'status'];
  const requests = new Counter({
    name: 'hive_kube_client_requests_total',
    help: 'Requests to API servers.',
    labelNames,
    registers,
  });
  const seconds = new Histogram({
    name: 'hive_kube_client_request_seconds',
    help: 'Time until an API server has answered.',
    labelNames,
    buckets: [...buckets.request],
    registers,
  });
  const cancelled = new Counter({
    name: 'hive_kube_client_requests_cancelled_total',
    help: 'Requests to API servers that have had no answer.',
    labelNames: labelNames.slice(0, -1),
    registers,
  });
  const fine = new Histogram({
    name: 'hoist_sync_request_seconds',
    help: 'Time until a cluster has answered.',
    labelNames: ['method'],
    buckets: [...buckets.fine],
    registers,
  });
  fleetGauges(registers, runner);
  return {
    registry,
    observer: {
      request({ method, path, status, ms, remote }) {
        const resource = resourceOf(path);
        const to = { controller: 'clustersync', method, resource, remote: String(remote) };
        if (status === 0) {
          cancelled.inc(to);
          return;
        }
        const labels = { ...to, status: statusText(status) };
        requests.inc(labels);
        seconds.observe(labels, ms / 1000);
        if (remote) fine.observe({ method }, ms / 1000);
      },
      applied: applyMetrics(registers),
    },
    changed: passMetrics(registers),
    written: successMetrics(registers, now),
  };
}

function applyMetrics(registers: Registry[]): FleetMetrics['observer']['applied'] {
  const labelNames = ['type', 'result'];
  const total = new Counter({
    name: 'hive_syncsetinstance_resources_applied_total',
    help: 'Objects that were applied.',
    labelNames,
    registers,
  });
  const seconds = new Histogram({
    name: 'hive_syncsetinstance_apply_duration_seconds',
    help: 'Time that applying one object took.',
    labelNames,
    buckets: [...buckets.apply],
    registers,
  });
  const fine = new Histogram({
    name: 'hoist_sync_apply_seconds',
    help: 'Time that applying one object took, in finer steps.',
    labelNames,
    buckets: [...buckets.fine],
    registers,
  });
  return (type, ok, ms) => {
    const labels = { type, result: ok ? 'success' : 'error' };
    total.inc(labels);
    seconds.observe(labels, ms / 1000);
    fine.observe(labels, ms / 1000);
  };
}

/** Hive's words for what a pass was. */
const outcomes: ReadonlyMap<string, string> = new Map([
  ['synced', 'full-sync'],
  ['held', 'full-sync'],
  ['failed', 'full-sync'],
  ['skipped', 'no-op'],
  ['unreachable', 'unspecified'],
]);

function passMetrics(registers: Registry[]): FleetMetrics['changed'] {
  const seconds = new Histogram({
    name: 'hive_controller_reconcile_seconds',
    help: 'Time that a pass over a cluster took.',
    labelNames: ['controller', 'outcome'],
    buckets: [...buckets.reconcile],
    registers,
  });
  const total = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Passes over clusters.',
    labelNames: ['controller', 'result'],
    registers,
  });
  return ({ state, result }) => {
    const outcome = outcomes.get(state);
    if (outcome === undefined) return;
    seconds.observe({ controller: 'clustersync', outcome }, (result?.ms ?? 0) / 1000);
    const failed = state === 'failed' || state === 'unreachable';
    total.inc({ controller: 'clusterSync-controller', result: failed ? 'error' : 'success' });
  };
}

function successMetrics(registers: Registry[], now: () => Date): FleetMetrics['written'] {
  const syncSet = new Histogram({
    name: 'hive_syncset_apply_duration_seconds',
    help: 'Time from the installation of a cluster to the first success of a SyncSet.',
    labelNames: ['group'],
    buckets: [...buckets.firstSuccess],
    registers,
  });
  const selectorSyncSet = new Histogram({
    name: 'hive_selectorsyncset_apply_duration_seconds',
    help: 'Time from the installation of a cluster to the first success of a SelectorSyncSet.',
    labelNames: ['name'],
    buckets: [...buckets.firstSuccess],
    registers,
  });
  const cluster = new Histogram({
    name: 'hive_clustersync_first_success_duration_seconds',
    help: 'Time from the installation of a cluster until all its sets were applied.',
    buckets: [...buckets.clusterFirstSuccess],
    registers,
  });
  return (record, { firstSuccesses, allForTheFirstTime }) => {
    const installed = Date.parse(record.cluster.installedAt ?? '');
    if (Number.isNaN(installed)) return;
    const seconds = Math.max(0, (now().getTime() - installed) / 1000);
    if (allForTheFirstTime) cluster.observe(seconds);
    for (const { kind, name } of record.result?.sets ?? []) {
      if (!firstSuccesses.includes(`${kind}/${name}`)) continue;
      if (kind === 'SelectorSyncSet') selectorSyncSet.observe({ name }, seconds);
      else syncSet.observe({ group: record.cluster.annotations[METRICS_GROUP] ?? 'none' }, seconds);
    }
  };
}
