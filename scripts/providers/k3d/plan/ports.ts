// Ports of the cluster on the host, and whether they need k3d's load balancer.

import type { Filtered } from './node-filters.ts';

/** A port as the user wrote it, with its node filters. */
export interface PortMapping {
  value: string;
  filters: readonly string[];
}

/** With a single server a port needs no load balancer: it is published by the server itself. */
export function mapPort({ value, filters }: PortMapping, servers: number): Filtered {
  if (filters.length > 0) return { value, nodes: filters };
  return { value, nodes: [servers === 1 ? 'server:0:direct' : 'loadbalancer'] };
}

/** k3d publishes a port itself only where its filter says so; all others go through the load balancer. */
export function needsLoadBalancer(servers: number, ports: readonly { nodes: readonly string[] }[]): boolean {
  return (
    servers > 1 || ports.some(({ nodes }) => nodes.length === 0 || nodes.some((node) => !node.endsWith(':direct')))
  );
}
