// What `status` tells of every cluster whose API answers: its health, and its nodes.

import { type KubeClient, connect } from '../kube/client/client.ts';
import type { KubeConnection } from '../kube/client/connection.ts';
import { checkHealth } from '../kube/watch/health.ts';
import type { KubeList } from '../kube/object.ts';
import { type Node, nodeVerdict } from '../kube/watch/verdict.ts';
import type { ComponentStatus, NodeStatus } from './provider.ts';

export async function apiStatus(client: KubeClient, signal: AbortSignal | undefined): Promise<ComponentStatus> {
  const results = await checkHealth(client, signal);
  const bad = results.filter((r) => !r.ok);
  if (bad.length === 0) return { name: 'api', ok: true, detail: results.map((r) => r.path).join(' ') };
  // Where nothing listens, each path has the same to say: one cause, once.
  const causes = [...new Set(bad.map(({ problem = 'is not well' }) => problem))];
  const detail = causes.map((cause) => {
    const paths = bad.filter(({ problem = 'is not well' }) => problem === cause).map(({ path }) => path);
    return bad.length === results.length && causes.length === 1 ? cause : `${paths.join(' ')} ${cause}`;
  });
  return { name: 'api', ok: false, detail: detail.join('; ') };
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
