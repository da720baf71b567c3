// Command lines for k3d, built from data alone.

import type { Command } from '../../../host/exec.ts';
import { type Filtered, withFilters } from './node-filters.ts';
import type { K3dPlan } from './plan-k3d.ts';

/** What a creation is given beside its plan. */
export interface CreateInputs {
  /** Whether a config of k3d's own format goes to its stdin. */
  configOnStdin: boolean;
  /** Path of a registries.yaml on this machine; k3d copies it into the nodes. */
  registryConfig: string | undefined;
  /** Labels of every container. */
  labels: Readonly<Record<string, string>>;
}

const flag = (name: string, value: string | number | undefined): string[] =>
  value === undefined ? [] : [`--${name}`, String(value)];

const each = (name: string, values: readonly Filtered[]): string[] =>
  values.flatMap(({ value, nodes }) => [`--${name}`, withFilters(value, nodes)]);

/**
 * Creates a cluster: a flag for what the native config leaves open, none for what it says. The user's kubeconfig is never
 * touched (k3d takes no lock), and a failed creation is left in place: k3d's own rollback would delete the evidence.
 */
export function k3dCreate(
  k3d: string,
  plan: K3dPlan,
  { configOnStdin, registryConfig, labels }: CreateInputs,
): Command {
  const said = plan.native?.tree;
  const { topology } = plan;
  const balancerSaid = said?.options?.k3d?.disableLoadbalancer !== undefined;
  const unlessSaid = <T>(theirs: unknown, ours: T): T | undefined => (theirs === undefined ? ours : undefined);
  const runtimeLabels = Object.entries(labels).map(([name, value]) => ({ value: `${name}=${value}`, nodes: ['all'] }));
  return {
    file: k3d,
    args: [
      ...['cluster', 'create', plan.name],
      ...(configOnStdin ? ['--config', '-'] : []),
      '--no-rollback',
      '--kubeconfig-update-default=false',
      '--kubeconfig-switch-context=false',
      ...flag('image', unlessSaid(said?.image, plan.image)),
      ...flag('servers', unlessSaid(said?.servers, topology.servers)),
      ...flag('agents', unlessSaid(said?.agents, topology.agents)),
      ...flag('api-port', plan.apiPort),
      ...(balancerSaid || topology.loadBalancer ? [] : ['--no-lb']),
      ...flag('network', plan.network),
      ...flag('subnet', plan.subnet),
      ...flag('registry-config', unlessSaid(said?.registries?.config, registryConfig)),
      ...each('env', plan.env),
      ...each('volume', plan.volumes),
      ...each('port', plan.ports),
      ...each('runtime-label', runtimeLabels),
      ...plan.k3sArgs.flatMap(({ arg, nodes }) => ['--k3s-arg', withFilters(arg, nodes)]),
    ],
  };
}

/** Starts a stopped cluster; k3d writes its entrypoints and its DNS records again. */
export function k3dStart(k3d: string, name: string, timeoutSeconds: number): Command {
  return { file: k3d, args: ['cluster', 'start', name, '--timeout', `${timeoutSeconds}s`] };
}

/** A registry that fetches from `remoteUrl` what it does not have; it outlives clusters. */
export function k3dRegistryCreate(
  k3d: string,
  registry: { name: string; image?: string; remoteUrl: string; volume: string; port: string },
): Command {
  return {
    file: k3d,
    args: [
      ...['registry', 'create', registry.name, '--no-help'],
      ...flag('image', registry.image),
      ...['--port', registry.port, '--proxy-remote-url', registry.remoteUrl, '--volume', registry.volume],
    ],
  };
}

/** K3D_* variables that steer k3d itself and are no keys of its config. */
const K3D_OWN = /^K3D_(FIX_|IMAGE_LOADBALANCER$|IMAGE_TOOLS$|HELPER_IMAGE_TAG$|DEBUG_|LOG_NODE_WAIT_LOGS$)/;

/**
 * The environment for k3d, as changes to this process's own: no colour, the chosen engine, and none of the K3D_*
 * variables that k3d would take for keys of its config (K3D_AGENTS and the like have a meaning of their own here).
 */
export function k3dEnv(
  own: Readonly<Record<string, string | undefined>>,
  engine: Readonly<Record<string, string | undefined>>,
  kubeconfig: string,
): Record<string, string | undefined> {
  const scrubbed = Object.keys(own).filter((name) => name.startsWith('K3D_') && !K3D_OWN.test(name));
  return {
    ...Object.fromEntries(scrubbed.map((name) => [name, undefined])),
    ...engine,
    LOG_COLORS: 'false',
    LOG_LEVEL: 'info',
    KUBECONFIG: kubeconfig,
  };
}
