// Takes back that nodes are Ready which have not reported since they were started: kubelet reports early only where its node is not.

import type { KubeClient } from '../../../kube/client/client.ts';
import { KubeApiError } from '../../../kube/client/errors.ts';
import type { KubeList, KubeObject } from '../../../kube/object.ts';

interface Condition {
  type: string;
  status: string;
  lastHeartbeatTime?: string;
}

type Node = KubeObject & { status?: { conditions?: readonly Condition[] } };

/**
 * kubelet reports that its node is Ready as soon as it is, but where the node is called that already: its next report is then due
 * after 10 s. The node controller would say `Unknown` as well, after 40 s without a word.
 * @param startedAt ms since the epoch, by node
 */
export async function markUnheard(
  client: KubeClient,
  startedAt: ReadonlyMap<string, number>,
  signal: AbortSignal,
): Promise<void> {
  try {
    const { items } = await client.json<KubeList<Node>>({ path: '/api/v1/nodes', signal });
    await Promise.all(items.map((node) => markNode(client, node, startedAt, signal)));
  } catch (error) {
    // It saves time, and nothing depends on it.
    if (!(error instanceof KubeApiError)) throw error;
  }
}

async function markNode(
  client: KubeClient,
  { metadata: { name, resourceVersion }, status }: Node,
  startedAt: ReadonlyMap<string, number>,
  signal: AbortSignal,
): Promise<void> {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  // Reports have whole seconds.
  const started = Math.floor((startedAt.get(name) ?? 0) / 1000) * 1000;
  if (ready?.status !== 'True' || !(Date.parse(ready.lastHeartbeatTime ?? '') < started)) return;
  const unknown = {
    type: 'Ready',
    status: 'Unknown',
    reason: 'NodeStarted',
    message: 'kubelet has not reported since the node was started',
    lastTransitionTime: new Date(started).toISOString(),
  };
  await client.json({
    method: 'PATCH',
    path: `/api/v1/nodes/${encodeURIComponent(name)}/status`,
    contentType: 'application/strategic-merge-patch+json',
    // One that has reported meanwhile is left alone.
    body: { metadata: { resourceVersion }, status: { conditions: [unknown] } },
    signal,
  });
}
