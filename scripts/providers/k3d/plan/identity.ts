// What a cluster was made from, in a form that distinguishes plans and says what differs.

import { createHash } from 'node:crypto';
import type { ClusterDifference } from '../../provider.ts';
import type { K3dPlan } from './plan-k3d.ts';

/** Values by what they are called; a change of any asks for a new cluster. */
export type Identity = Readonly<Record<string, string>>;

/** The label of every node's container that holds `fingerprint(identity)`. */
export const PLAN_LABEL = 'hoist.plan';

/**
 * @param registries the nodes' registries.yaml, if they get one.
 * @param contents digests of the files that the plan names, see `contentsOf`.
 * Limits are not in it: they are changed while the cluster runs. The collector's tuning, which goes by them, is not either.
 */
export function identityOf(
  plan: K3dPlan,
  registries: string | undefined,
  contents: Readonly<Record<string, string>> = {},
): Identity {
  const nodes = (list: readonly string[]): string => (list.length === 0 ? '' : ` on ${list.join(', ')}`);
  const filtered = plan.ports.map(({ value, nodes: on }): [string, string] => [
    `port ${value}`,
    `published${nodes(on)}`,
  ]);
  return {
    servers: String(plan.topology.servers),
    agents: String(plan.topology.agents),
    'load balancer': plan.topology.loadBalancer ? 'yes' : 'no',
    image: plan.image,
    ...optional('API address', plan.apiPort),
    ...optional('network', plan.network),
    ...optional('subnet', plan.subnet),
    ...Object.fromEntries(filtered),
    ...Object.fromEntries(plan.volumes.map(({ value, nodes: on }) => [`volume ${value}`, `mounted${nodes(on)}`])),
    ...Object.fromEntries(plan.k3sArgs.map(({ arg, nodes: on }) => [`${arg}${nodes(on)}`, 'given'])),
    ...Object.fromEntries(plan.additions.env.map((name) => [`variable ${name}`, 'given'])),
    ...Object.fromEntries(plan.additions.files.map((file) => [`file ${file.destination}`, digest(file.content)])),
    ...optional('k3d config', plan.native && digest(plan.native.text)),
    ...optional('registries', registries && digest(registries)),
    ...contents,
  };
}

function optional(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}

export function fingerprint(identity: Identity): string {
  return digest(JSON.stringify(Object.entries(identity).sort(([a], [b]) => (a < b ? -1 : 1))));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** In which a cluster that is there differs from what is asked for. */
export function differencesOf(have: Identity, want: Identity): ClusterDifference[] {
  const names = [...new Set([...Object.keys(have), ...Object.keys(want)])];
  return names
    .filter((what) => have[what] !== want[what])
    .map((what) => ({ what, have: have[what] ?? 'not there', want: want[what] ?? 'not there' }));
}
