// Everything about the engine and this machine that would make a k3d cluster fail later, looked at at once.

import { freemem, totalmem } from 'node:os';
import { HealthError } from '../../base/errors.ts';
import { listContainers } from '../../docker/containers.ts';
import { isLocal } from '../../docker/endpoint.ts';
import type { EngineInfo } from '../../docker/info.ts';
import { findNetwork, listNetworks } from '../../docker/networks.ts';
import type { DockerSession } from '../../docker/session.ts';
import { checkDisk } from '../../host/preflight/disk.ts';
import { fail, type Finding, ok, warn } from '../../host/preflight/finding.ts';
import { checkInotify } from '../../host/preflight/limits.ts';
import { checkPort, type PortOwners } from '../../host/preflight/ports.ts';
import { checkRoutes } from '../../host/preflight/routes.ts';
import { bytesText } from '../../base/units.ts';
import { clusterLabels, K3D } from './nodes/labels.ts';
import { k3sVersionOf } from './k3s-args/version.ts';
import type { K3dPlan } from './plan/plan-k3d.ts';
import { networkOf } from './run.ts';

/** What k3d asks for. */
const LEAST_ENGINE = [20, 10] as const;
/** One server with what every cluster runs: 360–490 MiB were seen. */
const LEAST_MEMORY = 2 ** 30;
/** The longest name for which k3d's containers still have names. */
const LONGEST_NAME = 32;

/** @param making false where the cluster is there already, so that its own ports and names are no clash. */
export async function checkK3d(
  plan: K3dPlan,
  docker: DockerSession,
  { making }: { making: boolean },
): Promise<Finding[]> {
  const { engine, endpoint, info } = docker;
  const local = isLocal(endpoint);
  const [networks, owners] = await Promise.all([listNetworks(engine), portOwners(docker)]);
  const others = networks.filter(({ name }) => name !== networkOf(plan));
  const looked = await Promise.all([
    ...(local
      ? [checkDisk(info.rootDir).then((row) => [row]), checkInotify(plan.topology.servers + plan.topology.agents)]
      : []),
    ...(local ? [checkRoutes(addresses(plan), plan.subnet === undefined ? [] : others)] : []),
    ...(making ? [checkName(plan, docker).then((row) => [row])] : []),
    ...(making && local
      ? [Promise.all(fixedPorts(plan).map(({ port, address }) => checkPort(port, address, owners)))]
      : []),
  ]);
  return [
    checkEngine(info, endpoint.host),
    checkRights(info),
    checkMemory(info),
    ...(making && local ? checkFreeMemory(info) : []),
    checkCgroups(info, plan.image),
    ...looked.flat(),
    ...checkProxies(plan, info),
  ];
}

/** @throws HealthError with every failed check and what to do about it. */
export function assertFit(findings: readonly Finding[]): void {
  const bad = findings.filter(({ status }) => status === 'fail');
  if (bad.length === 0) return;
  const text = bad.map(({ name, detail }) => `${name}: ${detail}`).join('; ');
  const hints = bad.flatMap(({ hint }) => hint ?? []);
  throw new HealthError(text, { hint: hints.length === 0 ? undefined : hints.join(' ') });
}

export function checkEngine({ serverVersion, operatingSystem }: EngineInfo, host: string): Finding {
  const [major = 0, minor = 0] = serverVersion.split('.').map(Number);
  const text = `Docker ${serverVersion} on ${operatingSystem} at ${host}`;
  const old = major < LEAST_ENGINE[0] || (major === LEAST_ENGINE[0] && minor < LEAST_ENGINE[1]);
  return old ? fail('engine', text, `k3d needs Docker ${LEAST_ENGINE.join('.')} or later.`) : ok('engine', text);
}

export function checkMemory({ memoryBytes }: EngineInfo): Finding {
  const text = `the engine has ${bytesText(memoryBytes)}`;
  if (memoryBytes >= LEAST_MEMORY) return ok('memory', text);
  return fail(
    'memory',
    `${text}; a server needs ${bytesText(LEAST_MEMORY)}`,
    'Give the machine of the engine more memory.',
  );
}

/** That the engine answered shows that this user may use it; a rootless one has rights of its own. */
export function checkRights({ rootless, cgroupVersion, cgroupDriver }: EngineInfo): Finding {
  if (!rootless) return ok('rights', 'this user may use the engine, which runs as root');
  const text = 'this user may use the engine, which is rootless';
  if (cgroupVersion === 2 && cgroupDriver !== 'none') return ok('rights', `${text} and limits its containers`);
  return fail(
    'rights',
    `${text} and may not limit its containers, as kubelets must`,
    'Boot with cgroup v2 and hand the controllers cpu, cpuset, io, memory and pids on to users (Delegate= of user@.service).',
  );
}

/** What is free now, where the engine has the memory of this very machine and not that of a virtual one. */
export function checkFreeMemory({ memoryBytes }: EngineInfo, { free, total } = freeMemory()): Finding[] {
  const row = 'free memory';
  if (memoryBytes < 0.9 * total || memoryBytes > total) return [];
  if (free >= LEAST_MEMORY) return [ok(row, bytesText(free))];
  return [
    warn(
      row,
      `${bytesText(free)}; a server takes up to ${bytesText(LEAST_MEMORY)}`,
      'Free some memory, or the OOM killer may strike.',
    ),
  ];
}

function freeMemory(): { free: number; total: number } {
  return { free: freemem(), total: totalmem() };
}

/** Kubelets since 1.35 refuse cgroup v1, unless configured otherwise. */
export function checkCgroups({ cgroupVersion }: EngineInfo, image: string): Finding {
  const minor = k3sVersionOf(image)?.minor;
  const text = `cgroup v${cgroupVersion}`;
  if (cgroupVersion === 2 || minor === undefined) return ok('cgroups', text);
  if (minor < 35) return ok('cgroups', `${text}, which kubelets refuse from Kubernetes 1.35 on`);
  const hint = 'Boot with systemd.unified_cgroup_hierarchy=1, or take an image of Kubernetes 1.34.';
  return fail('cgroups', `${text}, and the kubelet of Kubernetes 1.${minor} refuses it`, hint);
}

async function checkName({ name, network }: K3dPlan, { engine }: DockerSession): Promise<Finding> {
  const row = `name ${name}`;
  if (name.length > LONGEST_NAME)
    return fail(row, `is longer than ${LONGEST_NAME} characters`, 'Choose a shorter one.');
  const [ours, found, labelled] = await Promise.all([
    findNetwork(engine, `k3d-${name}`),
    engine.json<{ Names: string[] }[]>({
      path: '/containers/json',
      query: {
        all: true,
        filters: { name: [`^/k3d-${name}-(server|agent)-[0-9]+$`, `^/k3d-${name}-(serverlb|tools)$`] },
      },
    }),
    listContainers(engine, clusterLabels(name)),
  ]);
  const strangers = found
    .map(({ Names }) => (Names[0] ?? '').slice(1))
    .filter((one) => !labelled.some((c) => c.name === one));
  if (strangers.length > 0)
    return fail(row, `is taken by the container ${strangers.join(', ')}`, 'Choose another name.');
  if (network === undefined && ours !== undefined && ours.labels['app'] !== K3D.app) {
    return fail(row, `is taken by the network k3d-${name}, which is not k3d's`, 'Choose another name.');
  }
  return ok(row, 'free');
}

/** What the engine's containers publish. */
export async function portOwners({ engine }: DockerSession): Promise<PortOwners> {
  interface Published {
    Names: string[];
    Ports: { PublicPort?: number }[] | null;
  }
  const running = await engine.json<Published[]>({ path: '/containers/json' });
  const containers = new Map<number, string>();
  for (const { Names, Ports } of running) {
    for (const { PublicPort } of Ports ?? []) {
      if (PublicPort !== undefined) containers.set(PublicPort, `the container ${(Names[0] ?? '').slice(1)}`);
    }
  }
  return { containers };
}

/** The ports that are fixed; a `random` one is chosen when it is needed. */
export function fixedPorts({ apiPort, ports, native }: K3dPlan): { port: number; address: string }[] {
  const theirs = native?.tree.kubeAPI;
  const api =
    apiPort ?? (theirs?.hostPort === undefined ? undefined : `${theirs.hostIP ?? '0.0.0.0'}:${theirs.hostPort}`);
  const mapped = [...ports.map(({ value }) => value), ...(native?.tree.ports ?? []).map(({ port }) => port)];
  return [...(api === undefined ? [] : [`${api}:6443`]), ...mapped].flatMap(parsePort);
}

/** `[HOST:]HOSTPORT:PORT[/PROTOCOL]`; ranges and UDP are left to the engine. */
export function parsePort(mapping: string): { port: number; address: string }[] {
  const match = /^(?:([\d.]+|\[[^\]]+\]|localhost):)?(\d+):\d+(?:\/tcp)?$/.exec(mapping);
  const port = Number(match?.[2]);
  return match && port > 0 ? [{ port, address: match[1]?.replace(/^\[|\]$/g, '') ?? '0.0.0.0' }] : [];
}

function addresses({ subnet, k3sArgs }: K3dPlan): Record<string, string> {
  const given = (flag: string): string | undefined =>
    k3sArgs
      .find(({ arg }) => arg.startsWith(`--${flag}=`))
      ?.arg.split('=')[1]
      ?.split(',')[0];
  return {
    pods: given('cluster-cidr') ?? '10.42.0.0/16',
    services: given('service-cidr') ?? '10.43.0.0/16',
    ...(subnet === undefined || subnet === 'auto' ? {} : { nodes: subnet }),
  };
}

/** An engine behind a proxy pulls through it; nodes do so only where they are configured to. */
function checkProxies({ additions }: K3dPlan, { httpProxy, httpsProxy }: EngineInfo): Finding[] {
  const engine = httpsProxy === '' ? httpProxy : httpsProxy;
  if (additions.env.length > 0) return [ok('proxy', `nodes get ${additions.env.join(', ')}`)];
  if (engine === '') return [ok('proxy', 'none is set')];
  return [
    warn(
      'proxy',
      'the engine pulls through a proxy, and nodes will not',
      'Set HTTP_PROXY, HTTPS_PROXY and NO_PROXY for hoist, which hands them on to the nodes.',
    ),
  ];
}
