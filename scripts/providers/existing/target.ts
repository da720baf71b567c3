// Finds the cluster that a context stands for, and refuses one that has not been confirmed.

import { UsageError } from '../../base/errors.ts';
import { type KubeEntries, findEntries } from '../../kube/kubeconfig/read.ts';
import type { ExistingPlan } from '../../plan/plan.ts';
import { type Address, isAllowed } from './allow.ts';

export interface TargetSources {
  /** The user's kubeconfig files. */
  paths: readonly string[];
  /** Of clusters that hoist itself has made; asked for only where nothing else allows the server. */
  ownKubeconfigs: () => Promise<readonly string[]>;
}

/**
 * Reads the kubeconfig; no request is made and no log-in program run.
 * @throws UsageError where the context is not given or may not be worked on; ConfigError where it is not there or of no use.
 */
export async function findTarget(plan: ExistingPlan, { paths, ownKubeconfigs }: TargetSources): Promise<KubeEntries> {
  const { context, confirmed } = plan;
  if (context === undefined) {
    throw new UsageError('the provider "existing" needs to know the context of the cluster', {
      hint: 'Name one with `CONTEXT=…` or `--context`; the current one is never taken by itself.',
    });
  }
  const entries = await findEntries({ paths, context });
  const { server, cluster } = entries;
  if (confirmed !== undefined && confirmed !== context) {
    throw new UsageError(`--yes-this-is names "${confirmed}", but the context is "${context}" (${server})`, {
      hint: 'Nothing was changed. Give the one that is meant in both places.',
    });
  }
  if (confirmed === context || isAllowed(addressOf(entries), plan.allow)) return entries;
  if (!isProxied(entries) && (await isOwn(server, ownKubeconfigs))) return entries;
  const host = cluster.value['tls-server-name'] ?? new URL(server).hostname;
  throw new UsageError(`the context "${context}" is of the server ${server}, which has not been confirmed`, {
    hint: `Where it is meant, say so with \`--yes-this-is ${context}\`, or once for all with "${host}" in \`existing.allow\`.`,
  });
}

/** Servers of k3d clusters on a Docker host elsewhere are none of this machine. */
async function isOwn(server: string, ownKubeconfigs: TargetSources['ownKubeconfigs']): Promise<boolean> {
  const own = (await ownKubeconfigs()).map((path) => findEntries({ paths: [path] }));
  return (await Promise.allSettled(own)).some(
    (result) => result.status === 'fulfilled' && result.value.server === server,
  );
}

function addressOf({ server, cluster }: Pick<KubeEntries, 'server' | 'cluster'>): Address {
  return {
    server,
    tlsServerName: cluster.value['tls-server-name'],
    insecure: cluster.value['insecure-skip-tls-verify'],
    proxied: isProxied({ cluster }),
  };
}

/** Then an address of this machine is one of the proxy's. */
function isProxied({ cluster }: Pick<KubeEntries, 'cluster'>): boolean {
  return (cluster.value['proxy-url'] ?? '') !== '';
}
