// The simulated nodes: what they look like, and how they come to be.

import type { KubeClient } from '../../kube/client/client.ts';
import { create } from '../../kube/apply/create.ts';
import type { PlannedNode } from '../../plan/plan.ts';

/** Pods that one kubelet carries by default. */
const PODS = '110';

export function nodeObject(node: PlannedNode): object {
  const resources = { cpu: String(node.cpus), memory: `${Math.floor(node.memoryBytes / 2 ** 20)}Mi`, pods: PODS };
  const role = node.role === 'server' ? { 'node-role.kubernetes.io/control-plane': 'true' } : {};
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      annotations: { 'kwok.x-k8s.io/node': 'fake' },
      labels: {
        'kubernetes.io/arch': process.arch === 'x64' ? 'amd64' : process.arch,
        'kubernetes.io/hostname': node.name,
        'kubernetes.io/os': 'linux',
        role: node.role,
        type: 'kwok',
        ...role,
      },
    },
    status: { allocatable: resources, capacity: resources },
  };
}

/**
 * Creates the nodes that are missing; those that are there stay as they are.
 * Not applied: an apply would leave out the status, where a node's capacity stands.
 */
export async function createNodes(
  client: KubeClient,
  nodes: readonly PlannedNode[],
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(
    nodes.map((node) =>
      create(client, { path: '/api/v1/nodes', body: nodeObject(node), what: `node ${node.name}` }, signal),
    ),
  );
}
