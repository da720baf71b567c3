// What an existing cluster looks like to its user now.

import { messageOf } from '../../base/errors.ts';
import type { Exec } from '../../host/exec.ts';
import { connect } from '../../kube/client/client.ts';
import { readConnection } from '../../kube/kubeconfig/read.ts';
import { apiStatus } from '../api-status.ts';
import type { ClusterStatus, ComponentStatus, NodeStatus } from '../provider.ts';
import { assertNotExpired, explainRefusal } from './credential.ts';
import { nodesOf } from './nodes.ts';
import type { Records } from './record.ts';

export async function existingStatus(
  name: string,
  records: Records,
  exec: Exec,
  signal: AbortSignal | undefined,
): Promise<ClusterStatus | undefined> {
  const record = await records.read(name);
  if (!record) return undefined;
  const [api, nodes] = await askCluster([records.kubeconfig(name)], record.context, exec, signal);
  return {
    name,
    provider: 'existing',
    state: !api.ok ? 'stopped' : nodes.every((node) => node.ready) ? 'running' : 'degraded',
    server: record.server,
    context: record.context,
    createdAt: record.createdAt,
    components: [api],
    nodes,
    ports: {},
    location: records.folder(name),
  };
}

/** Whether the API answers and is well, and its nodes; `ok` is false where it cannot be reached. */
export async function askCluster(
  paths: readonly string[],
  context: string,
  exec: Exec,
  signal: AbortSignal | undefined,
): Promise<[ComponentStatus, NodeStatus[]]> {
  try {
    const target = await readConnection({ paths, context, exec });
    assertNotExpired(target, new Date());
    const client = connect(target.connection);
    try {
      const nodes = (await nodesOf(client, signal)) ?? [];
      return [await apiStatus(client, signal), nodes];
    } catch (error) {
      throw explainRefusal(error, target);
    } finally {
      client.close();
    }
  } catch (error) {
    signal?.throwIfAborted();
    return [{ name: 'api', ok: false, detail: messageOf(error) }, []];
  }
}
