// Checks of a host's network: words, counts, subnets, and a verdict for each node where pods have collected.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { each, run, when } from '../ask.ts';

const network = suite('support/analyzers/host/network');

const host = (files: Record<string, unknown>, spec: Record<string, unknown> = {}) => ({ host: true, files, spec });

network('a status is compared as a word, and shown with its message', async () => {
  const places = {
    tcpPortStatus: 'tcpPortStatus/tcpPortStatus.json',
    udpPortStatus: 'udpPortStatus/udpPortStatus.json',
    tcpConnect: 'connect/connect.json',
    tcpLoadBalancer: 'tcpLoadBalancer/tcpLoadBalancer.json',
    httpLoadBalancer: 'httpLoadBalancer/httpLoadBalancer.json',
    subnetAvailable: 'subnetAvailable/result.json',
  };
  for (const [kind, path] of Object.entries(places)) {
    const asked = host({ [`host-collectors/${path}`]: { status: 'connected' } });
    await each(kind, asked, { connected: true, refused: false });
    const [said] = await run(kind, when('refused'), {
      host: true,
      files: { [`host-collectors/${path}`]: { status: 'error', message: 'no route' } },
    });
    assert.match(said?.message ?? '', 'error: no route', kind);
    const [bare] = await run(kind, when('refused'), asked);
    assert.match(bare?.message ?? '', /found connected$|found connected\b(?!:)/, kind);
  }
});

network('a name of the collector leads to its file', async () => {
  const asked = host({ 'host-collectors/connect/api.json': { status: 'connected' } }, { collectorName: 'api' });
  await each('tcpConnect', asked, { connected: true });
});

network('interfaces are counted', async () => {
  const asked = host({ 'host-collectors/system/ipv4Interfaces.json': [{}, {}] });
  await each('ipv4Interfaces', asked, { 'count > 1': true, 'count > 2': false, 'count = 2': true });
  const [bad] = await run('ipv4Interfaces', when('number > 1'), asked);
  assert.match(bad?.message ?? '', '"number > 1" is nothing like count > 1');
  await each('ipv4Interfaces', host({ 'host-collectors/system/ipv4Interfaces.json': {} }), { 'count = 0': true });
});

network('an address in a subnet', async () => {
  const inside = async (cidr: string, ip: string): Promise<string> => {
    const outcomes = [{ pass: { when: 'true', message: 'in' } }, { fail: { when: 'false', message: 'out' } }];
    const [result] = await run('subnetContainsIP', { cidr, ip, outcomes }, { host: true });
    return result?.message ?? '';
  };
  const table: [string, string, string][] = [
    ['10.0.0.0/8', '10.255.0.1', 'in'],
    ['10.0.0.0/8', '11.0.0.1', 'out'],
    ['192.168.1.128/25', '192.168.1.127', 'out'],
    ['192.168.1.128/25', '192.168.1.128', 'in'],
    ['192.168.1.7/32', '192.168.1.7', 'in'],
    ['192.168.1.7/32', '192.168.1.6', 'out'],
    ['0.0.0.0/0', '203.0.113.9', 'in'],
    ['128.0.0.0/1', '255.0.0.1', 'in'],
    ['128.0.0.0/1', '127.0.0.1', 'out'],
  ];
  for (const [cidr, ip, expected] of table) assert.is(await inside(cidr, ip), expected, `${ip} in ${cidr}`);
  for (const [cidr, ip] of [
    ['10.0.0.0/33', '10.0.0.1'],
    ['10.0.0.0', '10.0.0.1'],
    ['10.0.0/8', '10.0.0.1'],
    ['10.0.0.0/8', '::1'],
  ] as const)
    assert.match(await inside(cidr, ip), 'are not a network like 10.0.0.0/8', cidr);
  const [unmatched] = await run(
    'subnetContainsIP',
    { cidr: '10.0.0.0/8', ip: '9.0.0.1', ...when('true') },
    { host: true },
  );
  assert.match(unmatched?.message ?? '', 'that 9.0.0.1 is not in 10.0.0.0/8');
});

network('images of a registry, of this host or of each node', async () => {
  const images = { images: { a: { exists: true }, b: { exists: false } } };
  await each('registryImages', host({ 'host-collectors/registry-images/images.json': images }), {
    'verified = 1': true,
    'missing > 1': false,
  });
  const files = {
    'host-collectors/system/node_list.json': { nodes: ['n1'] },
    'host-collectors/registry-images/n1/images.json': images,
  };
  const [node] = await run('registryImages', when('missing > 0'), { host: true, files });
  assert.equal([node?.title, node?.outcome], ['Registry Images - Node n1', 'fail']);
  const [named] = await run('registryImages', { checkName: 'Mine', ...when('missing > 0') }, { host: true, files });
  assert.is(named?.title, 'Mine - Node n1');
});

network('a certificate is compared with what its file says', async () => {
  const asked = host({ 'host-collectors/certificate/certificate.json': ' key-pair-mismatch\n' });
  await each('certificate', asked, { 'key-pair-mismatch': true, 'key-pair-valid': false });
});

network.run();
