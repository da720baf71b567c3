// What `status` reports of every cluster whose API answers: its health, and its nodes.

import { messageOf } from '../base/errors.ts';
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

/** ms for each attempt to list nodes. */
const NODES_MS = 10_000;

/** @throws what the client throws where nodes cannot be listed */
export async function nodeStatus(
  client: KubeClient,
  roleOf: (node: Node) => string,
  signal: AbortSignal | undefined,
): Promise<NodeStatus[]> {
  const { items } = await client.json<KubeList<Node>>({
    path: '/api/v1/nodes',
    signal,
    attempts: 3,
    timeoutMs: NODES_MS,
  });
  return items.map((node) => {
    const verdict = nodeVerdict(node);
    return { name: node.metadata.name, role: roleOf(node), ready: verdict === undefined, why: verdict?.why };
  });
}

/** Both of them, through a client of its own; no nodes where the API is not well, or cannot list them. */
export async function askApi(
  connection: KubeConnection,
  roleOf: (node: Node) => string,
  signal: AbortSignal | undefined,
): Promise<[ComponentStatus, NodeStatus[]]> {
  const client = connect(connection);
  try {
    const api = await apiStatus(client, signal);
    if (!api.ok) return [api, []];
    try {
      return [api, await nodeStatus(client, roleOf, signal)];
    } catch (error) {
      // It says that it is well for some seconds after its etcd has died.
      signal?.throwIfAborted();
      return [{ name: 'api', ok: false, detail: `nodes cannot be listed: ${messageOf(error)}` }, []];
    }
  } finally {
    client.close();
  }
}
