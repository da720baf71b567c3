// Removes clusters: processes, data, kubeconfig entries.

import { delimiter } from 'node:path';
import { readTextBounded } from '../host/files/bounded.ts';
import { messageOf } from '../base/errors.ts';
import { removeContext, userKubeconfig } from '../kube/kubeconfig/kubeconfig.ts';
import type { ProviderName } from '../plan/provider-name.ts';
import { type CachesRemoved, contextName } from '../providers/provider.ts';
import { type ClusterContext, clusterProviders } from '../context.ts';
import { withClusterLock } from './cluster-lock.ts';

export interface Removal {
  name: string;
  /** The provider whose cluster it was; undefined where there was none of this name. */
  provider: string | undefined;
  /** What is not hoist's to remove, and stays. */
  left?: string;
}

/** Names of all clusters of all providers. */
export async function clusterNames(wiring: ClusterContext): Promise<string[]> {
  const lists = await Promise.all(clusterProviders.map(async (name) => (await wiring.provider(name)).list()));
  return [...new Set(lists.flat())].sort();
}

export interface DownOptions {
  kubeconfig: string | undefined;
  signal: AbortSignal;
  /** Where given, clusters of this name of other providers stay. */
  only?: ProviderName | undefined;
}

/** Removes a cluster of any provider; what is not there is no error. */
export async function down(name: string, options: DownOptions, wiring: ClusterContext): Promise<Removal> {
  return withClusterLock(name, { signal: options.signal }, wiring, async () => {
    const providers = clusterProviders.filter((provider) => (options.only ?? provider) === provider);
    const removed = await Promise.all(
      providers.map(async (provider) => ({
        provider,
        result: await (await wiring.provider(provider)).remove(name, options.signal),
      })),
    );
    let kept: string | undefined;
    if (options.only !== 'existing') {
      kept = await withoutContext(userKubeconfig(wiring.env, options.kubeconfig), contextName(name));
    }
    const left = removed.flatMap(({ result }) => (typeof result === 'object' ? [result.left] : []))[0] ?? kept;
    const provider = removed.find(({ result }) => result === true)?.provider;
    return { name, provider, ...(left === undefined ? {} : { left }) };
  });
}

/**
 * Takes the context out of the user's kubeconfig. The cluster is gone by then, so that a file that cannot be changed is no
 * failure: it is left, and that is reported where the context is in it.
 */
async function withoutContext(paths: string, context: string): Promise<string | undefined> {
  try {
    await removeContext(paths, context);
    return undefined;
  } catch (error) {
    const texts = await Promise.all(paths.split(delimiter).map((path) => readTextBounded(path).catch(() => '')));
    const named = texts.some((text) => text.includes(context));
    return named ? `the context "${context}" in ${paths}: ${messageOf(error)}` : undefined;
  }
}

/**
 * Removes the image caches that no cluster uses any more.
 * @throws HoistError where they are unreachable.
 */
export async function removeCaches(signal: AbortSignal, wiring: ClusterContext): Promise<CachesRemoved> {
  const all = await Promise.all(
    clusterProviders.map(async (name) => (await wiring.provider(name)).removeCaches?.(signal)),
  );
  const found = all.filter((caches) => caches !== undefined);
  return { removed: found.flatMap(({ removed }) => removed), inUse: found.flatMap(({ inUse }) => inUse) };
}
