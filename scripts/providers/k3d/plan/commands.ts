// Command lines for k3d, built from data alone.

import type { Command } from '../../../host/exec.ts';
import type { K3sArg } from '../k3s-args/k3s-args.ts';
import { withFilters } from './node-filters.ts';

/** A value and the nodes that get it: an environment variable, a label, a volume, a port. */
export interface Filtered {
  value: string;
  nodes: readonly string[];
}

/** What a cluster is created with; what is not given is left to k3d, or to the config that comes on stdin. */
export interface CreateSpec {
  /** Not given where the config on stdin names the cluster. */
  name?: string;
  /** A config of k3d's own format is written to k3d's stdin. */
  configOnStdin?: boolean;
  image?: string;
  servers?: number;
  agents?: number;
  /** `HOST:PORT`, the port may be `random`. */
  apiPort?: string;
  noLoadBalancer?: boolean;
  network?: string;
  subnet?: string;
  /** Path of a registries.yaml on this machine; k3d copies it into the nodes. */
  registryConfig?: string;
  /** Registries that exist, as `NAME:PORT`; k3d connects them to the cluster's network. */
  registries?: readonly string[];
  k3sArgs?: readonly Pick<K3sArg, 'arg' | 'nodes'>[];
  env?: readonly Filtered[];
  volumes?: readonly Filtered[];
  ports?: readonly Filtered[];
  nodeLabels?: readonly Filtered[];
  runtimeLabels?: readonly Filtered[];
}

const flag = (name: string, value: string | number | undefined): string[] =>
  value === undefined ? [] : [`--${name}`, String(value)];

const each = (name: string, values: readonly Filtered[] | undefined): string[] =>
  (values ?? []).flatMap(({ value, nodes }) => [`--${name}`, withFilters(value, nodes)]);

/**
 * Creates a cluster. The user's kubeconfig is never touched (k3d takes no lock), and what was made is left in place
 * when it fails: k3d's own rollback would delete the evidence.
 */
export function k3dCreate(k3d: string, spec: CreateSpec): Command {
  return {
    file: k3d,
    args: [
      'cluster',
      'create',
      ...(spec.name === undefined ? [] : [spec.name]),
      ...(spec.configOnStdin === true ? ['--config', '-'] : []),
      '--no-rollback',
      '--kubeconfig-update-default=false',
      '--kubeconfig-switch-context=false',
      ...flag('image', spec.image),
      ...flag('servers', spec.servers),
      ...flag('agents', spec.agents),
      ...flag('api-port', spec.apiPort),
      ...(spec.noLoadBalancer === true ? ['--no-lb'] : []),
      ...flag('network', spec.network),
      ...flag('subnet', spec.subnet),
      ...flag('registry-config', spec.registryConfig),
      ...(spec.registries ?? []).flatMap((registry) => ['--registry-use', registry]),
      ...each('env', spec.env),
      ...each('volume', spec.volumes),
      ...each('port', spec.ports),
      ...each('k3s-node-label', spec.nodeLabels),
      ...each('runtime-label', spec.runtimeLabels),
      ...(spec.k3sArgs ?? []).flatMap(({ arg, nodes }) => ['--k3s-arg', withFilters(arg, nodes)]),
    ],
  };
}

/** Starts a stopped cluster; k3d writes its entrypoints and its DNS records anew. */
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
