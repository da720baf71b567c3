// What the benchmark record of a run on a cluster says of that cluster.

import type { ClusterContext } from '../../context.ts';
import { countNodes } from '../../plan/plan.ts';
import type { ProviderName } from '../../plan/provider-name.ts';
import type { RecordedSetting } from '../../records/record.ts';
import type { RunContent } from '../../records/recorder.ts';
import { secretValues } from '../../services/secrets.ts';
import { locateTool } from '../../tools/locate.ts';
import type { ToolOptions } from '../../tools/options.ts';
import type { ToolName } from '../../tools/pins.ts';
import type { Prepared } from '../prepare-cluster.ts';
import { settingRows } from './settings-rows.ts';
import { planHash } from '../up.ts';

/** Everything but how the run ended. */
export async function clusterContent(
  prepared: Prepared,
  { tools }: Pick<ClusterContext, 'tools'>,
): Promise<Omit<RunContent, 'label' | 'found' | 'phases' | 'error'>> {
  const { plan, loaded } = prepared;
  const { cluster, computed } = plan;
  const settings = Object.fromEntries(
    settingRows(loaded).map(({ name, value, source }): [string, RecordedSetting] => [name, { value, source }]),
  );
  return {
    planHash: planHash(prepared),
    subject: { kind: 'cluster', name: cluster.name },
    cluster: {
      name: cluster.name,
      provider: cluster.provider,
      agents: countNodes(cluster, 'agent'),
      concurrency: plan.concurrency,
      image: cluster.k3d?.native?.tree.image ?? loaded.settings.k3d.image ?? `Kubernetes v${cluster.kubernetes}`,
    },
    settings,
    plan: { cluster, computed, pools: plan.pools, providerReason: plan.providerReason },
    versions: await toolVersions(cluster.provider, tools),
    secretValues: secretsOf(prepared),
  };
}

/** Every secret value that a run on the cluster knows. */
export function secretsOf({ secrets, services }: Pick<Prepared, 'secrets' | 'services'>): string[] {
  return [...secretValues(secrets.secrets), ...services.list.flatMap(({ values }) => values.secrets)];
}

/** The tools that a provider's clusters are made with. */
export const TOOLS: Readonly<Record<ProviderName, readonly ToolName[]>> = {
  embedded: ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'],
  k3d: ['k3d'],
  existing: [],
};

async function toolVersions(provider: ProviderName, tools: ToolOptions): Promise<Record<string, string>> {
  const found = await Promise.all(
    TOOLS[provider].map(async (name) => {
      const version = (await locateTool(name, tools).catch(() => undefined))?.version;
      return version === undefined ? [] : [[name, version] as const];
    }),
  );
  return Object.fromEntries(found.flat());
}
