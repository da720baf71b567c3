// How many agents and how much in parallel a machine carries: a pure function of its CPUs and memory.

import { bytesText } from '../base/units.ts';

const GIB = 2 ** 30;

/** CPUs and memory of the machine that runs the nodes. */
export interface Machine {
  cpus: number;
  memoryBytes: number;
  /** Where the figures come from, like "cgroup limit" or "docker info". */
  source: string;
}

export type SizingPolicy = 'reserved' | 'original';

export interface Sizing {
  agents: number;
  /** One sentence with the sum. */
  reason: string;
}

const MAX_AGENTS = 6;
/** What one agent should have at least. */
const AGENT = { cpus: 2, memoryBytes: 2 * GIB };
/** What the server node takes: measured 360–490 MiB with k3s, 685 MiB embedded; rounded up for workloads. */
const SERVER = { cpus: 1, memoryBytes: 1 * GIB };
/** What the rest of the machine keeps: desktop, engine, the client itself. */
const HOST = { cpus: 0, memoryBytes: 1 * GIB };

/** At least one agent, at most six, whatever the machine. */
export function sizeAgents(machine: Machine, policy: SizingPolicy): Sizing {
  const reserve = policy === 'original' ? { cpus: 0, memoryBytes: 0 } : add(SERVER, HOST);
  const cpus = Math.max(0, machine.cpus - reserve.cpus);
  const memoryBytes = Math.max(0, machine.memoryBytes - reserve.memoryBytes);
  const fit = Math.floor(Math.min(cpus / AGENT.cpus, memoryBytes / AGENT.memoryBytes));
  const agents = Math.min(MAX_AGENTS, Math.max(1, fit));
  const minus =
    policy === 'original' ? '' : ` less ${reserve.cpus} CPU and ${bytesText(reserve.memoryBytes)} for server and host`;
  const sum = `min(${cpus} CPUs / ${AGENT.cpus}, ${bytesText(memoryBytes)} / ${bytesText(AGENT.memoryBytes)}), 1 to ${MAX_AGENTS}`;
  return {
    agents,
    reason: `policy ${policy}: ${machine.cpus} CPUs and ${bytesText(machine.memoryBytes)} (${machine.source})${minus}; ${sum}`,
  };
}

/** Steps that work in parallel on this machine: they mostly wait for others, so two for each CPU, 4 to 16. */
export function sizeConcurrency(machine: Machine): { level: number; reason: string } {
  const level = Math.min(16, Math.max(4, machine.cpus * 2));
  return { level, reason: `2 for each of ${machine.cpus} CPUs, 4 to 16` };
}

/** What each node advertises: the machine's CPUs and memory, less the host's, in equal parts. */
export function sizeNode(machine: Machine, nodes: number): { cpus: number; memoryBytes: number } {
  const memory = Math.max(GIB, machine.memoryBytes - HOST.memoryBytes);
  const mib = 2 ** 20;
  return {
    cpus: Math.max(1, Math.floor(machine.cpus / nodes)),
    memoryBytes: Math.max(512 * mib, Math.floor(memory / nodes / mib) * mib),
  };
}

function add(a: { cpus: number; memoryBytes: number }, b: typeof a): typeof a {
  return { cpus: a.cpus + b.cpus, memoryBytes: a.memoryBytes + b.memoryBytes };
}
