// Everything that a run can know, and refuse, before anything is made.

import { isLocal } from '../../docker/endpoint.ts';
import { type DockerSession, machineOf } from '../../docker/session.ts';
import type { ClusterPlan } from '../../plan/plan.ts';
import { type K3dTools, k3dContext } from './context.ts';
import { contentsOf } from './plan/contents.ts';
import { readFiles } from './plan/files.ts';
import { identityOf } from './plan/identity.ts';
import { planK3d } from './plan/plan-k3d.ts';
import { nodeEnv, proxyVariables } from './plan/proxies.ts';
import type { K3dRun } from './run.ts';
import type { K3dLayout } from './state.ts';

/** @throws ConfigError with what is wrong in the settings and in the files that they name. */
export async function prepareRun(
  cluster: ClusterPlan,
  layout: K3dLayout,
  session: DockerSession,
  deps: K3dTools,
): Promise<K3dRun> {
  const { k3d: settings } = cluster;
  if (settings === undefined) throw new Error('a plan for k3d has its settings');
  const { env } = deps.tools;
  const { certificates, caches, registries } = await readFiles(settings);
  const plan = planK3d({
    cluster,
    settings,
    certificates,
    proxyVariables: proxyVariables(env),
    engine: machineOf(session.info),
    localEngine: isLocal(session.endpoint),
  });
  const contents = await contentsOf(plan, isLocal(session.endpoint), process.cwd());
  return {
    ...k3dContext(layout, session, deps, nodeEnv(env)),
    plan,
    // With all caches that are asked for: whether one can be had today makes no other cluster.
    identity: identityOf(plan, await registries(caches), contents),
    registries,
    caches,
    loadImages: settings.loadImages,
  };
}
