// From the plan to what k3d is told: a flag for what the native config leaves open, nothing for what it says.

import type { CreateSpec } from './commands.ts';
import type { K3dPlan } from './plan.ts';

export interface CreateInputs {
  /** Whether a config goes to k3d's stdin. */
  configOnStdin: boolean;
  /** Path of the nodes' registries.yaml. */
  registryConfig: string | undefined;
  /** Labels of every container. */
  labels: Readonly<Record<string, string>>;
}

export function createSpec(plan: K3dPlan, { configOnStdin, registryConfig, labels }: CreateInputs): CreateSpec {
  const said = plan.native?.tree;
  const { topology } = plan;
  const saysBalancer = said?.options?.k3d?.disableLoadbalancer !== undefined;
  return {
    name: plan.name,
    configOnStdin,
    ...(said?.image === undefined ? { image: plan.image } : {}),
    ...(said?.servers === undefined ? { servers: topology.servers } : {}),
    ...(said?.agents === undefined ? { agents: topology.agents } : {}),
    ...(plan.apiPort === undefined ? {} : { apiPort: plan.apiPort }),
    noLoadBalancer: !saysBalancer && !topology.loadBalancer,
    ...(plan.network === undefined ? {} : { network: plan.network }),
    ...(plan.subnet === undefined ? {} : { subnet: plan.subnet }),
    ...(registryConfig === undefined || said?.registries?.config !== undefined ? {} : { registryConfig }),
    ports: plan.ports,
    volumes: plan.volumes,
    k3sArgs: plan.k3sArgs,
    env: plan.env,
    runtimeLabels: Object.entries(labels).map(([name, value]) => ({ value: `${name}=${value}`, nodes: ['all'] })),
  };
}
