// Checks of the host's network: ports, connections, certificates, HTTP, interfaces, subnets, registries.

import { isIPv4 } from 'node:net';
import { BadCheck, record, string, text, type Check } from '../base/check.ts';
import { compareCount, words } from '../base/compare.ts';
import { firstOf, goBool, outcomesOf } from '../base/outcomes.ts';
import { httpFound, httpHolds, imagesVerdict } from '../cluster/services.ts';
import { hostCheck, hostContents, parsed } from './host.ts';

/** Collectors whose result is one word. */
function statusCheck(kind: string, title: string, options: { folder?: string; byDefault?: string } = {}): Check {
  return hostCheck({
    title,
    collector: kind,
    folder: options.folder ?? kind,
    ...(options.byDefault === undefined ? {} : { byDefault: options.byDefault }),
    evaluate(content) {
      const info = parsed(content);
      const status = string(info['status']);
      const message = string(info['message']);
      return { holds: (when) => when === status, found: message === '' ? status : `${status}: ${message}` };
    },
  });
}

export const tcpPortStatus = statusCheck('tcpPortStatus', 'TCP Port Status');
export const udpPortStatus = statusCheck('udpPortStatus', 'UDP Port Status');
export const tcpConnect = statusCheck('tcpConnect', 'TCP Connection Attempt', {
  folder: 'connect',
  byDefault: 'connect',
});
export const tcpLoadBalancer = statusCheck('tcpLoadBalancer', 'TCP Load Balancer');
export const httpLoadBalancer = statusCheck('httpLoadBalancer', 'HTTP Load Balancer');
export const subnetAvailable = statusCheck('subnetAvailable', 'Subnet Available', { byDefault: 'result' });

export const certificate = hostCheck({
  title: 'Certificate Key Pair',
  collector: 'certificate',
  folder: 'certificate',
  evaluate: (content) => ({ holds: (when) => when === content.trim(), found: content.trim() }),
});

export const http = hostCheck({
  title: 'HTTP Request',
  collector: 'http',
  folder: 'http',
  byDefault: 'result',
  evaluate(content) {
    const result = parsed(content);
    return { holds: (when) => httpHolds(when, result), found: httpFound(result) };
  },
});

export const ipv4Interfaces = hostCheck({
  title: 'IPv4 Interfaces',
  collector: 'ipv4Interfaces',
  folder: 'system',
  file: 'ipv4Interfaces.json',
  evaluate(content) {
    const list = JSON.parse(content) as unknown;
    const count = Array.isArray(list) ? list.length : 0;
    return {
      holds(when) {
        const [subject, sign = '', wanted = ''] = words(when, 3);
        if (subject !== 'count') throw new BadCheck(`"${when}" is nothing like count > 1`);
        return compareCount(count, sign, wanted);
      },
      found: `${count} interfaces`,
    };
  },
});

/** Looks at its own spec only, no collector has to run. */
export const subnetContainsIP: Check = {
  title: () => 'Subnet Contains IP',
  collectors: [],
  run(spec) {
    const inside = contains(text(spec, 'cidr'), text(spec, 'ip'));
    const found = `that ${text(spec, 'ip')} is ${inside ? '' : 'not '}in ${text(spec, 'cidr')}`;
    return Promise.resolve([firstOf(outcomesOf(spec), { holds: (when) => goBool(when) === inside, found })]);
  },
};

function contains(cidr: string, ip: string): boolean {
  const [network = '', length = ''] = cidr.split('/');
  if (!isIPv4(network) || !isIPv4(ip) || !/^(?:\d|[12]\d|3[0-2])$/.test(length)) {
    throw new BadCheck(`"${cidr}" and "${ip}" are not a network like 10.0.0.0/8 and an address of IPv4`);
  }
  const mask = length === '0' ? 0n : (0xffffffffn << BigInt(32 - Number(length))) & 0xffffffffn;
  return (bits(network) & mask) === (bits(ip) & mask);
}

const bits = (ip: string): bigint => ip.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);

export const registryImages: Check = {
  title: () => 'Registry Images',
  collectors: ['registryImages'],
  async run(spec, files) {
    const name = text(spec, 'collectorName') || 'images';
    const contents = await hostContents(files, 'registry-images', `${name}.json`);
    return contents.map(({ node, content }) => {
      const verdict = imagesVerdict(spec, record(JSON.parse(content)));
      return node === undefined
        ? verdict
        : { ...verdict, title: `${text(spec, 'checkName') || 'Registry Images'} - Node ${node}` };
    });
  },
};
