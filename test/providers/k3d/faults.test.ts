// What can go wrong while a k3d cluster is made, at more moments than real clusters have time for.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StepsFailedError } from '../../../scripts/engine/errors.ts';
import { BOOTS, type World, type Worlds, worldsOf } from './world.ts';

const faults = suite<Worlds>('k3d: faults against the doubles');
const MIB = 2 ** 20;
const world = worldsOf(faults);

/** Message and hint of what failed in a step. */
async function failure(run: Promise<unknown>, step: string): Promise<{ message: string; hint: string }> {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.instance(error, StepsFailedError, String(error));
  const { message = '', hint = '' } = (error as StepsFailedError).errors.find((one) => one.step === step) ?? {};
  return { message, hint };
}

const everything = ({ engine }: World): string[] => [
  ...engine.containers.keys(),
  ...engine.networks.keys(),
  ...engine.volumes.keys(),
];
const creations = (one: World): number => one.told().filter(({ argv }) => argv?.[1] === 'create').length;

const TAKEN =
  'Error response from daemon: driver failed programming external connectivity on endpoint k3d-dev-server-0 (8f1): Bind for 127.0.0.1:40001 failed: port is already allocated';

faults('a port that k3d chose and that is taken by then: once more, and only once', async (context) => {
  const one = await world(context, BOOTS, { startErrors: [TAKEN] });
  await one.up(one.plan(1));
  assert.is(creations(one), 2);
  assert.equal(await one.inspect(one.plan(1)), { kind: 'same' });
  const two = await world(context, BOOTS, { startErrors: [TAKEN, TAKEN] });
  assert.match((await failure(two.up(two.plan(1)), 'k3d')).message, /^port 40001 was taken/);
  assert.is(creations(two), 2);
  assert.equal(everything(two), []);
});

faults(
  'nodes that k3d starts later than the time that nodes get are waited for: it begins when k3d is done',
  async (context) => {
    const one = await world(context, { ...BOOTS, HOIST_DOUBLE_SLOW: 'agents:1500' });
    one.healthTimeoutMs = 300;
    assert.equal(await one.up(one.plan(1)), { kind: 'absent' });
    const ended = one.events.find((event) => event.type === 'step-ended' && event.record.name === 'nodes');
    assert.ok(ended && ended.atMs > 1_500, 'the agent comes late');
  },
);

faults('a port that was asked for and is taken by then ends the run', async (context) => {
  const one = await world(context, BOOTS, { startErrors: [TAKEN] });
  const { message, hint } = await failure(one.up(one.plan(0, { apiPort: '127.0.0.1:40001' })), 'k3d');
  assert.is(message, 'port 40001 was taken when the node was to start, and is free now');
  assert.match(hint, /^Run it again, or choose another port\./);
  assert.is(creations(one), 1);
  assert.equal(everything(one), []);
});

faults('k3s that the kernel kills: its container runs on and k3d waits, hoist says the limit', async (context) => {
  const one = await world(context, { ...BOOTS, HOIST_DOUBLE_HANG: 'agents' });
  const run = failure(one.up(one.plan(1)), 'k3d');
  while (one.engine.containers.get('k3d-dev-server-0')?.state !== 'running') await sleep(10);
  const server = one.engine.containers.get('k3d-dev-server-0');
  assert.ok(server);
  Object.assign(server, { memory: 300 * MIB, processes: ['/bin/sh /bin/k3d-entrypoint.sh server'] });
  // Asked for again, since the run may only just begin to listen.
  const killing = setInterval(() => one.engine.killIn('k3d-dev-server-0'), 50);
  const { message, hint } = await run.finally(() => clearInterval(killing));
  assert.match(message, /^k3d-dev-server-0 was killed for want of memory: its limit is 300 MiB/);
  assert.match(hint, /^Raise its limit/);
  assert.equal(everything(one), []);
});

faults('a pod that the kernel kills is none of the creation’s concern', async (context) => {
  const one = await world(context, { ...BOOTS, HOIST_DOUBLE_SLOW: 'agents:1500' });
  const killing = setInterval(() => one.engine.killIn('k3d-dev-server-0'), 50);
  await one.up(one.plan(1)).finally(() => clearInterval(killing));
  assert.equal(await one.inspect(one.plan(1)), { kind: 'same' });
});

faults('a node that is killed again and again gets its limit and begins again', async (context) => {
  const one = await world(context);
  await one.up(one.plan(1, { memoryLimitAgent: '700Mi' }));
  const agent = one.engine.containers.get('k3d-dev-agent-0');
  assert.ok(agent);
  // At a moment when the engine has just started it again.
  Object.assign(agent, { oomKilled: true, restarts: 4, memory: 24 * MIB, startedAt: new Date().toISOString() });
  const parts = (await one.provider.status('dev'))?.components ?? [];
  const row = parts.find(({ name }) => name === 'k3d-dev-agent-0');
  assert.equal([row?.ok, row?.detail], [false, 'running, 24 MiB, started 4 times more, killed for want of memory']);
  const situation = await one.up(one.plan(1, { memoryLimitAgent: '700Mi' }));
  assert.equal(situation, { kind: 'damaged', reasons: ['k3d-dev-agent-0 is killed for want of memory'] });
  assert.is(agent.memory, 700 * MIB);
  assert.equal(one.told().at(-1)?.argv?.slice(0, 2), ['cluster', 'start']);
});

faults('one that has stayed up since is left alone', async (context) => {
  const one = await world(context);
  await one.up(one.plan(0));
  const server = one.engine.containers.get('k3d-dev-server-0');
  assert.ok(server);
  Object.assign(server, { oomKilled: true, restarts: 1, startedAt: new Date(Date.now() - 600_000).toISOString() });
  assert.equal(await one.inspect(one.plan(0)), { kind: 'same' });
});

faults('a limit below what a node holds is refused before the kernel kills it', async (context) => {
  const one = await world(context, { ...BOOTS, HOIST_DOUBLE_SLOW: 'inject:300' });
  const run = failure(one.up(one.plan(0, { memoryLimitServer: '200Mi' })), 'limits');
  while (!one.engine.containers.has('k3d-dev-server-0')) await sleep(5);
  const server = one.engine.containers.get('k3d-dev-server-0');
  if (server) server.held = 340 * MIB;
  const { message, hint } = await run;
  assert.is(message, 'k3d-dev-server-0 holds 340 MiB of memory already, and its limit would be 200 MiB');
  assert.match(hint, /k3d\.memoryLimitServer/);
  assert.is(server?.memory, 0);
});

faults('a full disk of the engine: one attempt, and what to do', async (context) => {
  const full = 'failed to register layer: write /usr/bin/k3s: no space left on device';
  const one = await world(context, BOOTS, { images: ['ghcr.io/k3d-io/k3d-tools:5.9.0'], pullErrors: [full] });
  const { message, hint } = await failure(one.up(one.plan(0)), 'pull/k3s:v1.34.2-k3s1');
  assert.is(message, `docker.io/rancher/k3s:v1.34.2-k3s1 cannot be pulled: ${full}`);
  assert.match(hint, /`docker system prune`/);
  assert.is(one.engine.pulls.length, 1);
  assert.equal(everything(one), []);
});

faults('an image that serves for nodes and tools is pulled once', async (context) => {
  const image = 'docker.io/rancher/k3s:v1.34.2-k3s1';
  const one = await world(context, { ...BOOTS, K3D_IMAGE_TOOLS: image }, { images: [] });
  await one.up(one.plan(0));
  assert.equal(one.engine.pulls, [image]);
});

faults('what an ended k3d had still asked for goes too', async (context) => {
  const late: World[] = [];
  const onRemove = (name: string): void => {
    const agent = late[0]?.engine.containers.get('k3d-dev-agent-0');
    if (name !== 'k3d-dev-server-0' || agent === undefined) return;
    late.pop()?.engine.containers.set('k3d-dev-agent-1', { ...agent, id: 'late', name: 'k3d-dev-agent-1' });
  };
  const one = await world(context, BOOTS, { onRemove });
  await one.up(one.plan(1));
  late.push(one);
  assert.ok(await one.provider.remove('dev'));
  assert.equal(late, []);
  assert.equal(everything(one), []);
});

faults('Ctrl-C at 20 moments: nothing is there that is not listed, and the next up succeeds', async (context) => {
  const one = await world(context, { ...BOOTS, HOIST_DOUBLE_SLOW: 'network:400,create:600,start:600,agents:600' });
  const neighbour = 'k3d-dev-2-server-0';
  one.engine.containers.set(neighbour, {
    ...{ id: 'n', name: neighbour, image: 'i', state: 'running', lines: [], memory: 0, nanoCpus: 0, startedAt: '' },
    ...{ labels: { app: 'k3d', 'k3d.cluster': 'dev-2', 'k3d.role': 'server' }, followers: new Set() },
  });
  // Seeded, so that a failure can be repeated.
  let seed = 7;
  const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  const lock = join(one.folder, 'state/hoist/locks/dev.lock');
  let interrupted = 0;
  for (let round = 0; round < 20; round++) {
    const { child, ended } = one.start(['up', '--quiet']);
    // From when it is at work: loading takes longer on a machine that is busy.
    while (!existsSync(lock) && child.exitCode === null) await sleep(5);
    await sleep(random() * 2_000);
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    if (code === 130) interrupted += 1;
    // null: the signal came before node had loaded what handles it.
    assert.ok(code === 130 || code === 0 || code === null, `round ${round}: ${code}: ${stdout}${stderr}`);
    const left = everything(one).filter((name) => name !== neighbour);
    if (left.length > 0) assert.equal(await one.provider.list(), ['dev'], `round ${round}: ${left.join(', ')}`);
    // What is half made is sometimes what the next run finds.
    if (code !== 0 && round % 4 !== 3) continue;
    await one.provider.remove('dev');
    assert.equal(everything(one), [neighbour], `round ${round}`);
  }
  const last = await one.hoist(['up']);
  assert.is(last.code, 0, last.stdout);
  assert.equal([...one.engine.containers.keys()].sort(), [neighbour, 'k3d-dev-agent-0', 'k3d-dev-server-0']);
  // A run takes longer than the latest moment, but for those that find the cluster of the one before.
  assert.ok(interrupted > 5, `${interrupted} of 20 were interrupted at work`);
});

faults.run();
