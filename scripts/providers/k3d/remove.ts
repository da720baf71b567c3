// Removes a cluster, whole or half made: by its exact label, everything at once.

import { inspectContainer, listContainers, removeContainer } from '../../docker/containers.ts';
import type { DockerClient } from '../../docker/client.ts';
import {
  containersIn,
  findNetwork,
  leaveNetwork,
  listVolumes,
  removeNetwork,
  removeVolume,
} from '../../docker/networks.ts';
import { clusterLabels, K3D, NETWORK, NETWORK_EXTERNAL, roleOf } from './nodes/labels.ts';

/** Looks for something to remove. */
const ROUNDS = 3;

/**
 * Containers first, then the network and the volumes that k3d made for it. Registries of the user's that are in the
 * network are taken out of it and stay.
 * @returns whether there was anything.
 */
export async function removeCluster(engine: DockerClient, name: string, signal?: AbortSignal): Promise<boolean> {
  let removed = false;
  // What a k3d that was killed had asked for may still be made while the rest goes.
  for (let round = 0; round < ROUNDS && (await removeOnce(engine, name, signal)); round++) removed = true;
  return removed;
}

async function removeOnce(engine: DockerClient, name: string, signal: AbortSignal | undefined): Promise<boolean> {
  const labels = clusterLabels(name);
  const [containers, volumes] = await Promise.all([
    listContainers(engine, labels, signal),
    listVolumes(engine, labels, signal),
  ]);
  const external = containers.some((container) => container.labels[NETWORK_EXTERNAL] === 'true');
  const networkName = containers.find((container) => container.labels[NETWORK])?.labels[NETWORK] ?? `k3d-${name}`;
  const network = external ? undefined : await findNetwork(engine, networkName, signal);
  const ours = network?.labels['app'] === K3D.app ? network : undefined;
  const toDelete = new Set(containers.map(({ id }) => id));
  // A registry that k3d made with the cluster may serve others by now.
  const shared = await Promise.all(
    containers
      .filter((one) => roleOf(one) === 'registry')
      .map(async (one) => ((await isShared(engine, one.id, networkName, signal)) ? one.id : undefined)),
  );
  for (const id of shared) if (id !== undefined) toDelete.delete(id);

  // One that is stopped too: left in a network that is gone, it could never be started again.
  const members = ours === undefined ? [] : await containersIn(engine, networkName, signal);
  await Promise.all([
    ...[...toDelete].map((id) => removeContainer(engine, id, signal)),
    ...members.filter((id) => !toDelete.has(id)).map((id) => leaveNetwork(engine, networkName, id, signal)),
  ]);
  await Promise.all([
    ...(ours === undefined ? [] : [removeNetwork(engine, ours.id, signal)]),
    ...volumes.map((volume) => removeVolume(engine, volume, signal)),
  ]);
  return toDelete.size > 0 || volumes.length > 0 || ours !== undefined;
}

async function isShared(engine: DockerClient, id: string, network: string, signal?: AbortSignal): Promise<boolean> {
  const { NetworkSettings } = await inspectContainer(engine, id, signal);
  return Object.keys(NetworkSettings.Networks).some((name) => !['bridge', 'host', network].includes(name));
}
