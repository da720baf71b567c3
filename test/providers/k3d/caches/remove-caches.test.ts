import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BOOTS, createWorld, type World } from '../world.ts';

const caches = suite<{ world: World }>('caches that no cluster uses any more', {
  world: undefined as unknown as World,
});

const IMAGES = [
  ...['docker.io/rancher/k3s:v1.34.2-k3s1', 'ghcr.io/k3d-io/k3d-tools:5.9.0'],
  'docker.io/library/registry:2',
];
const CACHED = { caches: true, cachedRegistries: ['docker.io=http://up:5000', 'ghcr.io=http://up:5000'] };

caches.before.each(async (context) => {
  context.world = await createWorld(BOOTS, { images: IMAGES });
});
caches.after.each(({ world }) => world.close());

const held = ({ engine }: World): string[] => [...engine.containers.keys(), ...engine.volumes.keys()].sort();

caches('go with their volumes, also those whose container is gone; others stay', async ({ world }) => {
  await world.up(world.plan(0, CACHED));
  await world.provider.remove('dev');
  world.engine.volumes.set('hoist-cache-quay-io', { app: 'hoist', 'hoist.kind': 'cache' });
  // Called alike, and someone else's.
  world.engine.volumes.set('hoist-cache-of-mine', {});
  world.engine.volumes.set('my-hoist-cache', {});
  world.engine.containers.set('k3d-mine', {
    ...{ id: 'x', name: 'k3d-mine', image: 'i', state: 'running', lines: [], memory: 0, nanoCpus: 0, startedAt: '' },
    ...{ followers: new Set(), labels: { app: 'k3d', 'k3d.role': 'registry' } },
  });
  const removed = ['hoist-cache-docker-io', 'hoist-cache-ghcr-io', 'hoist-cache-quay-io'];
  assert.equal(await world.provider.removeCaches(), { removed, inUse: [] });
  assert.equal(held(world), ['hoist-cache-of-mine', 'k3d-mine', 'my-hoist-cache']);
  assert.equal(await world.provider.removeCaches(), { removed: [], inUse: [] });
});

caches('the volume of an earlier hoist, which has no label, goes with its container', async ({ world }) => {
  world.engine.volumes.set('hoist-cache-docker-io', {});
  await world.up(world.plan(0, CACHED));
  assert.equal(world.engine.volumes.get('hoist-cache-docker-io'), {});
  assert.equal(world.engine.volumes.get('hoist-cache-ghcr-io'), { app: 'hoist', 'hoist.kind': 'cache' });
  await world.provider.remove('dev');
  const { removed } = await world.provider.removeCaches();
  assert.equal(removed, ['hoist-cache-docker-io', 'hoist-cache-ghcr-io']);
  assert.equal(held(world), []);
});

caches('stay while a cluster uses them, a stopped one too', async ({ world }) => {
  await world.up(world.plan(0, CACHED));
  await world.provider.stop('dev');
  const before = held(world);
  const inUse = ['docker', 'ghcr'].map((name) => ({ name: `hoist-cache-${name}-io`, clusters: ['dev'] }));
  assert.equal(await world.provider.removeCaches(), { removed: [], inUse });
  // Also before they are in its network.
  for (const { members } of world.engine.networks.values()) members.clear();
  assert.equal(await world.provider.removeCaches(), { removed: [], inUse });
  assert.equal(held(world), before);
});

caches('the whole hoist: down keeps them, with --keep-cache or without; --caches removes them', async ({ world }) => {
  const volumes = ['hoist-cache-docker-io', 'hoist-cache-ghcr-io'];
  for (const flags of [[], ['--keep-cache']]) {
    await world.up(world.plan(0, CACHED));
    const { code, stdout } = await world.hoist(['down', ...flags]);
    assert.is(code, 0);
    assert.is(stdout, 'removed cluster "dev" (k3d)\n');
    assert.equal([...world.engine.volumes.keys()].sort(), volumes);
  }
  const both = await world.hoist(['down', '--caches', '--keep-cache']);
  assert.is(both.code, 2);
  assert.match(both.stderr, '--caches and --keep-cache do not go together');

  const all = await world.hoist(['down', '--all', '--caches']);
  assert.is(all.code, 0, all.stderr);
  assert.is(all.stdout, `there are no clusters\n${volumes.map((name) => `removed cache "${name}"\n`).join('')}`);
  assert.equal(held(world), []);
  const again = await world.hoist(['down', '--all', '--caches', '--output', 'json']);
  assert.equal(JSON.parse(again.stdout), { type: 'down', clusters: [], caches: { removed: [], inUse: [] } });
});

caches('without an engine --caches says that it cannot', async ({ world }) => {
  const { code, stdout, stderr } = await world.hoist(['down', '--all', '--caches'], { DOCKER_HOST: 'unix:///nowhere' });
  assert.is(code, 1);
  assert.is(stdout, 'there are no clusters\n');
  assert.match(stderr, /no Docker engine answers at .*nowhere/);
});

caches.run();
