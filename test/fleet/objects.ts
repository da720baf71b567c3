// Sets, objects and clusters for tests, made of plain values.

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
