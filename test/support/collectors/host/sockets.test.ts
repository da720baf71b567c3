// Ports that are taken, by the tables of the kernel.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Machine } from '../../../../scripts/support/collectors/host/machine.ts';
import { isTaken } from '../../../../scripts/support/collectors/host/sockets.ts';

const test = suite('support/collectors/host/sockets');

const HEAD = '  sl  local_address rem_address   st tx_queue\n';
const row = (local: string, state: string): string => `   0: ${local} 00000000:0000 ${state} 00000000:00000000\n`;

const machineWith = (files: Readonly<Record<string, string>>): Machine =>
  ({
    exists: (path: string) => Promise.resolve(path in files),
    read: (path: string) => Promise.resolve(Buffer.from(files[path] ?? '')),
  }) as unknown as Machine;

test('a port is taken by what listens, not by connections', async () => {
  const machine = machineWith({ '/proc/net/tcp': HEAD + row('00000000:1F90', '0A') + row('0500000A:0050', '01') });
  assert.is(await isTaken(machine, 'tcp', { port: 8080 }), true);
  assert.is(await isTaken(machine, 'tcp', { port: 80 }), false);
  assert.is(await isTaken(machine, 'tcp', { port: 8081 }), false);
});

test('of UDP every socket counts, and IPv6 has a table of its own', async () => {
  const machine = machineWith({
    '/proc/net/udp': HEAD + row('0500000A:0035', '07'),
    '/proc/net/udp6': HEAD + row(`${'0'.repeat(32)}:14E9`, '07'),
  });
  assert.equal(await Promise.all([53, 5353, 54].map((port) => isTaken(machine, 'udp', { port }))), [true, true, false]);
});

test('of one interface only its own addresses and those of all count', async () => {
  const mapped = '0000000000000000FFFF00000500000A';
  for (const [local, taken] of [
    ['0500000A', true],
    ['0100007F', false],
    ['00000000', true],
    [mapped, true],
    ['0D0C0B0A', true],
    ['0A0B0C0D', false],
    ['0000000000000000FFFF00000D0C0B0A', true],
  ] as const) {
    const machine = machineWith({ '/proc/net/tcp': HEAD, '/proc/net/tcp6': HEAD + row(`${local}:1F90`, '0A') });
    const wanted = { port: 8080, addresses: ['10.0.0.5/24', '10.11.12.13/8', 'fe80::1/64'] };
    assert.is(await isTaken(machine, 'tcp', wanted), taken, local);
  }
});

test.run();
