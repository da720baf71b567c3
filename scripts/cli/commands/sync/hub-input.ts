// The hub that the flags name.

import { resolve } from 'node:path';
import type { HostContext } from '../../../context.ts';
import { inClusterConnection } from '../../../fleet/targets/in-cluster.ts';
import { connect, type KubeClient } from '../../../kube/client/client.ts';
import { kubeconfigPaths } from '../../../kube/kubeconfig/kubeconfig.ts';
import { readConnection } from '../../../kube/kubeconfig/read.ts';
import type { SyncFlags } from './flags.ts';

/** What stands for the cluster that this process is a pod of. */
const IN_CLUSTER = 'in-cluster';

/** @throws ConfigError where the context cannot be found */
export async function hubClient(
  flags: Pick<SyncFlags, 'hub' | 'kubeconfig'>,
  context: HostContext,
): Promise<KubeClient> {
  const { hub, kubeconfig } = flags;
  if (hub === IN_CLUSTER) return connect(await inClusterConnection(context.env));
  const paths = kubeconfigPaths(context.env, kubeconfig === undefined ? undefined : resolve(context.cwd, kubeconfig));
  const { connection } = await readConnection({ paths, context: hub, exec: context.exec });
  return connect(connection);
}
