// The hub that the flags name.

import { resolve } from 'node:path';
import type { Clock } from '../../../engine/clock.ts';
import type { HostContext } from '../../../context.ts';
import { inClusterConnection } from '../../../fleet/targets/in-cluster.ts';
import { connect, type KubeClient, type KubeConnection, type TokenSource } from '../../../kube/client/client.ts';
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
  if (hub === IN_CLUSTER) {
    const { connection, token } = await inClusterConnection(context.env, context.clock);
    return connect(connection, { token });
  }
  const paths = kubeconfigPaths(context.env, kubeconfig === undefined ? undefined : resolve(context.cwd, kubeconfig));
  const read = async (): Promise<KubeConnection> =>
    (await readConnection({ paths, context: hub, exec: context.exec })).connection;
  const connection = await read();
  return connect(connection, { token: renewedBy(read, connection.token, context.clock) });
}

/** ms before which it is not asked for again: an account that has no rights any more is refused with each request. */
const AGAIN_MS = 10_000;

/** What a file holds, or a log-in program says, ends some day: where the server refuses it, it is asked for again. */
function renewedBy(
  read: () => Promise<KubeConnection>,
  first: string | undefined,
  clock: Clock,
): TokenSource | undefined {
  if (first === undefined) return undefined;
  let token = first;
  let reading: { at: number; done: Promise<void> } | undefined;
  return async (refused) => {
    if (refused !== token) return token;
    const now = clock.now();
    if (reading === undefined || now - reading.at >= AGAIN_MS) {
      // The one before is then refused again, which says more than that no other one came.
      const done = read().then(
        (connection) => void (token = connection.token ?? token),
        () => undefined,
      );
      reading = { at: now, done };
    }
    await reading.done;
    return token;
  };
}
