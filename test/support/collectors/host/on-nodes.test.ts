// Files and ports of a node that is looked at through a pod: what the collectors make of its answers.

import { generateKeyPairSync } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { certificate, certificatesCollection, hostCopy } from '../../../../scripts/support/collectors/host/files.ts';
import type { Machine } from '../../../../scripts/support/collectors/host/machine.ts';
import { tcpConnect, tcpPortStatus, udpPortStatus } from '../../../../scripts/support/collectors/host/network.ts';
import { certificate as pair } from '../../../doubles/certificates.ts';
import { runCollector } from '../running.ts';

const test = suite('support/collectors/host: on nodes');

/** A node with these files. */
const nodeWith = (files: Readonly<Record<string, string>>, more: Partial<Machine> = {}): { machine: Machine } => ({
  machine: {
    exists: (path: string) => Promise.resolve(path in files),
    read: (path: string) =>
      path in files ? Promise.resolve(Buffer.from(files[path] ?? '')) : Promise.reject(new Error(`no ${path}`)),
    filesBelow: (folder: string) =>
      Promise.resolve(
        Object.keys(files)
          .filter((path) => path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`))
          .map((path) => path.slice(folder === '/' ? 1 : folder.length + 1)),
      ),
    interfaces: () => Promise.resolve([{ name: 'eth0', mac: '', addresses: ['10.0.0.5/24'] }]),
    ...more,
  } as unknown as Machine,
});

test('copy: files, folders and patterns as on this machine', async () => {
  const host = nodeWith({
    '/var/log/a.log': 'A',
    '/var/log/b.txt': 'B',
    '/var/log/pods/x/0.log': 'X',
    '/var/lib/c': 'C',
    '/etc/one': '1',
  });
  const copied = async (path: string): Promise<Record<string, string>> =>
    (await runCollector(hostCopy, { collectorName: 'c', path }, { host })).files;
  assert.equal(await copied('/etc/one'), { 'host-collectors/c/one': '1' });
  assert.equal(await copied('/var/log'), {
    'host-collectors/c/log/a.log': 'A',
    'host-collectors/c/log/b.txt': 'B',
    'host-collectors/c/log/pods/x/0.log': 'X',
  });
  assert.equal(await copied('/var/log/*.log'), { 'host-collectors/c/a.log': 'A' });
  assert.equal(await copied('/var/l?g/p*'), { 'host-collectors/c/pods/x/0.log': 'X' });
  const none = await runCollector(hostCopy, { path: '/nothing/*' }, { host });
  assert.equal([none.files, none.notes], [{}, ['no files matched']]);
});

test('copy: a file that cannot be read is a problem, the others are there', async () => {
  const files = { '/d/a': 'A', '/d/b': 'B' };
  const host = nodeWith(files, {
    read: (path) =>
      path === '/d/a' ? Promise.reject(new Error('Permission denied')) : Promise.resolve(Buffer.from('B')),
  });
  const ran = await runCollector(hostCopy, { path: '/d' }, { host });
  assert.equal([ran.files, ran.problems], [{ 'host-collectors/copy/d/b': 'B' }, ['/d/a: Permission denied']]);
});

test('certificates are read there', async () => {
  const { cert, key } = pair();
  const other = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const host = nodeWith({ '/c': cert, '/k': key, '/o': other });
  const status = async (certificatePath: string, keyPath: string): Promise<string | undefined> =>
    Object.values((await runCollector(certificate, { certificatePath, keyPath }, { host })).files)[0];
  assert.equal(
    [await status('/c', '/k'), await status('/c', '/o'), await status('/k', '/c'), await status('/none', '/k')],
    ['key-pair-valid', 'key-pair-mismatch', 'key-pair-switched', 'key-pair-missing'],
  );
  const { files } = await runCollector(certificatesCollection, { paths: ['/c', '/none', '/k'] }, { host });
  const found = JSON.parse(Object.values(files)[0] ?? '[]') as { message: string }[];
  assert.equal(
    found.map(({ message }) => message),
    ['cert-valid', 'cert-missing', 'cert-invalid'],
  );
});

test('ports: what the kernel of the node lists', async () => {
  const table = 'head\n 0: 0500000A:1F90 00000000:0000 0A\n';
  const host = nodeWith({ '/proc/net/tcp': table, '/proc/net/udp': table });
  const status = async (collector: typeof tcpPortStatus, spec: Record<string, unknown>): Promise<string> => {
    const { files } = await runCollector(collector, spec, { host });
    return (JSON.parse(Object.values(files)[0] ?? '{}') as { status: string }).status;
  };
  assert.is(await status(tcpPortStatus, { port: 8080 }), 'address-in-use');
  assert.is(await status(tcpPortStatus, { port: '8080', interface: 'eth0' }), 'address-in-use');
  assert.is(await status(tcpPortStatus, { port: 8081 }), 'connected');
  assert.is(await status(udpPortStatus, { port: 8080 }), 'address-in-use');
  assert.match(
    await status(tcpPortStatus, { port: 1, interface: 'none' }).catch((error: unknown) => String(error)),
    'there is no interface "none"',
  );
});

test('connections are made from there', async () => {
  const asked: unknown[] = [];
  const status = async (said: string | undefined, address = 'db:5432'): Promise<string> => {
    const host = nodeWith(
      {},
      {
        connect: (target) => {
          asked.push(target);
          return Promise.resolve(said);
        },
      },
    );
    const { files } = await runCollector(tcpConnect, { address, timeout: '3s' }, { host });
    return (JSON.parse(Object.values(files)[0] ?? '{}') as { status: string }).status;
  };
  assert.is(await status(undefined), 'connected');
  assert.is(await status("nc: can't connect to remote host (10.0.0.1): Connection refused"), 'connection-refused');
  assert.is(await status('nc: timed out'), 'connection-timeout');
  assert.is(await status("nc: bad address 'db'"), 'error');
  assert.equal(asked[0], { host: 'db', port: 5432, timeoutMs: 3000 });
  for (const address of ['nowhere', '-e:80']) assert.is(await status(undefined, address), 'invalid-address');
  assert.is(asked.length, 4);
});

test.run();
