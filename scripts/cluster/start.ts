// Starts a stopped cluster as it was made, and heals it: the steps of `up` without what `up` fills a cluster with.

import type { RunRecord, Subscriber } from '../engine/event.ts';
import { runSteps } from '../engine/run.ts';
import { localMachine } from '../host/machine.ts';
import { userKubeconfig } from '../kube/kubeconfig/kubeconfig.ts';
import { poolsOf } from '../plan/plan.ts';
import type { ProviderName } from '../plan/provider-name.ts';
import { contextName, createAccess, type Situation } from '../providers/provider.ts';
import { serviceSteps } from '../services/steps.ts';
import type { Settings } from '../settings/schema.ts';
import type { ClusterContext } from '../context.ts';
import { withClusterLock } from './cluster-lock.ts';
import { atItsProvider } from './find.ts';
import { mergeStep } from './merge-step.ts';

export interface StartOptions {
  signal: AbortSignal;
  subscribers: readonly Subscriber[];
  /** One line for the user, before the run starts. */
  say: (line: string) => void;
}

export interface Started {
  provider: ProviderName;
  /** What was found. */
  situation: Situation;
  run: RunRecord;
  server: string;
  context: string;
  kubeconfig: string;
}

/** @throws UsageError where there is no such cluster, or it is not hoist's; and what `runSteps` throws. */
export async function start(
  name: string,
  settings: Settings,
  { signal, subscribers, say }: StartOptions,
  wiring: ClusterContext,
): Promise<Started> {
  return withClusterLock(name, { signal, say }, wiring, async () => {
    const { provider, found } = await atItsProvider(name, settings.provider, (one) => one.resume?.(name), wiring);
    const access = createAccess();
    const healthTimeoutMs = settings.healthTimeout;
    try {
      const health = serviceSteps({
        ...{ client: () => access.client(), healthTimeoutMs, onResult: () => undefined },
        ...{ namespaces: [], secrets: [], clusterResources: [], namespaceResources: [], manifests: [] },
      });
      const merge = mergeStep(name, userKubeconfig(wiring.env, settings.kubeconfig), access, settings.switchContext);
      const steps = await found.steps({ access, healthTimeoutMs });
      const run = await runSteps([...steps, ...(settings.mergeKubeconfig ? [merge] : []), ...health], {
        pools: poolsOf(settings, localMachine()),
        signal,
        timeoutMs: settings.timeout,
        subscribers,
        clock: wiring.clock,
      });
      return {
        provider: provider.name,
        situation: found.situation,
        run,
        server: access.connection().server,
        context: contextName(name),
        kubeconfig: provider.kubeconfigFile(name),
      };
    } finally {
      access.close();
    }
  });
}
