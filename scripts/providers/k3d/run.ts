// What the steps of one run share: the plan, the engine, and the creation that is under way.

import type { DockerSession } from '../../docker/session.ts';
import type { Exec } from '../../host/exec.ts';
import type { Cache } from './caches/caches.ts';
import type { Creation } from './create/creation.ts';
import type { Identity } from './plan/identity.ts';
import type { K3dPlan } from './plan/plan.ts';
import type { K3dLayout } from './state.ts';

export interface K3dRun {
  plan: K3dPlan;
  identity: Identity;
  caches: readonly Cache[];
  /** Those of them that run. */
  available: readonly Cache[];
  /** Text of the nodes' registries.yaml with these caches; undefined where nodes need none. */
  registries: (caches: readonly Cache[]) => Promise<string | undefined>;
  /** Whether the services' images are fetched while the cluster is made. */
  loadImages: boolean;
  docker: DockerSession;
  layout: K3dLayout;
  exec: Exec;
  /** Path of the k3d binary. */
  k3d: () => Promise<string>;
  /** For child processes. */
  env: Readonly<Record<string, string | undefined>>;
  /** Set by the step that makes or starts the cluster; where it runs already there is none. */
  creation?: Creation;
}

/** The network that k3d puts the nodes into. */
export function networkOf({ name, network }: Pick<K3dPlan, 'name' | 'network'>): string {
  return network ?? `k3d-${name}`;
}
