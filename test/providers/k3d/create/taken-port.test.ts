import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createServer, type AddressInfo } from 'node:net';
import { CreationError } from '../../../../scripts/base/errors.ts';
import type { DockerSession } from '../../../../scripts/docker/session.ts';
import { withEngine } from '../../../docker/answering.ts';
import { explainPort, takenPort } from '../../../../scripts/providers/k3d/create/taken-port.ts';

const port = suite('a port that the engine cannot publish');

for (const [engine, message, expected] of [
  [
    'Docker 20, its proxy',
    "Failed Cluster Start: Failed to start server k3d-dev-server-0: Node k3d-dev-server-0 failed to get ready: runtime failed to start node 'k3d-dev-server-0': docker failed to start container for node 'k3d-dev-server-0': Error response from daemon: driver failed programming external connectivity on endpoint k3d-dev-server-0 (5c): Error starting userland proxy: listen tcp4 127.0.0.1:42731: bind: address already in use",
    { address: '127.0.0.1', port: 42731 },
  ],
  [
    'another container',
    'driver failed programming external connectivity on endpoint k3d-dev-server-0 (8f): Bind for 0.0.0.0:80 failed: port is already allocated',
    { address: '0.0.0.0', port: 80 },
  ],
  [
    'Docker 28',
    'failed to set up container networking: driver failed programming external connectivity on endpoint k3d-dev-server-0 (8f): failed to bind host port for 127.0.0.1:6550:172.18.0.2:6443/tcp: address already in use',
    { address: '127.0.0.1', port: 6550 },
  ],
  [
    'Docker 29',
    'failed to bind host port 127.0.0.1:6550/tcp: address already in use',
    { address: '127.0.0.1', port: 6550 },
  ],
  [
    'Docker Desktop',
    'Ports are not available: exposing port TCP 0.0.0.0:8080 -> 127.0.0.1:0: listen tcp 0.0.0.0:8080: bind: address already in use',
    { address: '0.0.0.0', port: 8080 },
  ],
  ['IPv6', 'listen tcp6 [::]:8443: bind: address already in use', { address: '::', port: 8443 }],
  ['something else', 'Conflict. The container name "/k3d-dev-server-0" is already in use by container 8f', undefined],
] as const) {
  port(engine, () => assert.equal(takenPort(message), expected));
}

/** With an engine that has these containers, on this machine or on another one. */
async function explained(message: string, host: string, ports: readonly number[] = []): Promise<unknown> {
  let found: unknown;
  const web = { Id: 'w', Names: ['/web'], Image: '', State: 'running', Labels: {} };
  const Ports = ports.map((PublicPort) => ({ PublicPort, PrivatePort: 80, Type: 'tcp', IP: '0.0.0.0' }));
  await withEngine({ '/containers/json': [{ ...web, Ports }] }, async (engine) => {
    const session = { engine, endpoint: { host, source: 'x' } } as unknown as DockerSession;
    found = await explainPort(new CreationError(message, { hint: 'known' }), session);
  });
  return found;
}

port('whose it is, is said as far as it can be known', async () => {
  const taken = (at: number): string => `Bind for 127.0.0.1:${at} failed: port is already allocated`;
  const here = 'unix:///var/run/docker.sock';
  const far = 'tcp://10.0.0.9:2375';
  const texts = async (...args: Parameters<typeof explained>): Promise<string[]> => {
    const error = (await explained(...args)) as CreationError;
    return [error.message, error.hint ?? '', (error.cause as Error).message];
  };
  const [detail = '', hint = '', cause = ''] = await texts(taken(81), far, [81]);
  assert.match(detail, /^port 81 is taken by .*web/);
  assert.ok(hint.length > 0);
  assert.is(cause, taken(81));
  assert.equal((await texts(taken(82), far, [81])).slice(0, 2), [
    "port 82 is taken on the engine's machine",
    'Stop what has it, or choose another port.',
  ]);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: own } = server.address() as AddressInfo;
  assert.match((await texts(taken(own), here))[0] ?? '', new RegExp(`^port ${own} is taken by .*pid ${process.pid}`));
  await new Promise((resolve) => server.close(resolve));
  assert.match((await texts(taken(own), here))[0] ?? '', 'is free now');
  const other = (await explained('something else', here)) as Error;
  assert.is(other.message, 'something else');
});

port.run();
