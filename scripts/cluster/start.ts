// Starts a stopped cluster as it was made, and heals it: the steps of `up` without what `up` fills a cluster with.

import type { RunRecord, Subscriber } from '../engine/event.ts';
import { runSteps } from '../engine/run.ts';
import { localMachine } from '../host/machine.ts';
import { userKubeconfig } from '../kube/kubeconfig/kubeconfig.ts';
import { poolsOf } from '../plan/plan.ts';
import type { ProviderName } from '../plan/provider-name.ts';
import { type Provider, type Resumption, type Situation, contextName, createAccess } from '../providers/provider.ts';
import { serviceSteps } from '../services/service-steps.ts';
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
  /** Called with what was found before the run starts. */
  onFound?: (found: Situation['kind']) => void;
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
  options: StartOptions,
  wiring: ClusterContext,
): Promise<Started> {
  return withClusterLock(name, options, wiring, async () => {
    const { provider, found } = await atItsProvider(name, settings.provider, (one) => one.resume?.(name), wiring);
    return resume({ name, provider, found }, settings, options, wiring);
  });
}

/** Runs the steps of a cluster that is made as it is recorded, checks it, and adds its context; its lock is held. */
export async function resume(
  { name, provider, found }: { name: string; provider: Provider; found: Resumption },
  settings: Settings,
  { signal, subscribers, onFound }: StartOptions,
  wiring: ClusterContext,
): Promise<Started> {
  onFound?.(found.situation.kind);
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
}
