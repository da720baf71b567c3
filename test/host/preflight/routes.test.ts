// Networks in the way: reading CIDRs and the kernel's table, overlaps, and what is found of each.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkRoutes, overlap, parseCidr, parseRoutes } from '../../../scripts/host/preflight/routes.ts';

const routes = suite('host/preflight/routes');

routes('networks', () => {
  const table: [text: string, network: { address: number; mask: number } | undefined][] = [
    ['0.0.0.0/0', { address: 0, mask: 0 }],
    ['10.42.0.0/16', { address: 0x0a2a0000, mask: 0xffff0000 }],
    ['10.42.7.9/16', { address: 0x0a2a0000, mask: 0xffff0000 }],
    ['192.168.1.5/32', { address: 0xc0a80105, mask: 0xffffffff }],
    ['255.255.255.255/1', { address: 0x80000000, mask: 0x80000000 }],
    ['1.2.3.4/33', undefined],
    ['256.0.0.0/8', undefined],
    ['1.2.3.256/8', undefined],
    ['1.2.3/8', undefined],
    ['1.2.3.4', undefined],
    ['::1/64', undefined],
  ];
  for (const [text, network] of table) assert.equal(parseCidr(text), network, text);
});

routes('overlaps', () => {
  const of = (a: string, b: string): boolean => {
    const [one, other] = [parseCidr(a), parseCidr(b)];
    assert.ok(one && other);
    return overlap(one, other);
  };
  assert.is(of('10.0.0.0/8', '10.42.0.0/16'), true);
  assert.is(of('10.42.0.0/16', '10.0.0.0/8'), true);
  assert.is(of('10.42.0.0/16', '10.43.0.0/16'), false);
  assert.is(of('0.0.0.0/0', '1.2.3.4/32'), true);
  assert.is(of('200.0.0.0/8', '200.1.0.0/16'), true);
  assert.is(of('200.0.0.0/8', '201.0.0.0/8'), false);
});

const HEAD = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n';
const line = (name: string, destination: string, mask: string): string =>
  `${name}\t${destination}\t00000000\t0001\t0\t0\t0\t${mask}\t0\t0\t0\n`;

routes("the kernel's table, without the default route", () => {
  const table = HEAD + line('eth0', '00000000', '00000000') + line('tun0', '00002A0A', '0000FFFF') + '\n';
  assert.equal(parseRoutes(table), [{ interface: 'tun0', address: 0x0a2a0000, mask: 0xffff0000 }]);
  assert.equal(parseRoutes(''), []);
});

routes('what is found: a clash with Docker fails, one with a route warns', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-routes-'));
  const file = join(folder, 'route');
  const others = ['br-1', 'docker0', 'cni0', 'flannel.1'].map((name) => line(name, '00002B0A', '0000FFFF')).join('');
  writeFileSync(file, HEAD + line('tun0', '00002A0A', '0000FFFF') + others);
  const docker = [{ name: 'net', subnets: ['fd00::/8', '172.28.0.0/16'] }];
  const found = await checkRoutes(
    { pods: '10.42.0.0/16', services: '10.43.0.0/16', nodes: '172.28.1.0/24', odd: 'here' },
    docker,
    file,
  );
  rmSync(folder, { recursive: true });
  assert.equal(
    found.map(({ status, name }) => `${status} ${name}`),
    ['warn network of pods', 'ok network of services', 'fail network of nodes', 'fail network of odd'],
  );
  const text = JSON.stringify(found);
  for (const part of ['through tun0', "Docker's network net", 'here is no IPv4 network'])
    assert.ok(text.includes(part));
  const [none] = await checkRoutes({ pods: '10.42.0.0/16' }, [], join(folder, 'gone'));
  assert.is(none?.status, 'ok');
});

routes.run();
