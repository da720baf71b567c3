// Removes the pull-through caches that no cluster uses any more, with all that they hold.

import { inspectContainer, listContainers, removeContainer } from '../../../docker/containers.ts';
import type { DockerClient } from '../../../docker/client.ts';
import { listVolumes, removeVolume } from '../../../docker/networks.ts';
import type { CachesRemoved } from '../../provider.ts';
import { CACHE_LABELS, isCacheContainer, volumeOfCache } from './caches.ts';
import { CLUSTER, isK3sNode, K3D, NETWORK, ROLE } from '../nodes/labels.ts';

/**
 * A cluster that is stopped uses its caches still.
 * @param remembered names of the caches that a cluster was made with.
 */
export async function removeUnusedCaches(
  engine: DockerClient,
  remembered: (cluster: string) => Promise<readonly string[]>,
  signal?: AbortSignal,
): Promise<CachesRemoved> {
  const [registries, containers, volumes] = await Promise.all([
    listContainers(engine, { ...K3D, [ROLE]: 'registry' }, signal),
    listContainers(engine, K3D, signal),
    listVolumes(engine, CACHE_LABELS, signal),
  ]);
  // One node names its whole cluster.
  const clusters = new Map(containers.filter(isK3sNode).map(({ labels }) => [labels[CLUSTER] ?? '', labels[NETWORK]]));
  const named = new Map(
    await Promise.all([...clusters.keys()].map(async (name) => [name, await remembered(name)] as const)),
  );
  const caches = await Promise.all(
    registries
      .filter(({ name }) => isCacheContainer(name))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(async ({ id, name }) => {
        const { Networks } = (await inspectContainer(engine, id, signal)).NetworkSettings;
        const users = [...clusters].filter(
          ([cluster, network]) => (network !== undefined && network in Networks) || named.get(cluster)?.includes(name),
        );
        return { id, name, clusters: users.map(([cluster]) => cluster).sort() };
      }),
  );
  const inUse = caches.filter((cache) => cache.clusters.length > 0);
  const unused = caches.filter((cache) => cache.clusters.length === 0);
  await Promise.all(unused.map(({ id }) => removeContainer(engine, id, signal)));
  const kept = inUse.map(({ name }) => volumeOfCache(name));
  // Those of an earlier hoist have no labels: they go with the containers that use them.
  const own = unused.map(({ name }) => volumeOfCache(name));
  const toDelete = [...new Set([...volumes, ...own])].filter((volume) => !kept.includes(volume));
  await Promise.all(toDelete.map((volume) => removeVolume(engine, volume, signal)));
  return {
    removed: toDelete.sort(),
    inUse: inUse.map(({ name, clusters: by }) => ({ name: volumeOfCache(name), clusters: by })),
  };
}
