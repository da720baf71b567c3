import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StepsFailedError } from '../../../scripts/engine/errors.ts';
import { BOOTS, fixture, type World, type Worlds, worldsOf } from './world.ts';

const provider = suite<Worlds>('k3d provider against the doubles');
const world = worldsOf(provider);

async function failure(act: () => Promise<unknown>): Promise<StepsFailedError> {
  try {
    await act();
  } catch (error) {
    assert.instance(error, StepsFailedError, String(error));
    return error as StepsFailedError;
  }
  throw new Error('nothing failed');
}

const names = (one: World): string[] => [...one.engine.containers.keys()].sort();
const stepsOf = ({ events }: World): string[] => events.flatMap((e) => (e.type === 'step-ended' ? [e.step] : []));

provider('makes a cluster: one command line, its own kubeconfig, limits on every node', async (context) => {
  const one = await world(context);
  assert.equal(await one.up(one.plan(1)), { kind: 'absent' });
  assert.equal(names(one), ['k3d-dev-agent-0', 'k3d-dev-server-0']);
  const [{ argv = [] } = {}] = one.told().filter((told) => told.argv?.[1] === 'create');
  assert.equal(argv.slice(0, 4), ['cluster', 'create', 'dev', '--no-rollback']);
  assert.ok(argv.includes('--no-lb'));
  assert.ok(one.engine.containers.get('k3d-dev-agent-0')?.labels['hoist.plan']);
  const half = 3.5 * 2 ** 30;
  assert.equal(
    [...one.engine.containers.values()].map(({ memory }) => memory),
    [half, half],
  );
  const kubeconfig = one.provider.kubeconfigFile('dev');
  assert.match(readFileSync(kubeconfig, 'utf8'), /current-context: "hoist-dev"/);
  assert.is(statSync(kubeconfig).mode & 0o777, 0o600);
  const status = await one.provider.status('dev');
  assert.is(status?.provider, 'k3d');
  assert.equal(await one.provider.list(), ['dev']);
});

provider('the API is there before k3d has spoken', async (context) => {
  const one = await world(context);
  one.env['HOIST_DOUBLE_WAIT'] = `inject:${join(one.folder, 'dns-answers')}`;
  const run = one.up(one.plan(0));
  while (!stepsOf(one).includes('dns')) await sleep(5);
  one.write('dns-answers', '');
  await run;
  const order = stepsOf(one);
  assert.ok(order.indexOf('api') < order.indexOf('k3d'), order.join(' '));
  assert.ok(order.indexOf('dns') < order.indexOf('k3d'), order.join(' '));
});

provider('the same plan again changes nothing and does not call k3d', async (context) => {
  const one = await world(context);
  await one.up(one.plan(0));
  const before = one.told().length;
  assert.equal(await one.up(one.plan(0)), { kind: 'same' });
  assert.is(one.told().length, before);
});

provider('a stopped cluster is started with its data; another plan says in what it differs', async (context) => {
  const one = await world(context);
  await one.up(one.plan(1));
  assert.is(await one.provider.stop('dev'), 'stopped');
  const situation = await one.up(one.plan(1));
  assert.is(situation.kind, 'damaged');
  assert.equal(one.told().at(-1)?.argv?.slice(0, 3), ['cluster', 'start', 'dev']);
  assert.equal(one.engine.removed, []);
  const other = await one.inspect(one.plan(1, { image: 'rancher/k3s:v1.33.1-k3s1' }));
  assert.equal(other, {
    kind: 'different',
    differences: [{ what: 'image', have: 'docker.io/rancher/k3s:v1.34.2-k3s1', want: 'rancher/k3s:v1.33.1-k3s1' }],
  });
});

provider('removes exactly its own: not dev-2, not what k3d alone made', async (context) => {
  const one = await world(context);
  await one.up(one.plan(0));
  const stranger = (name: string, cluster: string) =>
    one.engine.containers.set(name, {
      ...{ id: `id-${name}`, name, image: 'i', state: 'running', lines: [], memory: 0, nanoCpus: 0, startedAt: '' },
      labels: { app: 'k3d', 'k3d.cluster': cluster, 'k3d.role': 'server' },
      followers: new Set(),
    });
  stranger('k3d-dev-2-server-0', 'dev-2');
  stranger('k3d-mine-server-0', 'mine');
  assert.ok(await one.provider.remove('dev'));
  assert.equal(names(one), ['k3d-dev-2-server-0', 'k3d-mine-server-0']);
  assert.equal([...one.engine.networks.keys(), ...one.engine.volumes.keys()], []);
  assert.not(await one.provider.remove('mine'));
  assert.not(await one.provider.remove('dev'));
  assert.equal(await one.provider.list(), []);
});

for (const [log, line] of [
  ['server-bad-flag', /k3s ended on k3d-dev-server-0: .*flag provided but not defined: -no-such-flag/],
  ['server-bad-component-flag', /k3s ended on k3d-dev-server-0: .*unknown flag: --no-such-flag/],
  ['server-no-k3s-in-image', /k3s ended on k3d-dev-server-0: touch: /],
] as const) {
  provider(`${log}: k3d hangs, hoist says what k3s said, keeps the logs and removes the rest`, async (context) => {
    const one = await world(context, { HOIST_DOUBLE_SERVER_LOG: fixture(log) });
    const { errors } = await failure(() => one.up(one.plan(0)));
    assert.ok(
      errors.some((error) => line.test(error.message)),
      errors.map(String).join('\n'),
    );
    assert.equal(names(one), []);
    const root = join(one.folder, 'state/hoist/k3d/dev/diagnostics');
    const [folder = ''] = readdirSync(root);
    assert.equal(readdirSync(join(root, folder)).sort(), [
      'events.log',
      'k3d-dev-server-0.json',
      'k3d-dev-server-0.log',
      'k3d.log',
    ]);
    assert.not.match(readFileSync(join(root, folder, 'k3d-dev-server-0.json'), 'utf8'), /very-secret/);
  });
}

provider('an agent that ends fails the run with its line', async (context) => {
  const env = { ...BOOTS, HOIST_DOUBLE_AGENT_LOG: fixture('agent-bad-kubelet-flag') };
  const one = await world(context, env);
  const { errors } = await failure(() => one.up(one.plan(1)));
  assert.ok(errors.some(({ message }) => /k3s ended on k3d-dev-agent-0: .*max-parallelism/.test(message)));
});

for (const phase of ['network', 'volume', 'tools', 'create', 'start', 'agents', 'inject']) {
  provider(`k3d fails in ${phase}: nothing is left, and the next run succeeds`, async (context) => {
    const env: Record<string, string> = { ...BOOTS, HOIST_DOUBLE_FAIL: phase };
    const one = await world(context, env);
    const { errors } = await failure(() => one.up(one.plan(1)));
    assert.ok(
      errors.some(({ message }) => message.includes(`told to fail in ${phase}`)),
      errors.map(String).join('\n'),
    );
    assert.equal([...names(one), ...one.engine.networks.keys(), ...one.engine.volumes.keys()], []);
  });
}

provider('cancelled in mid-create: what is left is listed, and the next run makes it again', async (context) => {
  const one = await world(context, { ...BOOTS, HOIST_DOUBLE_HANG: 'start' });
  const stop = new AbortController();
  const run = one.up(one.plan(0), stop.signal);
  run.catch(() => undefined);
  while (!one.engine.containers.has('k3d-dev-server-0')) await new Promise((resolve) => setTimeout(resolve, 10));
  stop.abort(new Error('enough'));
  let thrown: unknown;
  await run.catch((error: unknown) => (thrown = error));
  assert.match(String(thrown), /enough/);
  assert.equal(await one.provider.list(), ['dev']);
  delete one.env['HOIST_DOUBLE_HANG'];
  assert.equal(await one.up(one.plan(0)), { kind: 'damaged', reasons: ['its creation was not finished'] });
  assert.equal(await one.inspect(one.plan(0)), { kind: 'same' });
});

provider(
  'missing images are pulled first, again where the network breaks off, never where it is in vain',
  async (context) => {
    const image = 'docker.io/rancher/k3s:v1.34.2-k3s1';
    const tools = 'ghcr.io/k3d-io/k3d-tools:5.9.0';
    const one = await world(context, BOOTS, { images: [tools], pullErrors: ['connection reset by peer'] });
    await one.up(one.plan(0));
    assert.equal(one.engine.pulls, [image, image]);
    const two = await world(context, BOOTS, { images: [tools], pullErrors: ['manifest unknown'] });
    const { errors } = await failure(() => two.up(two.plan(0)));
    assert.ok(errors.some(({ message }) => message.includes('manifest unknown')));
    assert.equal(two.engine.pulls, [image]);
    assert.equal(names(two), []);
  },
);

provider('caches are made once, joined to the network, told to the nodes, and outlive the cluster', async (context) => {
  const images = [
    'docker.io/rancher/k3s:v1.34.2-k3s1',
    'ghcr.io/k3d-io/k3d-tools:5.9.0',
    'docker.io/library/registry:2',
  ];
  const one = await world(context, BOOTS, { images });
  const plan = () => one.plan(0, { caches: true, cachedRegistries: ['docker.io=http://up:5000'] });
  await one.up(plan());
  const cache = 'k3d-hoist-cache-docker-io';
  assert.ok(one.engine.networks.get('k3d-dev')?.members.has(cache));
  const registries = readFileSync(join(one.folder, 'state/hoist/k3d/dev/registries.yaml'), 'utf8');
  assert.match(registries, /http:\/\/k3d-hoist-cache-docker-io:5000/);
  assert.ok(await one.provider.remove('dev'));
  assert.equal(names(one), [cache]);
  await one.up(plan());
  assert.is(one.told().filter(({ argv }) => argv?.[0] === 'registry').length, 1);
});

provider('a cache that is stopped while its cluster goes can be started for the next one', async (context) => {
  const images = ['rancher/k3s:v1.34.2-k3s1', 'library/registry:2'].map((image) => `docker.io/${image}`);
  const one = await world(context, BOOTS, { images: [...images, 'ghcr.io/k3d-io/k3d-tools:5.9.0'] });
  const plan = () => one.plan(0, { caches: true, cachedRegistries: ['docker.io=http://up:5000'] });
  await one.up(plan());
  const cache = one.engine.containers.get('k3d-hoist-cache-docker-io');
  if (cache) cache.state = 'exited';
  await one.provider.remove('dev');
  one.events.length = 0;
  await one.up(plan());
  assert.is(cache?.state, 'running');
  assert.equal(
    one.events.filter(({ type }) => type === 'step-warning'),
    [],
  );
});

provider('a proxy reaches k3d by name alone, in a config on stdin', async (context) => {
  const env = { ...BOOTS, HTTPS_PROXY: 'http://me:pass@proxy.example:3128' };
  const one = await world(context, env);
  await one.up(one.plan(0));
  const config = one.told().find((told) => told.config !== undefined)?.config ?? '';
  assert.match(config, /HTTPS_PROXY=http:\/\/me:pass@proxy/);
  assert.not.match(JSON.stringify(one.told().map(({ argv }) => argv)), /pass@proxy/);
});

provider('K3D_* variables of the user do not reach k3d as its config', async (context) => {
  const one = await world(context, { ...BOOTS, K3D_AGENTS: '3', K3D_IMAGE: 'evil' });
  await one.up(one.plan(0));
  assert.equal(names(one), ['k3d-dev-server-0']);
});

provider.run();
