// What a machine's network lets through, as one word: ports, addresses, balancers.

import { createSocket } from 'node:dgram';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
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

test.run();
