// What the containers of a k3d cluster may use of the machine that the Docker engine runs on.

import type { Limits } from '../../../docker/containers.ts';
import { type Machine, type SizingPolicy, sizeNode } from '../../../plan/sizing.ts';
import { bytesText } from '../../../base/units.ts';
import type { Topology } from './node-filters.ts';

/** Limits that the user set; the others are computed. */
export interface GivenLimits {
  server: Limits;
  agent: Limits;
}

export interface NodeLimits extends GivenLimits {
  /** One sentence with the sum. */
  reason: string;
}

const GIB = 2 ** 30;
/** The figures of the policy `original`. */
const ORIGINAL = { server: 2 * GIB, agent: 1.5 * GIB };

/**
 * Memory for each node, and CPUs where they were asked for: a limit on CPUs only makes a cluster slower.
 * @returns a sentence instead where the nodes would have more memory together than the engine has.
 */
export function sizeLimits(
  engine: Machine,
  { servers, agents }: Topology,
  policy: SizingPolicy,
  given: GivenLimits,
): NodeLimits | string {
  const { memoryBytes: share } = sizeNode(engine, servers + agents);
  const computed = policy === 'original' ? ORIGINAL : { server: share, agent: share };
  const server = given.server.memoryBytes ?? computed.server;
  const agent = given.agent.memoryBytes ?? computed.agent;
  const sum = servers * server + agents * agent;
  const text =
    `${servers} × ${bytesText(server)} for servers` +
    (agents > 0 ? ` + ${agents} × ${bytesText(agent)} for agents = ${bytesText(sum)}` : '');
  if (sum > engine.memoryBytes) {
    return `${text}, and the engine has ${bytesText(engine.memoryBytes)} (${engine.source})`;
  }
  const cpus = Math.max(given.server.cpus ?? 0, given.agent.cpus ?? 0);
  if (cpus > engine.cpus) return `a node cannot have ${cpus} CPUs, the engine has ${engine.cpus} (${engine.source})`;
  return {
    server: { memoryBytes: server, cpus: given.server.cpus },
    agent: { memoryBytes: agent, cpus: given.agent.cpus },
    reason: `policy ${policy}: ${text} of ${bytesText(engine.memoryBytes)} (${engine.source})`,
  };
}

/**
 * What a kubelet keeps back so that its node offers no more than its container may use: every kubelet believes that
 * it has the whole machine. Undefined where there is nothing to keep back.
 */
export function systemReserved(engine: Machine, limits: Limits): string | undefined {
  const parts: string[] = [];
  if (limits.cpus !== undefined && limits.cpus < engine.cpus) {
    parts.push(`cpu=${Math.round((engine.cpus - limits.cpus) * 1000)}m`);
  }
  if (limits.memoryBytes !== undefined && limits.memoryBytes < engine.memoryBytes) {
    parts.push(`memory=${Math.floor((engine.memoryBytes - limits.memoryBytes) / 2 ** 20)}Mi`);
  }
  return parts.length === 0 ? undefined : parts.join(',');
}
