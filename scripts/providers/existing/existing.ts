// The existing provider: a cluster of the user's kubeconfig, of any size, which hoist fills but neither makes nor deletes.

import { HoistError, withoutUserinfo } from '../../base/errors.ts';
import type { Exec } from '../../host/exec.ts';
import type { Environment } from '../../host/paths.ts';
import { fail, ok, warn } from '../../host/preflight/finding.ts';
import { kubeconfigPaths } from '../../kube/kubeconfig/kubeconfig.ts';
import type { KubeEntries } from '../../kube/kubeconfig/read.ts';
import type { ClusterPlan } from '../../plan/plan.ts';
import type { PlannedValue, Provider } from '../provider.ts';
import { recordsIn } from './record.ts';
import { askCluster, existingStatus } from './status.ts';
import { existingSteps } from './steps.ts';
import { findTarget } from './target.ts';

export interface ExistingOptions {
  exec: Exec;
  env: Environment;
  /** Folder of hoist's own state. */
  home: string;
  /** Kubeconfigs of clusters that hoist itself has made. */
  ownKubeconfigs: () => Promise<readonly string[]>;
}

export function existingProvider({ exec, env, home, ownKubeconfigs }: ExistingOptions): Provider {
  const records = recordsIn(home);
  const target = async ({ existing }: ClusterPlan): Promise<{ entries: KubeEntries; paths: string[] }> => {
    if (!existing) throw new Error('the plan is of another provider');
    const paths = kubeconfigPaths(env, existing.kubeconfig);
    return { entries: await findTarget(existing, { paths, ownKubeconfigs }), paths };
  };
  return {
    name: 'existing',
    async prepare(plan) {
      const { entries, paths } = await target(plan);
      return {
        inspect: () => Promise.resolve({ kind: 'same' }),
        describe: () => Promise.resolve({ title: 'Cluster', values: [contextValue(entries)], commands: [] }),
        steps: (inputs) => Promise.resolve(existingSteps(plan.name, entries, inputs, { exec, paths, records })),
      };
    },
    async preflight(plan, signal) {
      try {
        const { entries, paths } = await target(plan);
        const context = plan.existing?.context ?? '';
        const found = ok('context', `${context} is of ${withoutUserinfo(entries.server)}`);
        const from = plan.existing?.kubeconfigFrom;
        // It may name any program to log in with, and any file to send: looking must not run what a folder brings along.
        if (from !== undefined) {
          const detail = `was not asked: ${from} names the kubeconfig, whose log-in program and credentials \`up\` alone uses`;
          return [found, warn('api', detail, 'Where you trust it, name it with `--kubeconfig`.')];
        }
        const [api] = await askCluster(paths, context, exec, signal);
        const hint = 'Check the address and the credentials of this context, with kubectl for one.';
        return [found, api.ok ? ok('api', `answers ${api.detail}`) : fail('api', api.detail, hint)];
      } catch (error) {
        if (!(error instanceof HoistError)) throw error;
        return [fail('context', error.message, error.hint ?? 'Name another one with `--context`.')];
      }
    },
    async remove(name) {
      const record = await records.read(name);
      await records.remove(name);
      if (!record) return false;
      return { left: `the cluster of context "${record.context}" (${record.server}) with all that was applied to it` };
    },
    list: () => records.names(),
    status: (name, signal) => existingStatus(name, records, exec, signal),
    kubeconfigFile: (name) => records.kubeconfig(name),
  };
}

function contextValue({ context, server, clusterAt }: KubeEntries): PlannedValue {
  return { name: `context ${context}`, value: server, source: clusterAt };
}
