// k3d's node filters (`server:0`, `agent:*`, `all`): which nodes they choose, and what k3d would refuse.

/** How many nodes of each kind a cluster has. */
export interface Topology {
  servers: number;
  agents: number;
  loadBalancer: boolean;
}

/** A value and the nodes that get it: an environment variable, a label, a volume, a port. */
export interface Filtered {
  value: string;
  /** Node filters; k3d takes none for all nodes, where there is a single one. */
  nodes: readonly string[];
}

export interface ChosenNodes {
  servers: readonly number[];
  agents: readonly number[];
  loadBalancer: boolean;
}

const FILTER = /^(servers?|agents?|loadbalancer|all)(?::(?:((?:\d+,?)+)|(\d*-\d*)|(\*)))?(?::([a-z]+))?$/i;

/**
 * The nodes that the filters choose; no filter at all chooses every node.
 * @returns a sentence instead where k3d would refuse them.
 */
export function chooseNodes(filters: readonly string[], topology: Topology): ChosenNodes | string {
  const servers = new Set<number>();
  const agents = new Set<number>();
  let loadBalancer = false;
  const nodes = topology.servers + topology.agents + (topology.loadBalancer ? 1 : 0);
  if (filters.length === 0) {
    if (nodes > 1) return `a node filter is needed, as there are ${nodes} nodes: append "@server:*" or "@agent:*"`;
    return { servers: range(0, topology.servers - 1), agents: [], loadBalancer: false };
  }
  for (const filter of filters) {
    const match = FILTER.exec(filter);
    if (!match) return `"${filter}" is no node filter; expected the like of server:0, agent:*, server:0-2 or all`;
    const group = (match[1] ?? '').toLowerCase();
    if (group === 'all') {
      for (const i of range(0, topology.servers - 1)) servers.add(i);
      for (const i of range(0, topology.agents - 1)) agents.add(i);
      loadBalancer = loadBalancer || topology.loadBalancer;
      continue;
    }
    if (group === 'loadbalancer') {
      if (!topology.loadBalancer) return `"${filter}" chooses the load balancer, and there is none`;
      loadBalancer = true;
      continue;
    }
    const isServer = group.startsWith('server');
    const size = isServer ? topology.servers : topology.agents;
    const subset = subsetOf(match, size);
    if (subset === undefined) return `"${filter}" lacks a subset; write "${filter}:*" or "${filter}:0"`;
    const beyond = subset.find((i) => i >= size);
    if (beyond !== undefined) return `"${filter}" chooses ${isServer ? 'server' : 'agent'} ${beyond} of ${size}`;
    for (const i of subset) (isServer ? servers : agents).add(i);
  }
  return { servers: [...servers], agents: [...agents], loadBalancer };
}

function subsetOf([, , list, span, wildcard]: RegExpExecArray, size: number): number[] | undefined {
  if (list !== undefined) return list.split(',').filter(Boolean).map(Number);
  if (span !== undefined) {
    const [from = '', to = ''] = span.split('-');
    return range(from === '' ? 0 : Number(from), to === '' ? size - 1 : Number(to));
  }
  return wildcard === undefined ? undefined : range(0, size - 1);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
}

/** A value with its filters as k3d's flags take it; an `@` of the value itself is escaped. */
export function withFilters(value: string, filters: readonly string[]): string {
  const escaped = value.replaceAll('@', '\\@');
  return filters.length === 0 ? escaped : `${escaped}@${filters.join(';')}`;
}

/** Takes a flag's value apart, as k3d does: `--disable=traefik@server:*` is the value and `['server:*']`. */
export function splitFilters(text: string): { value: string; filters: string[] } {
  const at = text.search(/(?<!\\)@/);
  const value = (at === -1 ? text : text.slice(0, at)).replaceAll('\\@', '@');
  return { value, filters: at === -1 ? [] : text.slice(at + 1).split(';') };
}
