// Whether the addresses of pods, services and the cluster's own network clash with routes of this machine.

import { readFile } from 'node:fs/promises';
import { type Finding, fail, ok, warn } from './finding.ts';

/** An IPv4 network, both as unsigned numbers. */
interface Network {
  address: number;
  mask: number;
}

export interface Route extends Network {
  interface: string;
}

/** `10.42.0.0/16`; undefined where it is no such thing. */
export function parseCidr(text: string): Network | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(text);
  if (!match) return undefined;
  const [a, b, c, d, bits] = match.slice(1).map(Number) as [number, number, number, number, number];
  if ([a, b, c, d].some((byte) => byte > 255) || bits > 32) return undefined;
  const mask = bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
  return { address: (((a << 24) | (b << 16) | (c << 8) | d) & mask) >>> 0, mask };
}

export function overlap(a: Network, b: Network): boolean {
  const common = (a.mask & b.mask) >>> 0;
  return (a.address & common) >>> 0 === (b.address & common) >>> 0;
}

/** The routes of /proc/net/route, the default route left out: numbers there are in the byte order of the machine. */
export function parseRoutes(table: string): Route[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [name, destination, , , , , , mask] = line.trim().split(/\s+/);
      if (name === undefined || destination === undefined || mask === undefined || mask === '00000000') return [];
      return [{ interface: name, address: swapped(destination), mask: swapped(mask) }];
    });
}

function swapped(hex: string): number {
  return Buffer.from(hex, 'hex').readUInt32LE(0);
}

/**
 * @param wanted networks by what they are for.
 * @param own interfaces of Docker's own bridges are no clash; a network of Docker's that is in the way is found there.
 */
export async function checkRoutes(
  wanted: Readonly<Record<string, string>>,
  dockerNetworks: readonly { name: string; subnets: readonly string[] }[],
  file = '/proc/net/route',
): Promise<Finding[]> {
  const table = await readFile(file, 'utf8').catch(() => '');
  const routes = parseRoutes(table).filter((route) => !/^(br-|docker|cni|flannel)/.test(route.interface));
  return Object.entries(wanted).map(([purpose, cidr]) => {
    const name = `network of ${purpose}`;
    const network = parseCidr(cidr);
    if (!network) return fail(name, `${cidr} is no IPv4 network`, 'Write it like 172.28.0.0/16.');
    const docker = dockerNetworks.find(({ subnets }) =>
      subnets.some((subnet) => {
        const other = parseCidr(subnet);
        return other !== undefined && overlap(network, other);
      }),
    );
    if (docker) return fail(name, `${cidr} overlaps with Docker's network ${docker.name}`, 'Choose another subnet.');
    const route = routes.find((one) => overlap(network, one));
    if (!route) return ok(name, cidr);
    return warn(
      name,
      `${cidr} overlaps with a route through ${route.interface}, like that of a VPN: pods cannot reach hosts there`,
      'Choose other addresses with the arguments --cluster-cidr and --service-cidr of k3s.',
    );
  });
}
