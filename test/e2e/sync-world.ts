// What the tests of `hoist sync` share: a world for the command, a cluster that is hub and spoke, sets as objects and as YAML.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Callback, Test } from 'uvu';
import { connect, type KubeClient } from '../../scripts/kube/client/client.ts';
import { binaries, sharedCluster, startCluster, type TestCluster } from '../doubles/apiserver.ts';
import { inlineKubeconfig } from '../fleet/inline.ts';
import { createWorld, type World } from './hoist.ts';

export interface SyncContext {
  world: World;
  cluster: TestCluster;
  client: KubeClient;
  /** The flags that name the cluster as the hub. */
  hub: readonly string[];
}

/** Starts a cluster before the suite's tests and stops it after them; the tests are skipped where there are no binaries. */
export function withCluster(
  test: Test<SyncContext>,
  { audit = false } = {},
): (name: string, callback: Callback<SyncContext>) => void {
  if (binaries() === undefined) return (name, callback) => test.skip(name, callback);
  test.before(async (context) => {
    context.cluster = await (audit ? startCluster({ audit }) : sharedCluster());
    context.world = createWorld();
    context.client = connect(context.cluster.connection);
    context.hub = ['--hub', 'test', '--kubeconfig', context.cluster.kubeconfig];
  });
  test.after(async ({ client, world, cluster }) => {
    client.close();
    await world.close();
    cluster.stop();
  });
  return (name, callback) => test(name, callback);
}

/** Until the look finds something; `false` counts as nothing. */
export async function until<T>(what: string, look: () => Promise<T | undefined | false>, limitMs = 60_000): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await sleep(100);
  }
}

export const selectorSyncSets = '/apis/hive.openshift.io/v1/selectorsyncsets';
export const configMaps = '/api/v1/namespaces/default/configmaps';

export function clusterSyncs(namespace: string): string {
  return `/apis/hiveinternal.openshift.io/v1alpha1/namespaces/${namespace}/clustersyncs`;
}

/** A SelectorSyncSet of mode Sync. */
export function selectorSet(
  name: string,
  matchLabels: Record<string, string>,
  resources: readonly object[],
): { spec: object } {
  return {
    apiVersion: 'hive.openshift.io/v1',
    kind: 'SelectorSyncSet',
    metadata: { name },
    spec: { clusterDeploymentSelector: { matchLabels }, resourceApplyMode: 'Sync', resources },
  } as { spec: object };
}

export function configMap(name: string, data: object, namespace = 'default'): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

/** ClusterDeployments for one server, and the Secret that they share, as YAML. */
export function clusterFiles({ connection }: TestCluster, names: readonly string[], labels: object): string {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'admin', namespace: 'fleet' },
    stringData: { kubeconfig: inlineKubeconfig(connection) },
  };
  const deployments = names.map((name) => ({
    apiVersion: 'hive.openshift.io/v1',
    kind: 'ClusterDeployment',
    metadata: { name, namespace: 'fleet', labels },
    spec: { clusterMetadata: { adminKubeconfigSecretRef: { name: 'admin' } } },
  }));
  return [secret, ...deployments].map((one) => JSON.stringify(one)).join('\n---\n');
}
