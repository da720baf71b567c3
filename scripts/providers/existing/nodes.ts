// The nodes of a cluster that others run: some of many may be down, and not everybody may see them.

import type { KubeClient } from '../../kube/client/client.ts';
import { KubeApiError } from '../../kube/client/errors.ts';
import type { Node } from '../../kube/watch/verdict.ts';
import { nodeStatus } from '../api-status.ts';
import type { NodeStatus } from '../provider.ts';

/** undefined where the user may not list them. */
export async function nodesOf(client: KubeClient, signal: AbortSignal | undefined): Promise<NodeStatus[] | undefined> {
  try {
    return await nodeStatus(client, roleOf, signal);
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
