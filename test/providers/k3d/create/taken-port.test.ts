import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { takenPort } from '../../../../scripts/providers/k3d/create/taken-port.ts';

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

port.run();
