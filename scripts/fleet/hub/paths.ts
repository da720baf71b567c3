// Where hive's kinds live on a hub.

const HIVE = '/apis/hive.openshift.io/v1';
const INTERNAL = '/apis/hiveinternal.openshift.io/v1alpha1';

/** Characters of one object: etcd takes no request of more than 1.5 MiB. */
export const ONE_OBJECT_MAX = 8 * 2 ** 20;

export const paths = {
  clusterDeployments: `${HIVE}/clusterdeployments`,
  syncSets: `${HIVE}/syncsets`,
  selectorSyncSets: `${HIVE}/selectorsyncsets`,
  clusterSyncs: `${INTERNAL}/clustersyncs`,
  leases: `${INTERNAL}/clustersyncleases`,
} as const;

export function clusterDeploymentPath(namespace: string, name?: string): string {
  return inNamespace(HIVE, namespace, 'clusterdeployments', name);
}

export function clusterSyncPath(namespace: string, name?: string): string {
  return inNamespace(INTERNAL, namespace, 'clustersyncs', name);
}

export function leasePath(namespace: string, name?: string): string {
  return inNamespace(INTERNAL, namespace, 'clustersyncleases', name);
}

export function secretPath(namespace: string, name?: string): string {
  return inNamespace('/api/v1', namespace, 'secrets', name);
}

function inNamespace(base: string, namespace: string, plural: string, name: string | undefined): string {
  const collection = `${base}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
  return name === undefined ? collection : `${collection}/${encodeURIComponent(name)}`;
}
