// Fleets for tests: sets from plain objects, clusters that are copies of a server, a runner over them.

import type { Clock } from '../../scripts/engine/clock.ts';
import { systemClock } from '../../scripts/engine/clock.ts';
import { type ClusterRecord, Runner, type RunnerOptions } from '../../scripts/fleet/runner.ts';
import { parseSet } from '../../scripts/fleet/sets/parse.ts';
import type { SyncSet } from '../../scripts/fleet/sets/types.ts';
import type { Fleet } from '../../scripts/fleet/sources/source.ts';
import { uidOf } from '../../scripts/fleet/targets/cluster-deployment.ts';
import type { FleetCluster, SourceSecret } from '../../scripts/fleet/targets/types.ts';
import type { KubeConnection } from '../../scripts/kube/client/connection.ts';

type Spec = Record<string, unknown>;

/** A SelectorSyncSet of mode Sync for clusters with the label `fleet: test`, unless the spec says otherwise. */
export function selectorSet(name: string, spec: Spec, annotations: Record<string, string> = {}): SyncSet {
  const { set, problems } = parseSet(
    {
      apiVersion: 'hive.openshift.io/v1',
      kind: 'SelectorSyncSet',
      metadata: { name, annotations },
      spec: {
        clusterDeploymentSelector: { matchLabels: { fleet: 'test' } },
        resourceApplyMode: 'Sync',
        ...spec,
      },
    },
    name,
  );
  const errors = problems.filter(({ level }) => level === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ path, message }) => `${path} ${message}`).join('\n'));
  return set;
}

export function configMap(name: string, data: Record<string, unknown>, namespace = 'default'): Spec {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

export function namespace(name: string): Spec {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

/** Copies of one server, as hive's scale test adopts them. */
export function copies(connection: KubeConnection, count = 1, labels: Record<string, string> = {}): FleetCluster[] {
  return Array.from({ length: count }, (_, at) => cluster(`copy-${at}`, connection, labels));
}

export function cluster(name: string, connection: KubeConnection, labels: Record<string, string> = {}): FleetCluster {
  const id = `fleet/${name}`;
  return {
    id,
    namespace: 'fleet',
    name,
    uid: uidOf(id),
    labels: { fleet: 'test', ...labels },
    annotations: {},
    connection: () => Promise.resolve(connection),
    where: name,
  };
}

export function fleetOf(
  sets: readonly SyncSet[],
  clusters: readonly FleetCluster[],
  options: { secrets?: Record<string, SourceSecret>; complete?: boolean } = {},
): Fleet {
  return {
    sets,
    clusters,
    secret: (space, name) => Promise.resolve(options.secrets?.[`${space}/${name}`]),
    broken: new Set(),
    complete: options.complete ?? true,
  };
}

export const defaults: RunnerOptions = {
  clock: systemClock,
  random: Math.random,
  workers: 16,
  perCluster: 16,
  intervalMs: 7_200_000,
  attempts: 1,
  requestMs: 10_000,
  passMs: 60_000,
  dryRun: false,
  strict: false,
  policy: { max: { share: 0.5 }, confirmed: false, kinds: new Set() },
};

/** One pass over a fleet, without anything remembered from before. */
export async function syncOnce(
  fleet: Fleet,
  options: Partial<RunnerOptions> & { clock?: Clock } = {},
): Promise<ClusterRecord[]> {
  const runner = new Runner(fleet, { ...defaults, ...options });
  try {
    await runner.once(new AbortController().signal);
  } finally {
    runner.close();
  }
  return [...runner.records.values()];
}

/** The only record; fails the test where there are more. */
export async function syncOne(
  fleet: Fleet,
  options: Partial<RunnerOptions> = {},
): Promise<ClusterRecord & { result: NonNullable<ClusterRecord['result']> }> {
  const records = await syncOnce(fleet, options);
  const [record] = records;
  if (records.length !== 1 || record?.result === undefined) {
    throw new Error(`expected one result: ${JSON.stringify(records.map(({ state, reason }) => [state, reason]))}`);
  }
  return { ...record, result: record.result };
}
