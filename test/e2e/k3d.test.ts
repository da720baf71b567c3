// Real clusters of k3d, where it is on the PATH and an engine answers; skipped elsewhere.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inspectContainer, listContainers, stopContainer } from '../../scripts/docker/containers.ts';
import { type Ended, type World, createWorld } from './hoist.ts';
import { canMake, clustersOf, engine, env, hasImage, lines, NODE_IMAGE, session } from './k3d.ts';

const NAME = 'hoist-e2e';
/** Of the load balancer; not every engine without a network has it. */
const BALANCER_IMAGE = 'ghcr.io/k3d-io/k3d-proxy:5.9.0';
/** Any small image without k3s in it. */
const OTHER_IMAGE = 'busybox:1.35';

const { up, nodes, status } = clustersOf(NAME);

const k3d = suite<{ world: World }>('k3d: real clusters');
const test = canMake ? k3d : k3d.skip;
const testBalanced = canMake && (await hasImage(BALANCER_IMAGE)) ? k3d : k3d.skip;
const testOther = canMake && (await hasImage(OTHER_IMAGE)) ? k3d : k3d.skip;

k3d.before((context) => void (context.world = createWorld()));
k3d.after(async ({ world }) => {
  if (canMake) await world.hoist(['down', NAME, '--quiet'], env());
  await world.close();
  session?.engine.close();
});

const endOf = (ended: Ended, step: string): number =>
  lines(ended).find((line) => line.type === 'step.ended' && line.step === step)?.atMs ?? NaN;

test('a cluster with an agent, its content in place before k3d has spoken', async ({ world }) => {
  const ended = await up(world, { k3d: { memoryLimitAgent: '700Mi' } });
  assert.is(ended.code, 0, ended.stderr);
  for (const step of ['namespace/one', 'secrets/two']) {
    assert.ok(endOf(ended, step) < endOf(ended, 'k3d'), `${step} before k3d`);
  }
  assert.ok(endOf(ended, 'dns') > 0);
  const { state, nodes: ready } = (await status(world)) ?? { state: 'none', nodes: [] };
  assert.is(state, 'running');
  assert.equal(ready.map((node) => `${node.role} ${String(node.ready)}`).sort(), ['agent true', 'server true']);
  assert.match(world.read('kubeconfig'), `hoist-${NAME}`);
  assert.not.match(ended.stdout + ended.stderr + world.read('logs/runs.jsonl'), /me-and-nobody-else/);
});

test('limits are those of the plan', async () => {
  const agent = (await nodes()).find(({ name }) => name.endsWith('agent-0'));
  const { HostConfig } = await inspectContainer(engine(), agent?.id ?? '');
  assert.is(HostConfig.Memory, 700 * 2 ** 20);
});

test('the same again changes nothing; something else says what differs', async ({ world }) => {
  const before = await nodes();
  const again = await up(world, { k3d: { memoryLimitAgent: '700Mi' } });
  assert.is(again.code, 0, again.stderr);
  assert.equal(lines(again).at(-1)?.['facts']?.['changes' as never], 'unchanged');
  const other = await up(world, { k3d: { memoryLimitAgent: '700Mi', k3sArgs: [{ arg: '--disable=coredns' }] } });
  assert.is(other.code, 2);
  assert.match(other.stderr, /--disable=coredns/);
  assert.match(other.stderr, /--recreate/);
  assert.equal(await nodes(), before);
});

test('nodes that were stopped are started, and the cluster is whole', async ({ world }) => {
  await Promise.all((await nodes()).map(({ id }) => stopContainer(engine(), id, 1)));
  assert.is((await status(world))?.state, 'stopped');
  const healed = await up(world, { k3d: { memoryLimitAgent: '700Mi' } });
  assert.is(healed.code, 0, healed.stderr);
  const whole = await status(world);
  assert.is(whole?.state, 'running', JSON.stringify(whole));
});

test('down leaves nothing of it, and everything of a neighbour whose name begins alike', async ({ world }) => {
  const labels = { app: 'k3d', 'k3d.cluster': `${NAME}-2`, 'k3d.role': 'server' };
  const body = { Image: NODE_IMAGE, Labels: labels };
  const query = { name: `k3d-${NAME}-2-server-0` };
  const { Id } = await engine().json<{ Id: string }>({ method: 'POST', path: '/containers/create', query, body });
  try {
    const down = await world.hoist(['down', NAME], env());
    assert.is(down.code, 0, down.stderr);
    assert.equal(await nodes(), []);
    assert.is((await listContainers(engine(), labels)).length, 1);
    assert.not.ok(existsSync(join(world.folder, 'kubeconfig')), 'nothing else was in it');
  } finally {
    await engine().json({ method: 'DELETE', path: `/containers/${Id}`, query: { force: true } });
  }
});

testBalanced(
  'behind a load balancer all is in place before it answers, and its port is the one that is told',
  async ({ world }) => {
    const ended = await up(world, { k3d: { ports: ['127.0.0.1:0:80@loadbalancer'] } }, '--agents', '0');
    assert.is(ended.code, 0, ended.stderr);
    assert.ok(endOf(ended, 'secrets/two') + 3_000 < endOf(ended, 'k3d'), 'the load balancer alone takes 6 s');
    assert.ok(endOf(ended, 'kubeconfig') >= endOf(ended, 'k3d'));
    const { state, server } = (await status(world)) ?? { state: 'none', server: '' };
    assert.is(state, 'running');
    assert.match(server ?? '', /^https:\/\/127\.0\.0\.1:\d+$/);
    assert.is((await world.hoist(['down', NAME], env())).code, 0);
  },
);

test('a value that a component refuses ends the run with its line, and leaves nothing', async ({ world }) => {
  const ended = await up(world, { componentArgs: { apiserver: { 'audit-log-maxage': 'often' } } });
  assert.is(ended.code, 5);
  assert.match(ended.stdout + ended.stderr, /audit-log-maxage/);
  assert.equal(await nodes(), []);
});

testOther('an image without k3s ends the run, and leaves nothing', async ({ world }) => {
  const ended = await up(world, { k3d: { image: OTHER_IMAGE } });
  assert.is(ended.code, 5, ended.stdout);
  assert.match(ended.stdout + ended.stderr, /not found|no such file|executable/i);
  assert.equal(await nodes(), []);
});

k3d.run();
