// Finds the provider of a cluster that is to be stopped or started, or says why that cannot be.

import { UsageError } from '../base/errors.ts';
import type { ProviderName } from '../plan/provider-name.ts';
import type { Provider } from '../providers/provider.ts';
import { type ClusterContext, clusterProviders } from '../context.ts';
import { clusterNames } from './down.ts';

/**
 * Asks all providers that can do it, and takes the first that has such a cluster.
 * @param ask resolves with undefined where the provider has none, or cannot do it at all.
 * @param provider the one of the settings.
 * @throws UsageError where none has one, or where it is not hoist's to stop and start.
 */
export async function atItsProvider<T>(
  name: string,
  provider: ProviderName | 'auto',
  ask: (provider: Provider) => Promise<T | undefined> | undefined,
  wiring: ClusterContext,
): Promise<{ provider: Provider; found: T }> {
  if (provider === 'existing') throw notOurs(name);
  // Where two have a cluster of this name, the one of the settings is meant.
  const inTurn = [...clusterProviders].sort((a, b) => Number(b === provider) - Number(a === provider));
  for (const one of inTurn) {
    const candidate = await wiring.provider(one);
    const found = await ask(candidate);
    if (found !== undefined) return { provider: candidate, found };
  }
  if ((await (await wiring.provider('existing')).list()).includes(name)) throw notOurs(name);
  throw noSuchCluster([name], await clusterNames(wiring));
}

/** @param known names of the clusters that there are */
export function noSuchCluster(names: readonly string[], known: readonly string[]): UsageError {
  const there = known.length > 0 ? `there are: ${known.join(', ')}` : 'there are none';
  return new UsageError(`there is no cluster ${names.map((name) => `"${name}"`).join(', ')}; ${there}`);
}

function notOurs(name: string): UsageError {
  return new UsageError(`hoist neither stops nor starts "${name}": hoist did not create it`);
}
