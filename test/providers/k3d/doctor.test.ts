import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Finding } from '../../../scripts/host/preflight/finding.ts';
import { createWorld, type World } from './world.ts';

const doctor = suite<{ world: World }>('k3d: doctor', { world: undefined as unknown as World });

doctor.before.each(async (context) => {
  context.world = await createWorld();
});
doctor.after.each(({ world }) => world.close());

interface Report {
  type: string;
  ok: boolean;
  provider: string;
  findings: Finding[];
}

async function diagnosed(
  world: World,
  env: Record<string, string> = {},
): Promise<{ code: number | null; report: Report; row: (name: string) => Finding | undefined }> {
  const { code, stdout } = await world.hoist(['doctor', '--output', 'json'], env);
  const report = JSON.parse(stdout) as Report;
  return { code, report, row: (name) => report.findings.find((finding) => finding.name === name) };
}

doctor('everything is looked at, nothing is made', async ({ world }) => {
  const { code, report, row } = await diagnosed(world, { HTTPS_PROXY: '', NODE_EXTRA_CA_CERTS: '' });
  assert.is(code, 0, JSON.stringify(report));
  assert.is(report.type, 'doctor');
  assert.ok(report.ok);
  assert.is(report.provider, 'k3d');
  const names = report.findings.map(({ name }) => name);
  for (const name of [
    ...['provider', 'engine', 'rights', 'memory', 'cgroups', 'disk /nowhere/docker', 'fs.inotify.max_user_instances'],
    ...['network of pods', 'network of services', 'name dev', 'proxy', 'tools', 'certificates', 'cluster dev'],
  ]) {
    assert.ok(names.includes(name), `${name} is not among ${names.join(', ')}`);
  }
  assert.match(row('engine')?.detail ?? '', /^Docker 28\.5\.1 on Double Linux at unix:/);
  assert.is(row('proxy')?.detail, 'none is set');
  assert.match(row('tools')?.detail ?? '', /k3d 5\.9\.0 is there/);
  assert.ok(report.findings.every(({ status, hint }) => status === 'ok' || hint !== undefined));
  assert.equal([...world.engine.networks.keys(), ...world.engine.containers.keys()], []);
});

doctor('all that is wrong at once, one line each with what to do', async ({ world }) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  world.engine.containers.set('k3d-dev-server-0', {
    ...{ id: 'x', name: 'k3d-dev-server-0', image: 'i', state: 'exited', labels: {}, lines: [] },
    ...{ memory: 0, nanoCpus: 0, startedAt: '', followers: new Set() },
  });
  writeFileSync(
    join(world.folder, 'config/cluster.yaml'),
    `provider: k3d\nk3d: { apiPort: "127.0.0.1:${port}", caches: false }\n`,
  );
  try {
    const { code, stdout } = await world.hoist(['doctor'], { HTTPS_PROXY: 'http://proxy.example:3128' });
    assert.is(code, 3, stdout);
    const lines = stdout.trim().split('\n');
    const line = (name: string): string => lines.find((one) => one.slice(2).startsWith(`${name} `)) ?? '';
    const taken = `is taken by .*\\(pid ${process.pid}\\)\\. Stop it, or choose another port\\.`;
    assert.match(line(`port ${port}`), new RegExp(taken));
    assert.match(line('name dev'), /is taken by the container k3d-dev-server-0\. Choose another name\./);
    assert.match(line('proxy'), /nodes get HTTPS_PROXY, NO_PROXY/);
    assert.match(lines.at(-1) ?? '', /^k3d: 2 failures/);
    const quiet = await world.hoist(['doctor', '--quiet']);
    assert.is(quiet.stdout.trim().split('\n').length, 3, quiet.stdout);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

doctor('a cluster that is there is no clash with itself; what of it does not run is a warning', async ({ world }) => {
  assert.is((await world.hoist(['up', '--quiet'])).code, 0);
  const { code, row } = await diagnosed(world);
  assert.is(code, 0);
  assert.is(row('cluster dev')?.detail, 'runs, and is what the settings ask for');
  await world.provider.stop('dev');
  const stopped = await diagnosed(world);
  assert.is(stopped.code, 0);
  assert.equal(
    [stopped.row('cluster dev')?.status, stopped.row('cluster dev')?.hint],
    ['warn', '`hoist up` puts it right.'],
  );
  const other = await diagnosed(world, { AGENTS: '2' });
  assert.match(other.row('cluster dev')?.detail ?? '', /is not what the settings ask for: agents/);
});

doctor('settings that this engine cannot carry are a failure among the others', async ({ world }) => {
  const { code, row } = await diagnosed(world, { K3D_MEMORY_LIMIT_SERVER: '64G' });
  assert.is(code, 3);
  assert.match(row('settings')?.detail ?? '', /more than there is/);
  assert.is(row('engine')?.status, 'ok');
});

doctor('without an engine: k3d fails, auto says that embedded would be taken and looks at that', async ({ world }) => {
  const gone = { DOCKER_HOST: 'unix:///nowhere.sock' };
  const { code, report, row } = await diagnosed(world, gone);
  assert.is(code, 3);
  assert.is(row('engine')?.status, 'fail');
  assert.match(row('engine')?.hint ?? '', /Start Docker/);
  assert.is(report.provider, 'k3d');

  // No network, no Go: only what can be seen here counts.
  const auto = await diagnosed(world, { ...gone, PROVIDER: 'auto', HOIST_MIRROR: 'http://127.0.0.1:9', PATH: '' });
  assert.is(auto.report.provider, 'embedded');
  assert.match(auto.row('provider')?.detail ?? '', /^auto: no Docker engine: embedded \(no Docker engine answers at/);
  assert.is(auto.row('memory')?.status, 'ok');
  assert.ok(auto.row(`room in ${join(world.folder, 'state/hoist')}`));
  assert.is(auto.row('tools')?.status, 'fail');
  assert.is(auto.code, 3);
});

doctor('a cluster of another provider with the same name is told', async ({ world }) => {
  mkdirSync(join(world.folder, 'state/hoist/clusters/dev'), { recursive: true });
  const { code, report } = await diagnosed(world);
  assert.is(code, 0);
  assert.ok(report.findings.some(({ detail }) => detail.includes('is that of a cluster by embedded too')));
});

doctor('what cannot be reached of images and charts is named, the own images of k3d too', async ({ world }) => {
  world.engine.images.delete('ghcr.io/k3d-io/k3d-tools:5.9.0');
  const services = [
    { name: 'a', chart: 'mine/a' },
    { name: 'b', chart: 'oci://registry.example.test/charts/b' },
    { name: 'c', chart: 'oci://127.0.0.1:5000/c' },
  ];
  const helm = { repos: [{ name: 'mine', url: 'https://charts.example.test/stable/' }] };
  writeFileSync(
    join(world.folder, 'config/cluster.yaml'),
    JSON.stringify({ provider: 'k3d', k3d: { caches: false }, helm, services }),
  );
  // Nobody listens there, so that nothing is reached.
  const { code, row } = await diagnosed(world, { HTTPS_PROXY: 'http://127.0.0.1:9' });
  assert.is(code, 0);
  assert.match(
    row('registry ghcr.io')?.detail ?? '',
    /cannot be reached .*; needed for ghcr\.io\/k3d-io\/k3d-tools:5\.9\.0$/,
  );
  assert.match(
    row('helm repo mine')?.detail ?? '',
    /^https:\/\/charts\.example\.test cannot be reached .*; needed for a$/,
  );
  assert.match(row('registry registry.example.test')?.detail ?? '', /cannot be reached .*; needed for b$/);
  assert.is(row('registry 127.0.0.1:5000'), undefined);
  assert.match(row('helm repo mine')?.hint ?? '', 'not in the cache yet fail');
});

doctor.run();
