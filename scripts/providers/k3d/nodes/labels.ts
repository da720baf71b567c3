// How k3d marks what belongs to it: the only thing by which anything is found, changed or removed.

import type { DockerClient } from '../../../docker/client.ts';
import { type Container, listContainers } from '../../../docker/containers.ts';
import { nodeNames } from '../../../plan/node-names.ts';

export const K3D = { app: 'k3d' } as const;
export const CLUSTER = 'k3d.cluster';
export const ROLE = 'k3d.role';
export const NETWORK = 'k3d.cluster.network';
export const NETWORK_EXTERNAL = 'k3d.cluster.network.external';
export const API_PORT = 'k3d.server.api.port';

/** The labels of everything that belongs to exactly this cluster; `dev` never means `dev-2`. */
export function clusterLabels(name: string): Record<string, string> {
  return { ...K3D, [CLUSTER]: name };
}

export function roleOf({ labels }: Pick<Container, 'labels'>): string {
  return labels[ROLE] ?? '';
}

/** Nodes that run k3s, as opposed to load balancer, tools and registries. */
export function isK3sNode(container: Pick<Container, 'labels'>): boolean {
  const role = roleOf(container);
  return role === 'server' || role === 'agent';
}

/** The container of the first server, by k3d's way of naming. */
export function firstServer(cluster: string): string {
  const [server] = nodeNames('k3d', cluster, { servers: 1, agents: 0 });
  return server?.name ?? '';
}

/** The containers of a cluster's nodes that run k3s, in whatever state. */
export async function nodesOf(engine: DockerClient, cluster: string, signal?: AbortSignal): Promise<Container[]> {
  return (await listContainers(engine, clusterLabels(cluster), signal)).filter(isK3sNode);
}
