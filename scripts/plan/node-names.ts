// What the nodes of a cluster are called.

export interface NamedNode {
  name: string;
  role: 'server' | 'agent';
}

/**
 * All nodes, servers first: `k3d-dev-server-0`.
 * @param prefix who makes them; k3d names containers and nodes by its own.
 */
export function nodeNames(
  prefix: 'k3d' | 'hoist',
  cluster: string,
  counts: { servers: number; agents: number },
): NamedNode[] {
  const of = (role: NamedNode['role'], count: number): NamedNode[] =>
    Array.from({ length: count }, (_, i) => ({ name: `${prefix}-${cluster}-${role}-${i}`, role }));
  return [...of('server', counts.servers), ...of('agent', counts.agents)];
}
