import { type AddressInfo, createServer } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { EngineInfo } from '../../../scripts/docker/info.ts';
import {
  assertFit,
  checkCgroups,
  checkEngine,
  checkFreeMemory,
  checkMemory,
  checkRights,
  parsePort,
} from '../../../scripts/providers/k3d/k3d-checks.ts';
import { createWorld } from './world.ts';

const preflight = suite('preflight for k3d');

const info = (own: Partial<EngineInfo>): EngineInfo => ({
  ...{ name: 'e', serverVersion: '28.5.1', operatingSystem: 'Linux', kernelVersion: '6', architecture: 'x86_64' },
  ...{ cpus: 2, memoryBytes: 8 * 2 ** 30, cgroupVersion: 2, cgroupDriver: 'systemd', storageDriver: 'overlay2' },
  ...{ rootDir: '/', rootless: false, containersRunning: 0, httpProxy: '', httpsProxy: '', noProxy: '' },
  registryMirrors: [],
  ...own,
});

preflight('engine, memory and cgroups', () => {
  assert.is(checkEngine(info({}), 'unix:///d.sock').status, 'ok');
  assert.is(checkEngine(info({ serverVersion: '20.10.24' }), 'h').status, 'ok');
  assert.is(checkEngine(info({ serverVersion: '19.03.1' }), 'h').status, 'fail');
  assert.is(checkMemory(info({ memoryBytes: 2 ** 29 })).status, 'fail');
  const v1 = info({ cgroupVersion: 1 });
  assert.is(checkCgroups(v1, 'rancher/k3s:v1.34.2-k3s1').status, 'ok');
  assert.is(checkCgroups(v1, 'rancher/k3s:v1.35.0-k3s1').status, 'fail');
  assert.is(checkCgroups(v1, 'my/k3s').status, 'ok');
});

preflight('rights of a rootless engine, and memory that is free now', () => {
  assert.is(checkRights(info({})).status, 'ok');
  assert.is(checkRights(info({ rootless: true })).status, 'ok');
  assert.is(checkRights(info({ rootless: true, cgroupDriver: 'none' })).status, 'fail');
  assert.is(checkRights(info({ rootless: true, cgroupVersion: 1 })).status, 'fail');
  const total = 8 * 2 ** 30;
  assert.equal(
    checkFreeMemory(info({}), { free: 2 ** 31, total }).map(({ status }) => status),
    ['ok'],
  );
  assert.match(checkFreeMemory(info({}), { free: 2 ** 29, total })[0]?.detail ?? '', /512 MiB/);
  // The memory of Docker Desktop's machine is not this one's.
  assert.equal(checkFreeMemory(info({ memoryBytes: 2 ** 32 }), { free: 2 ** 29, total }), []);
});

preflight('ports as people write them', () => {
  assert.equal(parsePort('8080:80'), [{ port: 8080, address: '0.0.0.0' }]);
  assert.equal(parsePort('127.0.0.1:8443:443/tcp'), [{ port: 8443, address: '127.0.0.1' }]);
  assert.equal(parsePort('127.0.0.1:random:6443'), []);
  assert.equal(parsePort('53:53/udp'), []);
});

preflight('all failures at once, with what to do', () => {
  const fail = (name: string) => ({ name, status: 'fail' as const, detail: 'bad', hint: `Mend ${name}.` });
  assert.throws(
    () => assertFit([fail('one'), { name: 'two', status: 'warn', detail: 'so so' }, fail('three')]),
    (error: Error & { hint?: string; exitCode?: number }) =>
      error.message === 'one: bad; three: bad' && error.hint === 'Mend one. Mend three.' && error.exitCode === 3,
  );
});

preflight('a taken port and a name of someone else’s stop the run before anything is made', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const world = await createWorld();
  try {
    world.engine.containers.set('k3d-dev-server-0', {
      ...{ id: 'x', name: 'k3d-dev-server-0', image: 'i', state: 'exited', labels: {}, lines: [] },
      ...{ memory: 0, nanoCpus: 0, startedAt: '', followers: new Set() },
    });
    let message = '';
    const plan = world.plan(0, { apiPort: `127.0.0.1:${port}` });
    await world.up(plan).catch((error: unknown) => (message = String(error)));
    assert.match(message, new RegExp(`port ${port}: is taken by .*pid ${process.pid}`));
    assert.match(message, /name dev: is taken by the container k3d-dev-server-0/);
    assert.equal([...world.engine.networks.keys()], []);
  } finally {
    await world.close();
    await new Promise((resolve) => server.close(resolve));
  }
});

preflight.run();
