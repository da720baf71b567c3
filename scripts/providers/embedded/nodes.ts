// The simulated nodes: what they look like, and how they come to be.

import type { KubeClient } from '../../kube/client.ts';
import { apiErrorOf } from '../../kube/errors.ts';
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

/** Creates the nodes that are missing; those that are there stay as they are. */
export async function createNodes(
  client: KubeClient,
  nodes: readonly PlannedNode[],
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(
    nodes.map((node) => create(client, '/api/v1/nodes', nodeObject(node), `node ${node.name}`, signal)),
  );
}

/** kube-apiserver makes its own namespaces only some time after it answers, and what is applied may be for one of them. */
export function createNamespace(client: KubeClient, name: string, signal: AbortSignal): Promise<void> {
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  return create(client, '/api/v1/namespaces', object, `namespace ${name}`, signal);
}

/** Not applied, but created: an apply would leave out the status, where a node's capacity stands. */
async function create(
  client: KubeClient,
  path: string,
  body: object,
  what: string,
  signal: AbortSignal,
): Promise<void> {
  const answer = await client.request({ method: 'POST', path, body, signal, attempts: 5 });
  if (answer.status >= 400 && answer.status !== 409) throw apiErrorOf(what, answer.status, JSON.parse(answer.body));
}
