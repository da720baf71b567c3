// The nodes of a cluster that others run: some of many may be down, and not everybody may see them.

import type { KubeClient } from '../../kube/client.ts';
import { KubeApiError } from '../../kube/errors.ts';
import type { KubeList } from '../../kube/object.ts';
import { type Node, nodeVerdict } from '../../kube/verdict.ts';
import type { NodeStatus } from '../provider.ts';

/** undefined where the user may not list them. */
export async function nodesOf(client: KubeClient, signal: AbortSignal | undefined): Promise<NodeStatus[] | undefined> {
  try {
    const { items } = await client.json<KubeList<Node>>({ path: '/api/v1/nodes', signal, attempts: 3 });
    return items.map((node) => {
      const verdict = nodeVerdict(node);
      return { name: node.metadata.name, role: roleOf(node), ready: verdict === undefined, why: verdict?.why };
    });
  } catch (error) {
    if (error instanceof KubeApiError && error.status === 403) return undefined;
    throw error;
  }
}

/** As kubectl shows it. */
function roleOf({ metadata: { labels = {} } }: Node): string {
  const prefix = 'node-role.kubernetes.io/';
  const roles = Object.keys(labels).flatMap((label) => (label.startsWith(prefix) ? [label.slice(prefix.length)] : []));
  return roles.length > 0 ? roles.join(',') : (labels['role'] ?? 'agent');
}
