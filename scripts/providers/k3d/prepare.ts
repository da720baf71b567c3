// Everything that a run can know, and refuse, before anything is made.

import { endpointEnv, isLocal } from '../../docker/endpoint.ts';
import { type DockerSession, machineOf } from '../../docker/session.ts';
import type { Exec } from '../../host/exec.ts';
import { locateTool } from '../../tools/locate.ts';
import { pinOf, type ToolOptions, toolFile } from '../../tools/options.ts';
import type { ClusterPlan } from '../../plan/plan.ts';
import { k3dEnv } from './plan/commands.ts';
import { identityOf } from './plan/identity.ts';
import { readInputs } from './plan/inputs.ts';
import { planK3d } from './plan/plan.ts';
import type { K3dRun } from './run.ts';
import type { K3dLayout } from './state.ts';

/** @throws ConfigError with what is wrong in the settings and in the files that they name. */
export async function prepareRun(
  plan: ClusterPlan,
  layout: K3dLayout,
  session: DockerSession,
  { exec, tools }: { exec: Exec; tools: ToolOptions },
): Promise<K3dRun> {
  if (plan.k3d === undefined) throw new Error('a plan for k3d has its settings');
  const { settings, native, caches, registries, env } = await readInputs(plan.k3d, session.endpoint, tools.env);
  const k3dPlan = planK3d({
    cluster: plan,
    settings,
    native,
    engine: machineOf(session.info),
    localEngine: isLocal(session.endpoint),
  });
  return {
    plan: k3dPlan,
    // With all caches that are asked for: whether one can be had today makes no other cluster.
    identity: identityOf(k3dPlan, await registries(caches)),
    registries,
    caches,
    available: [],
    loadImages: plan.k3d.loadImages,
    ...surroundings(layout, session, { exec, tools }, env),
  };
}

/**
 * What a run has whatever its plan.
 * @param env variables for k3d alone.
 */
export function surroundings(
  layout: K3dLayout,
  session: DockerSession,
  { exec, tools }: { exec: Exec; tools: ToolOptions },
  env: Readonly<Record<string, string>> = {},
): Pick<K3dRun, 'docker' | 'layout' | 'exec' | 'k3d' | 'env'> {
  return {
    docker: session,
    layout,
    exec,
    k3d: async () => (await locateTool('k3d', tools))?.path ?? toolFile(pinOf('k3d', tools), tools),
    // The run's own environment, which need not be that of this process: k3d replaces variables in configs by it.
    // k3d would merge into the kubeconfig named here, were it not told to leave kubeconfigs alone.
    env: {
      ...tools.env,
      ...k3dEnv(tools.env, endpointEnv(session.endpoint), `${layout.root}/kubeconfig-of-k3d`),
      ...env,
    },
  };
}
