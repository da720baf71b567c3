// Gauges: what can be said of the fleet at any moment, computed when it is asked for.

import { Gauge, type Registry } from 'prom-client';
import type { SetResult } from '../pass/result.ts';
import type { ClusterRecord, Runner } from '../runner.ts';

type Set = (labels: Record<string, string>, value: number) => void;

interface Definition {
  name: string;
  help: string;
  labels: string[];
  collect: (set: Set, runner: Runner) => void;
}

const STATES = ['pending', 'running', 'synced', 'held', 'failed', 'unreachable', 'skipped'] as const;

const definitions: readonly Definition[] = [
  {
    name: 'workqueue_depth',
    help: 'Clusters that are due and wait.',
    labels: ['name'],
    collect: (set, { load }) => set({ name: 'clusterSync-controller' }, load.depth),
  },
  {
    name: 'hoist_sync_clusters',
    help: 'Clusters by state.',
    labels: ['state'],
    collect(set, runner) {
      const all = recordsOf(runner);
      for (const state of STATES) set({ state }, all.filter((record) => record.state === state).length);
    },
  },
  {
    name: 'hoist_sync_in_flight_requests',
    help: 'Requests under way to clusters.',
    labels: [],
    collect: (set, { load }) => set({}, load.inFlight),
  },
  {
    name: 'hoist_sync_in_flight_limit',
    help: 'Requests that may be under way to clusters.',
    labels: [],
    collect: (set, { load }) => set({}, load.limit),
  },
  {
    name: 'hive_selectorsyncset_clusters_total',
    help: 'Clusters that a SelectorSyncSet is for.',
    labels: ['name'],
    collect: (set, runner) => byName(set, runner, () => 1),
  },
  {
    name: 'hive_selectorsyncset_clusters_unapplied_total',
    help: 'Clusters to which a SelectorSyncSet is not applied.',
    labels: ['name'],
    collect: (set, runner) => byName(set, runner, ({ ok }) => (ok ? 0 : 1)),
  },
  {
    name: 'hive_syncsets_total',
    help: 'SyncSets on clusters.',
    labels: [],
    collect: (set, runner) => set({}, setsOf(runner).filter(({ kind }) => kind === 'SyncSet').length),
  },
  {
    name: 'hive_syncsets_unapplied_total',
    help: 'SyncSets that are not applied.',
    labels: [],
    collect: (set, runner) => set({}, setsOf(runner).filter(({ kind, ok }) => kind === 'SyncSet' && !ok).length),
  },
  {
    name: 'hive_clustersync_failing_seconds',
    help: 'Time for which a cluster has failed.',
    labels: ['namespaced_name', 'unreachable'],
    collect(set, runner) {
      const now = runner.options.clock.now();
      for (const { cluster, failingSince, unreachable } of recordsOf(runner)) {
        if (failingSince === undefined) continue;
        set({ namespaced_name: cluster.id, unreachable: String(unreachable) }, (now - failingSince) / 1000);
      }
    },
  },
  {
    name: 'hive_cluster_deployment_syncset_paused',
    help: 'Clusters that are paused.',
    labels: ['cluster_deployment', 'namespace', 'cluster_type'],
    collect(set, runner) {
      for (const { cluster } of recordsOf(runner)) {
        if (cluster.skip?.startsWith('paused') !== true) continue;
        const type = cluster.labels['hive.openshift.io/cluster-type'] ?? 'unspecified';
        set({ cluster_deployment: cluster.name, namespace: cluster.namespace, cluster_type: type }, 1);
      }
    },
  },
];

export function fleetGauges(registers: Registry[], runner: () => Runner | undefined): void {
  for (const { name, help, labels, collect } of definitions) {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: labels,
      registers,
      collect() {
        gauge.reset();
        const now = runner();
        if (now === undefined) return;
        collect((values, value) => {
          if (labels.length === 0) gauge.set(value);
          else gauge.set(values, value);
        }, now);
      },
    });
  }
}

function recordsOf(runner: Runner): ClusterRecord[] {
  return [...runner.records.values()];
}

function setsOf(runner: Runner): SetResult[] {
  return recordsOf(runner).flatMap(({ result }) => result?.sets ?? []);
}

function byName(set: Set, runner: Runner, weight: (result: SetResult) => number): void {
  const counts = new Map<string, number>();
  for (const one of setsOf(runner)) {
    if (one.kind === 'SelectorSyncSet') counts.set(one.name, (counts.get(one.name) ?? 0) + weight(one));
  }
  for (const [name, count] of counts) set({ name }, count);
}
