// Settings, a native config and the engine's size become all that a k3d cluster is made from: pure, no I/O.

import { ConfigError } from '../../../base/errors.ts';
import type { Limits } from '../../../docker/containers.ts';
import { type ClusterPlan, countNodes, type K3dSettings } from '../../../plan/plan.ts';
import type { Machine } from '../../../plan/sizing.ts';
import type { Argument } from '../../../plan/tuning.ts';
import type { NativeConfig } from '../../../settings/k3d/native.ts';
import type { PlannedValue } from '../../provider.ts';
import { absentComponents, componentArgs, disableArgs, reserveArgs } from '../k3s-args/component-args.ts';
import { checkK3sArgs, type K3sArg } from '../k3s-args/k3s-args.ts';
import { type K3sVersion, k3sVersionOf } from '../k3s-args/version.ts';
import { additions, type Additions, takesDropIns } from './config-text.ts';
import { defaultImage, isChannel } from './images.ts';
import { nativeValues } from './native-values.ts';
import { type Filtered, splitFilters, type Topology } from './node-filters.ts';
import { PlanNotes } from './notes.ts';
import { mapPort, needsLoadBalancer } from './ports.ts';
import { type NodeLimits, sizeLimits, systemReserved } from './sizing.ts';

/** What is undefined here is said by the native config, or left to k3d. */
export interface K3dPlan {
  name: string;
  topology: Topology;
  /** Names of the nodes that run k3s, servers first. */
  nodes: readonly string[];
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
  /** What k3d is given, each with its source. */
  values: readonly PlannedValue[];
  warnings: readonly string[];
}

export interface PlanInputs {
  cluster: Pick<ClusterPlan, 'name' | 'kubernetes' | 'nodes' | 'components' | 'environment'>;
  settings: K3dSettings;
  /** Certificates in PEM form that the nodes trust besides the public ones. */
  certificates: string | undefined;
  /** Names of environment variables that the nodes get, like HTTP_PROXY. */
  proxyVariables: readonly string[];
  /** The machine that runs the nodes, from `docker info`. */
  engine: Machine;
  /** Whether the engine runs on this machine. */
  localEngine: boolean;
}

/** @throws ConfigError with everything in it that k3d or k3s would stumble over. */
export function planK3d(inputs: PlanInputs): K3dPlan {
  const { cluster, settings } = inputs;
  const { native } = settings;
  const notes = new PlanNotes(native);
  const { topology, ports } = chooseTopology(inputs, notes);
  const image = chooseImage(inputs, notes);
  const k3s = k3sVersionOf(image);
  const limits = chooseLimits(inputs, topology, notes);
  const k3sArgs = chooseArgs(inputs, { topology, k3s, limits }, notes);
  const env = chooseEnv(inputs, limits?.server, notes);
  const address = chooseAddresses(inputs, notes);
  const volumes = settings.volumes.map(splitFilters).map(({ value, filters }) => ({ value, nodes: filters }));
  for (const { value, nodes } of volumes) notes.value('volume', filtered(value, nodes), 'k3d.volumes');
  if (settings.maxParallelImagePulls !== undefined && !takesDropIns(k3s)) {
    const message = `needs k3s 1.32.1 or later, which ${image} is not`;
    notes.problems.push({ where: 'k3d.maxParallelImagePulls', message });
  }
  const added = additions({ ...settings, certificates: inputs.certificates, variables: inputs.proxyVariables });
  for (const name of added.env) notes.value(`env ${name}`, 'as it is here', `the variable ${name}`);
  for (const { destination, setting } of added.files) notes.value('file', destination, setting);
  checkHostPaths(inputs, notes);
  if (notes.problems.length > 0) throw new ConfigError(notes.problems);

  return {
    name: cluster.name,
    topology,
    nodes: cluster.nodes.map(({ name }) => name),
    image,
    ...address,
    ports,
    volumes,
    k3sArgs,
    env,
    limits: { server: limits?.server ?? {}, agent: limits?.agent ?? {} },
    additions: added,
    native,
    values: native === undefined ? notes.values : [...notes.values, ...nativeValues(native, notes.values)],
    warnings: notes.warnings,
  };
}

const filtered = (value: string, nodes: readonly string[]): string =>
  nodes.length === 0 ? value : `${value} on ${nodes.join(', ')}`;

function chooseTopology(inputs: PlanInputs, notes: PlanNotes): { topology: Topology; ports: readonly Filtered[] } {
  const { cluster, settings } = inputs;
  const servers = notes.value('servers', countNodes(cluster, 'server'), 'k3d.servers');
  const agents = notes.value('agents', countNodes(cluster, 'agent'), 'agents');
  const ports = settings.ports.map((port) => mapPort(splitFilters(port), servers));
  for (const { value, nodes } of ports) notes.value('port', filtered(value, nodes), 'k3d.ports');
  const loadBalancer = chooseLoadBalancer(settings, servers, ports);
  const why =
    settings.loadBalancer === 'auto' ? 'it costs 6 s: only with ports or several servers' : 'k3d.loadBalancer';
  notes.value('options.k3d.disableLoadbalancer', !loadBalancer, why);
  return { topology: { servers, agents, loadBalancer }, ports };
}

function chooseLoadBalancer(
  { loadBalancer, native }: K3dSettings,
  servers: number,
  ports: readonly Filtered[],
): boolean {
  const disabled = native?.tree.options?.k3d?.disableLoadbalancer;
  if (disabled !== undefined) return !disabled;
  if (loadBalancer !== 'auto') return loadBalancer;
  const theirs = (native?.tree.ports ?? []).map(({ nodeFilters }) => ({ nodes: nodeFilters }));
  return needsLoadBalancer(servers, [...ports, ...theirs]);
}

function chooseImage({ cluster: { kubernetes }, settings }: PlanInputs, notes: PlanNotes): string {
  const pinned = defaultImage(kubernetes);
  const image = notes.value(
    'image',
    settings.native?.tree.image ?? settings.image ?? pinned,
    settings.image === undefined ? `the k3s of Kubernetes ${kubernetes}` : 'k3d.image',
  );
  if (isChannel(image)) {
    notes.warnings.push(`the image "${image}" asks the network for a version each time; pin one, like ${pinned}`);
  }
  return image;
}

/** Only this machine needs the API of a local engine; the API of a remote engine must be reachable from here. */
function chooseAddresses(
  { settings: { native, apiPort, network, subnet }, localEngine }: PlanInputs,
  notes: PlanNotes,
): Pick<K3dPlan, 'apiPort' | 'network' | 'subnet'> {
  const host = localEngine ? '127.0.0.1' : '0.0.0.0';
  const open = <T>(key: 'kubeAPI' | 'network' | 'subnet', value: T, source: string): T | undefined =>
    native?.tree[key] === undefined ? notes.value(key, value, source) : undefined;
  return {
    apiPort: open(
      'kubeAPI',
      apiPort ?? `${host}:random`,
      apiPort === undefined ? `an engine on ${localEngine ? 'this' : 'another'} machine` : 'k3d.apiPort',
    ),
    network: open('network', network, 'k3d.network'),
    subnet: open('subnet', subnet, 'k3d.subnet'),
  };
}

function chooseLimits(inputs: PlanInputs, topology: Topology, notes: PlanNotes): NodeLimits | undefined {
  const { settings, engine } = inputs;
  const runtime = settings.native?.tree.options?.runtime;
  // k3d's own memory options are honoured as they are, by k3d.
  const taken = runtime?.serversMemory !== undefined || runtime?.agentsMemory !== undefined;
  if (!settings.resourceOptimization || taken) return undefined;
  const given = {
    server: { memoryBytes: settings.memoryLimitServer, cpus: settings.cpuLimitServer },
    agent: { memoryBytes: settings.memoryLimitAgent, cpus: settings.cpuLimitAgent },
  };
  const limits = sizeLimits(engine, topology, settings.sizing, given);
  if (typeof limits === 'string') {
    notes.problems.push({ where: 'k3d limits', message: `more than there is: ${limits}` });
    return undefined;
  }
  notes.value('limits', limits.reason, 'k3d.resourceOptimization');
  return limits;
}

/** The user's own file is left as it is; what is found there is reported. */
function chooseArgs(
  { cluster, settings, engine }: PlanInputs,
  { topology, k3s, limits }: { topology: Topology; k3s: K3sVersion | undefined; limits: NodeLimits | undefined },
  notes: PlanNotes,
): readonly K3sArg[] {
  const theirs = nativeArgs(settings.native);
  const own = settings.k3sArgs.map(({ arg, nodes }, i) => ({ arg, nodes, where: `k3d.k3sArgs[${i}]` }));
  const ours = [...own, ...disableArgs(settings.disable)];
  const given = [...theirs, ...ours];
  const reserved = {
    server: limits && systemReserved(engine, limits.server),
    agent: limits && systemReserved(engine, limits.agent),
  };
  const tuned = [...componentArgs(cluster.components, given, topology), ...reserveArgs(reserved, topology, given)];
  const inFile = checkK3sArgs(theirs, k3s, topology);
  const added = checkK3sArgs([...ours, ...tuned], k3s, topology);
  notes.problems.push(...inFile.problems, ...added.problems);
  notes.warnings.push(...inFile.warnings, ...added.warnings, ...absentComponents(cluster.components, topology));
  for (const { arg, nodes, where } of [...theirs, ...added.args]) notes.value('k3s', filtered(arg, nodes), where);
  return added.args;
}

/** Variables for k3s on the servers, each unless the user's own config sets it. */
function chooseEnv(inputs: PlanInputs, limit: Limits | undefined, notes: PlanNotes): readonly Filtered[] {
  const env = serverEnv(inputs.cluster, inputs.settings.native, limit);
  for (const { flag, value, reason } of env) notes.value(`env ${flag}`, value, `tuned: ${reason}`);
  return env.map(({ flag, value }) => ({ value: `${flag}=${value}`, nodes: ['server:*'] }));
}

/** Below this a server's processes need the collector more than the time. */
const AMPLE_SERVER_BYTES = 2 * 2 ** 30;

/** Tuned variables for k3s on the servers, unless the user's own config sets them. */
function serverEnv(
  { environment = [] }: PlanInputs['cluster'],
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
function checkHostPaths({ settings: { native, volumes }, localEngine }: PlanInputs, notes: PlanNotes): void {
  const relative = (volume: string): boolean => /^[.~]{1,2}(\/|:|$)/.test(volume);
  for (const [at, { volume }] of (native?.tree.volumes ?? []).entries()) {
    if (!relative(volume)) continue;
    const message = `${volume}: k3d hands it to the engine as it is, which takes absolute paths and names of volumes only`;
    notes.problems.push({ where: native?.sourceOf(['volumes', at, 'volume']) ?? 'volumes', message });
  }
  if (localEngine) return;
  const runtime = native?.tree.options?.runtime;
  if ((runtime?.serversMemory ?? runtime?.agentsMemory) !== undefined) {
    const message =
      'k3d puts a file of this machine over /proc/meminfo, which the engine on another machine does not have; use K3D_MEMORY_LIMIT_SERVER and K3D_MEMORY_LIMIT_AGENT';
    notes.problems.push({ where: 'options.runtime', message });
  }
  for (const volume of volumes.filter(relative)) {
    const message = `${volume}: the engine runs on another machine; give an absolute path of that machine`;
    notes.problems.push({ where: 'volumes', message });
  }
}
