// Stops a cluster: its processes or containers end, its data stays.

import type { ProviderName } from '../plan/provider-name.ts';
import type { Provider, Stopped } from '../providers/provider.ts';
import type { ClusterContext } from '../context.ts';
import { withClusterLock } from './cluster-lock.ts';
import { atItsProvider } from './find.ts';

export interface Stop {
  name: string;
  provider: ProviderName;
  outcome: Stopped;
}

/** @throws UsageError where there is no such cluster, or it is not hoist's. */
export async function stop(
  name: string,
  options: { provider: ProviderName | 'auto'; signal: AbortSignal },
  wiring: ClusterContext,
): Promise<Stop> {
  return withClusterLock(name, { signal: options.signal }, wiring, async () => {
    const ask = (provider: Provider): Promise<Stopped | undefined> | undefined => provider.stop?.(name, options.signal);
    const { provider, found } = await atItsProvider(name, options.provider, ask, wiring);
    return { name, provider: provider.name, outcome: found };
  });
}
