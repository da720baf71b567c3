// Looks at everything that would make `up` fail later, without making anything.

import { relative, resolve } from 'node:path';
import { type Finding, ok, warn } from '../../host/preflight/finding.ts';
import type { ProviderName } from '../../plan/provider-name.ts';
import { contextName } from '../../providers/provider.ts';
import { loadManifests } from '../../kube/manifests/manifests.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Path } from '../../settings/yaml.ts';
import { checkChartSources, probeAddress } from './chart-sources.ts';
import { checkRegistries, imagesOf, probeRegistry } from './registries.ts';
import { type ClusterContext, clusterProviders } from '../../context.ts';
import { preparePlan } from '../prepare-cluster.ts';
import type { SettingsRequest } from '../settings-files.ts';

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
  const { plan, folderOf, loaded } = await preparePlan(request, wiring);
  const { provider, name } = plan.cluster;
  const [findings, others, registries, charts] = await Promise.all([
    (await wiring.provider(provider)).preflight(plan.cluster, signal),
    namesakes(provider, name, wiring),
    provider === 'k3d' ? registriesOf(plan, folderOf, signal, wiring) : [],
    checkChartSources(loaded.settings, probeAddress(wiring.env, signal)),
  ]);
  return {
    provider,
    findings: [ok('provider', plan.providerReason), ...findings, ...others, ...registries, ...charts],
  };
}

/** Simulated nodes pull nothing, and the nodes of others pull from where they are: only k3d's pull from here. */
async function registriesOf(
  plan: Plan,
  folderOf: (key: Path) => string,
  signal: AbortSignal,
  wiring: ClusterContext,
): Promise<Finding[]> {
  const { cwd, env } = wiring;
  const { cluster, eachNamespace } = plan.resources;
  const sources: [Path, readonly string[]][] = [
    [['resources', 'cluster'], cluster],
    [['resources', 'eachNamespace'], eachNamespace],
    [['manifests'], plan.manifests],
  ];
  const paths = sources.flatMap(([key, list]) =>
    list.map((path) => relative(cwd, resolve(folderOf(key), path)) || '.'),
  );
  // What the cluster itself is made from is pulled first of all.
  const own = (await (await wiring.provider(plan.cluster.provider)).missingImages?.(plan.cluster)) ?? [];
  return checkRegistries([...own, ...imagesOf(await loadManifests(paths, cwd))], probeRegistry(env, signal));
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
