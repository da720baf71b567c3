// Settings, a native config and the engine's size become all that a k3d cluster is made from: pure, no I/O.

import { ConfigError, type Problem } from '../../../base/errors.ts';
import type { Limits } from '../../../docker/containers.ts';
import type { ClusterPlan } from '../../../plan/plan.ts';
import type { Machine } from '../../../plan/sizing.ts';
import type { Argument } from '../../../plan/tuning.ts';
import type { Filtered } from './commands.ts';
import { componentArgs, disableArgs, reserveArgs } from '../k3s-args/component-args.ts';
import { additions, type Additions, takesDropIns } from './config-text.ts';
import { defaultImage, isChannel } from './images.ts';
import { checkK3sArgs, type K3sArg } from '../k3s-args/k3s-args.ts';
import { k3sVersionOf } from '../k3s-args/version.ts';
import type { NativeConfig } from './native-config.ts';
import { splitFilters, type Topology } from './node-filters.ts';
import { mapPort, needsLoadBalancer } from './ports.ts';
import type { K3dSettings } from './settings.ts';
import { type NodeLimits, sizeLimits, systemReserved } from './sizing.ts';

/** Where one value of a plan comes from. */
export interface Provenance {
  key: string;
  value: string;
  /** `k3d.yaml:3:9`, the name of a setting, or why it was chosen. */
  source: string;
}

/** What is undefined here is said by the native config, or left to k3d. */
export interface K3dPlan {
  name: string;
  topology: Topology;
  image: string;
  apiPort: string | undefined;
  network: string | undefined;
  subnet: string | undefined;
  ports: readonly Filtered[];
  volumes: readonly Filtered[];
  k3sArgs: readonly K3sArg[];
  /** `NAME=VALUE`; nothing secret, as it stands in the command line. */
  env: readonly Filtered[];
  limits: { server: Limits; agent: Limits };
  additions: Additions;
  native: NativeConfig | undefined;
  provenance: readonly Provenance[];
  warnings: readonly string[];
}

export interface PlanInputs {
  cluster: ClusterPlan;
  settings: K3dSettings;
  native?: NativeConfig | undefined;
  /** The machine that runs the nodes, from `docker info`. */
  engine: Machine;
  /** Whether the engine runs on this machine. */
  localEngine: boolean;
}

/** @throws ConfigError with everything in it that k3d or k3s would stumble over. */
export function planK3d(inputs: PlanInputs): K3dPlan {
  const { cluster, settings, native, engine } = inputs;
  const tree = native?.tree;
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const provenance: Provenance[] = [];
  const noted = <T>(key: string, value: T, source: string): T => {
    const theirs = native?.sourceOf(key.split('.'));
    if (value !== undefined) provenance.push({ key, value: String(value), source: theirs ?? source });
    return value;
  };

  const planned = (role: 'server' | 'agent'): number => cluster.nodes.filter((node) => node.role === role).length;
  const servers = noted('servers', tree?.servers ?? planned('server'), 'plan');
  const agents = noted('agents', tree?.agents ?? planned('agent'), 'plan');
  const ports = settings.ports.map((port) => mapPort(splitFilters(port), servers));
  const loadBalancer = chooseLoadBalancer(inputs, servers, ports);
  noted('options.k3d.disableLoadbalancer', !loadBalancer, 'it costs 6 s: only with ports or several servers');
  const topology: Topology = { servers, agents, loadBalancer };
  const image = noted(
    'image',
    tree?.image ?? settings.image ?? defaultImage(cluster.kubernetes),
    settings.image === undefined ? `the k3s of Kubernetes ${cluster.kubernetes}` : 'k3d.image',
  );
  if (isChannel(image)) {
    const pinned = defaultImage(cluster.kubernetes);
    warnings.push(`the image "${image}" asks the network for a version each time; pin one, like ${pinned}`);
  }

  const k3s = k3sVersionOf(image);
  const limits = limitNodes(inputs, topology, problems);
  if (limits !== undefined) noted('limits', limits.reason, 'k3d.resourceOptimization');
  const theirs = nativeArgs(native);
  const ours = [...settings.k3sArgs, ...disableArgs(settings)];
  const given = [...theirs, ...ours];
  const reserved = {
    server: limits && systemReserved(engine, limits.server),
    agent: limits && systemReserved(engine, limits.agent),
  };
  // The user's own file is left as it is; what is found there is told.
  const inFile = checkK3sArgs(theirs, k3s, topology);
  const added = checkK3sArgs(
    [...ours, ...componentArgs(cluster.components, given), ...reserveArgs(reserved, topology, given)],
    k3s,
    topology,
  );
  problems.push(...inFile.problems, ...added.problems);
  warnings.push(...inFile.warnings, ...added.warnings);
  for (const { arg, where } of [...theirs, ...added.args]) provenance.push({ key: 'k3s', value: arg, source: where });

  const env = serverEnv(cluster, native, limits?.server);
  for (const { flag, value, reason } of env) provenance.push({ key: `env ${flag}`, value, source: `tuned: ${reason}` });

  if (settings.maxParallelImagePulls !== undefined && !takesDropIns(k3s)) {
    problems.push({ where: 'k3d.maxParallelImagePulls', message: `needs k3s 1.32.1 or later, which ${image} is not` });
  }
  problems.push(...hostPathProblems(inputs));
  if (problems.length > 0) throw new ConfigError(problems);

  return {
    name: cluster.name,
    topology,
    image,
    apiPort: tree?.kubeAPI === undefined ? noted('kubeAPI', settings.apiPort, 'k3d.apiPort') : undefined,
    network: tree?.network === undefined ? noted('network', settings.network, 'k3d.network') : undefined,
    subnet: tree?.subnet === undefined ? noted('subnet', settings.subnet, 'k3d.subnet') : undefined,
    ports,
    volumes: settings.volumes.map(splitFilters).map(({ value, filters }) => ({ value, nodes: filters })),
    k3sArgs: added.args,
    env: env.map(({ flag, value }) => ({ value: `${flag}=${value}`, nodes: ['server:*'] })),
    limits: { server: limits?.server ?? {}, agent: limits?.agent ?? {} },
    additions: additions(settings),
    native,
    provenance,
    warnings,
  };
}

function chooseLoadBalancer({ settings, native }: PlanInputs, servers: number, ports: readonly Filtered[]): boolean {
  const disabled = native?.tree.options?.k3d?.disableLoadbalancer;
  if (disabled !== undefined) return !disabled;
  if (settings.loadBalancer !== 'auto') return settings.loadBalancer;
  const theirs = (native?.tree.ports ?? []).map(({ nodeFilters }) => ({ nodes: nodeFilters }));
  return needsLoadBalancer(servers, [...ports, ...theirs]);
}

function limitNodes(inputs: PlanInputs, topology: Topology, problems: Problem[]): NodeLimits | undefined {
  const { settings, native, engine } = inputs;
  const runtime = native?.tree.options?.runtime;
  // k3d's own memory options are honoured as they are, by k3d.
  const taken = runtime?.serversMemory !== undefined || runtime?.agentsMemory !== undefined;
  if (!settings.resourceOptimization || taken) return undefined;
  const limits = sizeLimits(engine, topology, settings.sizing, settings.limits);
  if (typeof limits !== 'string') return limits;
  problems.push({ where: 'k3d limits', message: `more than there is: ${limits}` });
  return undefined;
}

/** Below this a server's processes need the collector more than the time. */
const AMPLE_SERVER_BYTES = 2 * 2 ** 30;

/** Tuned variables for k3s on the servers, unless the user's own config sets them. */
function serverEnv(
  { environment = [] }: ClusterPlan,
  native: NativeConfig | undefined,
  limit: Limits | undefined,
): readonly Argument[] {
  if ((limit?.memoryBytes ?? Infinity) < AMPLE_SERVER_BYTES) return [];
  const theirs = (native?.tree.env ?? []).map(({ envVar }) => envVar);
  return environment.filter(({ flag }) => !theirs.some((envVar) => envVar.startsWith(`${flag}=`)));
}

function nativeArgs(native: NativeConfig | undefined): K3sArg[] {
  return (native?.tree.options?.k3s?.extraArgs ?? []).map(({ arg, nodeFilters }, i) => ({
    arg,
    nodes: nodeFilters,
    where: native?.sourceOf(['options', 'k3s', 'extraArgs', i, 'arg']) ?? '',
  }));
}

/** A path in a volume is one of the engine's machine, which is seen from here only where it is this one. */
function hostPathProblems({ settings, native, localEngine }: PlanInputs): Problem[] {
  if (localEngine) return [];
  const runtime = native?.tree.options?.runtime;
  const memory = runtime?.serversMemory ?? runtime?.agentsMemory;
  const message =
    'k3d puts a file of this machine over /proc/meminfo, which the engine on another machine does not have; use K3D_MEMORY_LIMIT_SERVER and K3D_MEMORY_LIMIT_AGENT';
  const relative = [...settings.volumes, ...(native?.tree.volumes ?? []).map(({ volume }) => volume)]
    .filter((volume) => /^\.{0,2}\//.test(volume) && !volume.startsWith('/'))
    .map((volume) => ({
      where: 'volumes',
      message: `${volume}: the engine runs on another machine; give an absolute path of that machine`,
    }));
  return [...(memory === undefined ? [] : [{ where: 'options.runtime', message }]), ...relative];
}
