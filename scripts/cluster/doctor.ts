// Looks at everything that would make `up` fail later, without making anything.

import { type Finding, ok, warn } from '../host/preflight/finding.ts';
import type { ProviderName } from '../plan/provider-name.ts';
import { contextName } from '../providers/provider.ts';
import { type ClusterContext, clusterProviders } from '../context.ts';
import { preparePlan } from './prepare.ts';
import type { SettingsRequest } from './settings-files.ts';

export interface Diagnosis {
  provider: ProviderName;
  findings: readonly Finding[];
}

/** @throws ConfigError with every problem of the settings. */
export async function diagnose(
  request: SettingsRequest,
  signal: AbortSignal,
  wiring: ClusterContext,
): Promise<Diagnosis> {
  const { plan } = await preparePlan(request, wiring);
  const { provider, name } = plan.cluster;
  const [findings, others] = await Promise.all([
    (await wiring.provider(provider)).preflight(plan.cluster, signal),
    namesakes(provider, name, wiring),
  ]);
  return { provider, findings: [ok('provider', plan.providerReason), ...findings, ...others] };
}

/** Clusters of other providers with the same name would share its context and its lock. */
async function namesakes(provider: ProviderName, name: string, wiring: ClusterContext): Promise<Finding[]> {
  if (provider === 'existing') return [];
  const rows = await Promise.all(
    clusterProviders
      .filter((other) => other !== provider && other !== 'existing')
      .map(async (other) => {
        const names = await (await wiring.provider(other)).list().catch((): string[] => []);
        if (!names.includes(name)) return [];
        const text = `is that of a cluster by ${other} too, and both would be the context ${contextName(name)}`;
        return [warn(`name ${name}`, text, 'Choose another name, or remove that one.')];
      }),
  );
  return rows.flat();
}
