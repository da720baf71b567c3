// The cluster of a bundle: found in the kubeconfig, asked once whether it answers.

import { HoistError, messageOf } from '../../base/errors.ts';
import type { Exec } from '../../host/exec.ts';
import { type KubeClient, type KubeConnection, connect } from '../../kube/client/client.ts';
import { kubeconfigPaths } from '../../kube/kubeconfig/kubeconfig.ts';
import { readConnection } from '../../kube/kubeconfig/read.ts';

/** ms within which a living API server answers the simplest request. */
const PROBE_MS = 5_000;

export interface ClusterChoice {
  env: Readonly<Record<string, string | undefined>>;
  exec: Exec;
  /** Paths as in KUBECONFIG. */
  kubeconfig?: string | undefined;
  context?: string | undefined;
  namespace?: string | undefined;
}

export interface ClusterAccess {
  client: KubeClient;
  connection: KubeConnection;
  /** That of the choice, else of the context, else `default`. */
  namespace: string;
  context: string;
}

/** @throws ConfigError where the kubeconfig is no good; no request is made. */
export async function accessOf({ env, exec, kubeconfig, context, namespace }: ClusterChoice): Promise<ClusterAccess> {
  const target = await readConnection({ paths: kubeconfigPaths(env, kubeconfig), context, exec });
  return {
    client: connect(target.connection, { connectMs: PROBE_MS }),
    connection: target.connection,
    namespace: namespace ?? target.namespace ?? 'default',
    context: target.context,
  };
}

/** @throws HoistError where no answer comes within 5 s: everything else would wait for it in vain, too. */
export async function probe({ client }: ClusterAccess, signal: AbortSignal): Promise<void> {
  try {
    await client.json({ path: '/version', timeoutMs: PROBE_MS, signal });
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new HoistError(`the cluster at ${client.server} cannot be reached: ${messageOf(cause)}`, { cause });
  }
}
