// Which ports of a machine are taken, as its kernel lists them.

import type { Machine } from './machine.ts';

export type Protocol = 'tcp' | 'udp';

const LISTENING = '0A';

/** @param addresses like `10.0.0.5/24`; where not given, an address of any interface counts */
export async function isTaken(
  machine: Machine,
  protocol: Protocol,
  { port, addresses }: { port: number; addresses?: readonly string[] | undefined },
): Promise<boolean> {
  const own = new Set(addresses?.map((address) => address.replace(/\/.*$/, '')));
  for (const file of [`/proc/net/${protocol}`, `/proc/net/${protocol}6`]) {
    // A kernel without IPv6 has no such file.
    if (!(await machine.exists(file))) continue;
    for (const line of (await machine.read(file)).toString('utf8').split('\n').slice(1)) {
      const [, local = '', , state = ''] = line.trim().split(/\s+/);
      const [address = '', hexPort = ''] = local.split(':');
      if (parseInt(hexPort, 16) !== port || (protocol === 'tcp' && state !== LISTENING)) continue;
      if (addresses === undefined || /^0+$/.test(address) || own.has(ipv4Of(address))) return true;
    }
  }
  return false;
}

/** Of `0500000A`, or of `0000000000000000FFFF00000500000A`: the bytes of each word stand backwards. */
function ipv4Of(hex: string): string {
  const word = hex.slice(-8);
  return [6, 4, 2, 0].map((at) => parseInt(word.slice(at, at + 2), 16)).join('.');
}
