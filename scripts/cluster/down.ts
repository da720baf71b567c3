// Removes clusters: processes, data, kubeconfig entries.

import { join } from 'node:path';
import { withLock } from '../host/lock.ts';
import { removeContext, userKubeconfig } from '../kube/kubeconfig.ts';
import { contextName } from '../providers/provider.ts';
import { type Wiring, clusterProviders } from '../wiring.ts';

export interface Removal {
  name: string;
  /** The provider whose cluster it was; undefined where there was none of this name. */
  provider: string | undefined;
}

/** Names of all clusters of all providers. */
export async function clusterNames(wiring: Wiring): Promise<string[]> {
  const lists = await Promise.all(clusterProviders.map(async (name) => (await wiring.provider(name)).list()));
  return [...new Set(lists.flat())].sort();
}

/** Removes a cluster of any provider; what is not there is no error. */
export async function down(
  name: string,
  options: { kubeconfig: string | undefined; signal: AbortSignal },
  wiring: Wiring,
): Promise<Removal> {
  const lock = join(wiring.stateHome, 'locks', `${name}.lock`);
  return withLock(lock, { signal: options.signal }, async () => {
    const removed = await Promise.all(
      clusterProviders.map(async (provider) =>
        (await (await wiring.provider(provider)).remove(name, options.signal)) ? [provider] : [],
      ),
    );
    await removeContext(userKubeconfig(wiring.env, options.kubeconfig), contextName(name));
    return { name, provider: removed.flat()[0] };
  });
}
