// What `status` tells of every cluster whose API answers: its health, and its nodes.

import { type KubeClient, connect } from '../kube/client/client.ts';
import type { KubeConnection } from '../kube/client/connection.ts';
import { checkHealth } from '../kube/watch/health.ts';
import type { KubeList } from '../kube/object.ts';
import { type Node, nodeVerdict } from '../kube/watch/verdict.ts';
import type { ComponentStatus, NodeStatus } from './provider.ts';

export async function apiStatus(client: KubeClient, signal: AbortSignal | undefined): Promise<ComponentStatus> {
  const results = await checkHealth(client, signal);
  const bad = results.filter((r) => !r.ok).map((r) => `${r.path} ${r.problem ?? ''}`);
  const detail = bad.length === 0 ? results.map((r) => r.path).join(' ') : bad.join('; ');
  return { name: 'api', ok: bad.length === 0, detail };
}

/** @throws what the client throws where nodes cannot be listed */
export async function nodeStatus(
  client: KubeClient,
  roleOf: (node: Node) => string,
  signal: AbortSignal | undefined,
): Promise<NodeStatus[]> {
  const { items } = await client.json<KubeList<Node>>({ path: '/api/v1/nodes', signal, attempts: 3 });
  return items.map((node) => {
    const verdict = nodeVerdict(node);
    return { name: node.metadata.name, role: roleOf(node), ready: verdict === undefined, why: verdict?.why };
  });
}

/** Both of them, through a client of its own; no nodes where the API is not well. */
export async function askApi(
  connection: KubeConnection,
  roleOf: (node: Node) => string,
  signal: AbortSignal | undefined,
): Promise<[ComponentStatus, NodeStatus[]]> {
  const client = connect(connection);
  try {
    const api = await apiStatus(client, signal);
    return [api, api.ok ? await nodeStatus(client, roleOf, signal) : []];
  } finally {
    client.close();
  }
}
