// What a machine's network lets through, as one word: ports, addresses, balancers.

import { createSocket } from 'node:dgram';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Collector } from '../../../../scripts/support/collectors/collector.ts';
import * as network from '../../../../scripts/support/collectors/host/network.ts';
import { runCollector } from '../running.ts';

const test = suite('support/collectors/host/network');

interface Answer {
  status: string;
  message: string;
}

async function asked(
  collector: Collector,
  spec: Record<string, unknown>,
): Promise<Answer & { notes: string[]; path: string }> {
  const { files, notes } = await runCollector(collector, spec);
  const [path, text] = Object.entries(files)[0] ?? ['', '{}'];
  return { ...(JSON.parse(text) as Answer), notes, path };
}

async function listening(host = '0.0.0.0'): Promise<{ server: Server; port: number; close: () => Promise<void> }> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  return { server, port: (server.address() as AddressInfo).port, close };
}

async function freePort(): Promise<number> {
  const { port, close } = await listening();
  await close();
  return port;
}

const message = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => '',
    (error: unknown) => (error as Error).message,
  );

test('an address: reached, refused, none; with what the note says', async () => {
  const { port, close } = await listening();
  const up = await asked(network.tcpConnect, { address: `127.0.0.1:${port}` });
  assert.equal(
    [up.status, up.message, up.notes, up.path],
    ['connected', '', [], 'host-collectors/connect/connect.json'],
  );
  await close();
  const down = await asked(network.tcpConnect, { address: `127.0.0.1:${port}`, collectorName: 'x' });
  assert.equal(
    [down.status, down.notes, down.path],
    ['connection-refused', ['connection: connection-refused'], 'host-collectors/connect/x.json'],
  );
  assert.match(down.message, 'ECONNREFUSED');
  for (const address of ['127.0.0.1', 'a b:80', '', 'x:123456']) {
    const odd = await asked(network.tcpConnect, { address });
    assert.equal([odd.status, odd.message], ['invalid-address', `invalid address: ${address}`]);
  }
  const unknown = await asked(network.tcpConnect, { address: 'no-such-host.invalid:80' });
  assert.is(unknown.status, 'error');
});

test('an address of IPv6 in brackets', async () => {
  const six = await listening('::1').catch(() => undefined);
  if (six === undefined) return;
  assert.is((await asked(network.tcpConnect, { address: `[::1]:${six.port}` })).status, 'connected');
  await six.close();
});

test('a TCP port: free, taken, and of an interface', async () => {
  const port = await freePort();
  assert.is((await asked(network.tcpPortStatus, { port })).status, 'connected');
  const taken = await listening();
  const used = await asked(network.tcpPortStatus, { port: taken.port });
  assert.equal([used.status, used.notes], ['address-in-use', ['port: address-in-use']]);
  await taken.close();
  const [loopback] =
    Object.entries(networkInterfaces()).find(([, all]) => all?.some(({ address }) => address === '127.0.0.1')) ?? [];
  if (loopback !== undefined) {
    const own = await listening('127.0.0.1');
    assert.is((await asked(network.tcpPortStatus, { port: own.port, interface: loopback })).status, 'address-in-use');
    await own.close();
    assert.is((await asked(network.tcpPortStatus, { port: own.port, interface: loopback })).status, 'connected');
  }
  assert.is(
    await message(asked(network.tcpPortStatus, { port, interface: 'no-such-interface' })),
    'there is no interface "no-such-interface" with an IPv4 address',
  );
});

test('a UDP port: free and taken', async () => {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '0.0.0.0', resolve));
  const { port } = socket.address();
  assert.is((await asked(network.udpPortStatus, { port })).status, 'address-in-use');
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  const free = await asked(network.udpPortStatus, { port });
  assert.equal([free.status, free.message, free.notes], ['connected', '', []]);
  assert.match(await message(asked(network.udpPortStatus, { port, interface: 'no-such-interface' })), 'no interface');
});

test('a balancer leads back to a listener of our own', async () => {
  const port = await freePort();
  const direct = await asked(network.tcpLoadBalancer, { port, address: `127.0.0.1:${port}` });
  assert.is(direct.status, 'connected');
  const nowhere = await asked(network.tcpLoadBalancer, { port, address: `127.0.0.1:${await freePort()}` });
  assert.is(nowhere.status, 'connection-refused');
  assert.is((await asked(network.tcpLoadBalancer, { port, address: 'none' })).status, 'invalid-address');
  const http = await asked(network.httpLoadBalancer, { port, address: `http://127.0.0.1:${port}/x` });
  assert.equal([http.status, http.path], ['connected', 'host-collectors/httpLoadBalancer/httpLoadBalancer.json']);
  assert.is((await asked(network.httpLoadBalancer, { port, address: 'none' })).status, 'invalid-address');
});

/** The first question of a DNS message: where it ends, and its name. */
function questionOf(message: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let size = message[at] ?? 0; size > 0; size = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + size));
    at += 1 + size;
  }
  return { name: labels.join('.'), type: message.readUInt16BE(at + 1), end: at + 5 };
}

/** A name server that knows some names, all with one address. */
async function nameServer(known: readonly string[]): Promise<{ address: string; close: () => void }> {
  const socket = createSocket('udp4');
  socket.on('message', (message, { port, address }) => {
    const { name, type, end } = questionOf(message);
    const found = known.includes(name);
    const answer = Buffer.from('c00c00010001000000050004' + '0a000001', 'hex');
    const head = Buffer.from(message.subarray(0, end));
    head.writeUInt16BE(found ? 0x8180 : 0x8183, 2);
    head.fill(0, 6, 12);
    if (found && type === 1) head.writeUInt16BE(1, 6);
    socket.send(found && type === 1 ? Buffer.concat([head, answer]) : head, port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { address: `127.0.0.1:${socket.address().port}`, close: () => socket.close() };
}

test('names: as they are and in each search domain, with the domains in which any was found', async () => {
  const { address, close } = await nameServer(['api', 'api.one.test', 'db.two.test']);
  const root = mkdtempSync(join(tmpdir(), 'hoist-dns-'));
  mkdirSync(join(root, 'etc'));
  const ask = async (config: string): Promise<{ query: Record<string, object[]>; resolvedFromSearch: string }> => {
    writeFileSync(join(root, 'etc/resolv.conf'), config);
    const { files } = await runCollector(network.dns, { hostnames: ['api', 'db'] }, { host: { root } });
    assert.is(files['host-collectors/dns/dns/resolv.conf'], config);
    return JSON.parse(files['host-collectors/dns/dns/result.json'] ?? '') as Awaited<ReturnType<typeof ask>>;
  };
  try {
    const { query, resolvedFromSearch } = await ask(`nameserver ${address}\nsearch  one.test two.test three.test \n`);
    assert.equal(resolvedFromSearch.split(', ').sort(), ['one.test', 'two.test']);
    const line = (search: string, record: string, answer: string): object => {
      const name = search === '' ? 'api' : `api.${search}`;
      return { server: address, search, name, answer, record };
    };
    assert.equal(query['api'], [
      line('', 'A', '10.0.0.1'),
      line('', 'AAAA', ''),
      line('one.test', 'A', '10.0.0.1'),
      line('one.test', 'AAAA', ''),
      line('two.test', 'A', ''),
      line('two.test', 'AAAA', ''),
      line('three.test', 'A', ''),
      line('three.test', 'AAAA', ''),
    ]);
    const without = await ask(`nameserver ${address}\n`);
    assert.equal([without.query['api']?.length, without.resolvedFromSearch], [2, '']);
  } finally {
    close();
    rmSync(root, { recursive: true });
  }
});

test.run();
