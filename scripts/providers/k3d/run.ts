// What the steps of one run are given: the plan, what it was made from, and what k3d needs. No step changes any of it.

import type { Cache } from './caches/caches.ts';
import type { K3dContext } from './context.ts';
import type { Identity } from './plan/identity.ts';
import type { K3dPlan } from './plan/plan-k3d.ts';

export interface K3dRun extends K3dContext {
  readonly plan: K3dPlan;
  readonly identity: Identity;
  readonly caches: readonly Cache[];
  /** Text of the nodes' registries.yaml with these caches; undefined where nodes need none. */
  readonly registries: (caches: readonly Cache[]) => Promise<string | undefined>;
  /** Whether the services' images are fetched while the cluster is made. */
  readonly loadImages: boolean;
}

/** What there is to do: make the cluster, start it, or nothing but to lead into it. */
export type Mode = 'create' | 'start' | 'keep';

/** The network that k3d puts the nodes into. */
export function networkOf({ name, network }: Pick<K3dPlan, 'name' | 'network'>): string {
  return network ?? `k3d-${name}`;
}
