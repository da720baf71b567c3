import { type AddressInfo, createServer } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { EngineInfo } from '../../../scripts/docker/info.ts';
import {
  assertFit,
  checkCgroups,
  checkK3d,
  checkEngine,
  checkFreeMemory,
  checkMemory,
  checkRights,
  fixedPorts,
  parsePort,
  portOwners,
} from '../../../scripts/providers/k3d/k3d-checks.ts';
import { withEngine } from '../../docker/answering.ts';
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

preflight('each check at its border, with what it says', () => {
  const GIB = 2 ** 30;
  const says = ({ status, detail }: { status: string; detail: string }): string => `${status} ${detail}`;
  for (const [serverVersion, status] of Object.entries({
    '20.9.1': 'fail',
    '20.10.0': 'ok',
    '19.99.0': 'fail',
    '21.0.0': 'ok',
    '28.5': 'ok',
  }))
    assert.is(checkEngine(info({ serverVersion }), 'h').status, status, serverVersion);
  assert.is(says(checkEngine(info({}), 'unix:///s')), 'ok Docker 28.5.1 on Linux at unix:///s');
  assert.is(says(checkMemory(info({ memoryBytes: GIB }))), 'ok the engine has 1 GiB');
  assert.is(
    says(checkMemory(info({ memoryBytes: GIB - 2 ** 20 }))),
    'fail the engine has 1023 MiB; a server needs 1 GiB',
  );
  const total = 8 * GIB;
  assert.equal(checkFreeMemory(info({}), { free: GIB, total }).map(says), ['ok 1 GiB']);
  assert.equal(checkFreeMemory(info({}), { free: GIB - 2 ** 20, total }).map(says), [
    'warn 1023 MiB; a server takes up to 1 GiB',
  ]);
  const rows = (memoryBytes: number): number => checkFreeMemory(info({ memoryBytes }), { free: GIB, total }).length;
  assert.equal([rows(total), rows(0.9 * total), rows(0.89 * total), rows(total + 1)], [1, 1, 0, 0]);
  const v1 = info({ cgroupVersion: 1 });
  assert.is(
    says(checkCgroups(v1, 'rancher/k3s:v1.34.2-k3s1')),
    'ok cgroup v1, which kubelets refuse from Kubernetes 1.35 on',
  );
  assert.is(
    says(checkCgroups(v1, 'rancher/k3s:v1.35.0-k3s1')),
    'fail cgroup v1, and the kubelet of Kubernetes 1.35 refuses it',
  );
  assert.is(says(checkCgroups(info({}), 'rancher/k3s:v1.36.0-k3s1')), 'ok cgroup v2');
  assert.match(says(checkRights(info({}))), /^ok .*runs as root$/);
  assert.match(says(checkRights(info({ rootless: true }))), /^ok .*rootless and limits its containers$/);
});

interface Checked {
  plan?: object;
  making?: boolean;
  /** Names of the containers that look like its own, and whether they carry its labels. */
  containers?: Record<string, boolean>;
  /** Labels of the network `k3d-dev`. */
  network?: Record<string, string>;
  info?: Partial<EngineInfo>;
}

/** The rows for a cluster on the engine of another machine, by their names. */
async function rows({
  plan = {},
  making = true,
  containers = {},
  network,
  info: own = {},
}: Checked): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const wire = (names: string[]): object[] =>
    names.map((name) => ({ Id: name, Names: [`/${name}`], Image: 'i', State: 'running', Labels: {}, Ports: [] }));
  const net = network && { Id: '1', Name: 'k3d-dev', Labels: network, IPAM: {}, Containers: {} };
  await withEngine(
    (_, url) => {
      if (url.pathname === '/networks') return net === undefined ? [] : [net];
      if (url.pathname === '/networks/k3d-dev') return net;
      if (url.pathname !== '/containers/json') return undefined;
      const labelled = url.search.includes('label');
      return wire(Object.keys(containers).filter((name) => !labelled || containers[name] === true));
    },
    async (engine) => {
      const endpoint = { host: 'tcp://far:2375', source: 'DOCKER_HOST' };
      const whole = {
        ...{ name: 'dev', topology: { servers: 1, agents: 0 }, image: 'rancher/k3s:v1.34.2-k3s1', k3sArgs: [] },
        ...{ ports: [], additions: { env: [], files: [] }, ...plan },
      };
      const findings = await checkK3d(whole as never, { engine, endpoint, info: info(own) } as never, { making });
      for (const { name, status, detail } of findings) found.set(name, `${status} ${detail}`);
    },
  );
  return found;
}

preflight('a name is free, or taken by containers and networks that are not its own', async () => {
  const name = async (given: Checked, row = 'name dev'): Promise<string | undefined> => (await rows(given)).get(row);
  assert.is(await name({}), 'ok free');
  assert.is(await name({ making: false }), undefined);
  assert.is(await name({ containers: { 'k3d-dev-server-0': true } }), 'ok free');
  assert.is(
    await name({ containers: { 'k3d-dev-server-0': true, 'k3d-dev-tools': false } }),
    'fail is taken by the container k3d-dev-tools',
  );
  assert.is(await name({ network: { app: 'k3d' } }), 'ok free');
  assert.is(await name({ network: {} }), "fail is taken by the network k3d-dev, which is not k3d's");
  assert.is(await name({ network: {}, plan: { network: 'k3d-dev' } }), 'ok free');
  for (const [length, says] of [
    [32, 'ok free'],
    [33, 'fail is longer than 32 characters'],
  ] as const)
    assert.is(await name({ plan: { name: 'a'.repeat(length) } }, `name ${'a'.repeat(length)}`), says);
});

preflight(
  'nodes get the proxies that they are given, and an engine with one of its own is no help to them',
  async () => {
    const proxy = async (given: Checked): Promise<string | undefined> => (await rows(given)).get('proxy');
    assert.is(await proxy({}), 'ok none is set');
    assert.is(await proxy({ plan: { additions: { env: ['HTTP_PROXY'], files: [] } } }), 'ok nodes get HTTP_PROXY');
    for (const own of [{ httpProxy: 'http://p' }, { httpsProxy: 'http://p' }])
      assert.match((await proxy({ info: own })) ?? '', /^warn the engine pulls through a proxy, and nodes will not/);
    const far = await rows({});
    assert.equal(
      [...far.keys()],
      ['engine', 'rights', 'memory', 'cgroups', 'name dev', 'proxy'],
      'of its machine nothing is known',
    );
  },
);

preflight('ports that are fixed, of the plan and of a native config', () => {
  const plan = (own: object): never => ({ apiPort: undefined, ports: [], native: undefined, ...own }) as never;
  assert.equal(fixedPorts(plan({})), []);
  assert.equal(fixedPorts(plan({ apiPort: '127.0.0.1:7000', ports: [{ value: '8080:80' }, { value: 'random:81' }] })), [
    { port: 7000, address: '127.0.0.1' },
    { port: 8080, address: '0.0.0.0' },
  ]);
  const tree = { kubeAPI: { hostPort: '7001' }, ports: [{ port: '[::1]:9000:90/tcp' }] };
  assert.equal(fixedPorts(plan({ native: { tree } })), [
    { port: 7001, address: '0.0.0.0' },
    { port: 9000, address: '::1' },
  ]);
  assert.equal(fixedPorts(plan({ native: { tree: { kubeAPI: { hostIP: '127.0.0.1', hostPort: '7' } } } })), [
    { port: 7, address: '127.0.0.1' },
  ]);
  assert.equal(fixedPorts(plan({ native: { tree: { kubeAPI: { hostIP: '127.0.0.1' } } } })), []);
  assert.equal(parsePort('localhost:1:2'), [{ port: 1, address: 'localhost' }]);
  assert.equal([parsePort('0:80'), parsePort('1-5:1-5'), parsePort('80')], [[], [], []]);
});

preflight('what engine containers publish', () =>
  withEngine(
    {
      '/containers/json': [
        { Names: ['/a'], Ports: [{ PublicPort: 80 }, {}, { PublicPort: 81 }] },
        { Names: ['/b'], Ports: null },
      ],
    },
    async (engine) => {
      const { containers } = await portOwners({ engine } as never);
      assert.equal(
        [...containers],
        [
          [80, 'the container a'],
          [81, 'the container a'],
        ],
      );
    },
  ),
);

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
