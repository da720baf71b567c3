// What can go wrong with real k3d: each ends with a clear sentence, nothing stays that `status` does not list, the next `up`
// succeeds, and a neighbour whose name begins alike is never touched. Skipped where there is no k3d, engine or image.

import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import {
  inspectContainer,
  limitContainer,
  removeContainer,
  startContainer,
  stopContainer,
} from '../../scripts/docker/containers.ts';
import { listVolumes, removeVolume } from '../../scripts/docker/networks.ts';
import { freePorts } from '../../scripts/host/ports.ts';
import { type Ended, type World, createWorld } from './hoist.ts';
import { canMake, clustersOf, engine, env, failures, lines, NODE_IMAGE, session } from './k3d.ts';

const NAME = 'hoist-faults';
const NEIGHBOUR = { container: `k3d-${NAME}-2-server-0`, volume: `k3d-${NAME}-2-images` };
const MIB = 2 ** 20;

const { configure, up, nodes, status, remains } = clustersOf(NAME);

interface Context {
  world: World;
  /** Id of the neighbour's container. */
  neighbour: string;
}
const faults = suite<Context>('k3d: faults');
const test = canMake ? faults : faults.skip;

faults.before(async (context) => {
  context.world = createWorld();
  if (canMake) context.neighbour = await makeNeighbour();
});
faults.after.each(async ({ neighbour }) => {
  if (canMake) assert.is((await inspectContainer(engine(), NEIGHBOUR.container)).Id, neighbour);
});
faults.after(async ({ world }) => {
  if (canMake) {
    await world.hoist(['down', NAME, '--quiet'], env());
    assert.equal(await neighbourVolumes(), [NEIGHBOUR.volume]);
    await removeNeighbour();
  }
  await world.close();
  session?.engine.close();
});

async function makeNeighbour(): Promise<string> {
  await removeNeighbour();
  const Labels = { app: 'k3d', 'k3d.cluster': `${NAME}-2`, 'k3d.role': 'server' };
  await engine().json({ method: 'POST', path: '/volumes/create', body: { Name: NEIGHBOUR.volume, Labels } });
  const { Id } = await engine().json<{ Id: string }>({
    method: 'POST',
    path: '/containers/create',
    query: { name: NEIGHBOUR.container },
    body: { Image: NODE_IMAGE, Labels },
  });
  return Id;
}

async function removeNeighbour(): Promise<void> {
  await removeContainer(engine(), NEIGHBOUR.container);
  await removeVolume(engine(), NEIGHBOUR.volume);
}

async function neighbourVolumes(): Promise<string[]> {
  return (await listVolumes(engine(), {})).filter((name) => name === NEIGHBOUR.volume);
}

async function until(what: string, holds: () => Promise<boolean> | boolean, seconds = 30): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (Date.now() < deadline) {
    if (await holds()) return;
    await sleep(20);
  }
  throw new Error(`${what}: not within ${seconds} s`);
}

/** Why the cluster was not made. */
function reason(run: Ended): { message: string; hint: string } {
  const { message = '', hint = '' } = failures(run).find(({ step }) => ['create', 'k3d'].includes(step)) ?? {};
  return { message, hint };
}

/** The k3d that a hoist runs. */
function k3dOf(hoist: number | undefined): number {
  const children = readFileSync(`/proc/${hoist}/task/${hoist}/children`, 'utf8').trim().split(' ').map(Number);
  const found = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('cluster\0create'));
  if (found === undefined) throw new Error('hoist runs no k3d');
  return found;
}

test('k3d killed in mid-create: said so, nothing is left, and the next up succeeds', async ({ world }) => {
  configure(world, { agents: 0 });
  const { child, ended } = world.start(['up', '--output', 'json'], env());
  await until('a server', async () => (await nodes()).some(({ name }) => name.endsWith('server-0')));
  process.kill(k3dOf(child.pid), 'SIGKILL');
  const run = await ended;
  assert.is(run.code, 5, run.stdout);
  assert.match(reason(run).message, /^k3d was ended by SIGKILL/);
  assert.equal(await remains(), []);
  const next = await up(world, { agents: 0 });
  assert.is(next.code, 0, next.stdout);
  assert.is((await world.hoist(['down', NAME], env())).code, 0);
  assert.equal(await remains(), []);
});

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

test('a port taken between preflight and create: whose it is and what to do; free again, up succeeds', async (context) => {
  const { world } = context;
  const [port = 0] = await freePorts(1);
  const more = { k3d: { apiPort: `127.0.0.1:${port}`, memoryLimitAgent: '700Mi' } };
  configure(world, more);
  const { child, ended } = world.start(['up', '--output', 'json'], env());
  let told = '';
  child.stdout?.on('data', (chunk: Buffer) => (told += chunk.toString()));
  await until('the end of preflight', () => /"step\.ended",.*"step":"preflight"/.test(told));
  const squatter = await listen(port);
  const run = await ended.finally(() => squatter.close());
  assert.is(run.code, 5, run.stdout);
  const { message, hint } = reason(run);
  assert.match(message, new RegExp(`^port ${port} is taken by \\S+ \\(pid ${process.pid}\\)`));
  assert.match(hint, /^Stop it, or choose another port\./);
  assert.equal(await remains(), []);
  const next = await up(world, more);
  assert.is(next.code, 0, next.stdout);
});

test('an agent that is killed for want of memory: status says so, and the next up heals', async ({ world }) => {
  const agent = (await nodes()).find(({ name }) => name.endsWith('agent-0'))?.id ?? '';
  // Under a limit that it outgrows when it starts: an engine may refuse one below what is in use.
  await stopContainer(engine(), agent, 1);
  await limitContainer(engine(), agent, { memoryBytes: 24 * MIB });
  await startContainer(engine(), agent);
  await until('killed more than once', async () => (await inspectContainer(engine(), agent)).RestartCount > 1);
  const { state, components = [] } = (await status(world)) ?? {};
  assert.is(state, 'degraded');
  const row = components.find(({ name }) => name.endsWith('agent-0'));
  assert.not(row?.ok);
  assert.match(row?.detail ?? '', /24 MiB, .*killed for want of memory/);
  const healed = await up(world, { k3d: { ...portOf(world), memoryLimitAgent: '700Mi' } });
  assert.is(healed.code, 0, healed.stdout);
  const { HostConfig, RestartCount } = await inspectContainer(engine(), agent);
  assert.equal([HostConfig.Memory, RestartCount], [700 * MIB, 0]);
  assert.is((await status(world))?.state, 'running');
  assert.is((await world.hoist(['down', NAME], env())).code, 0);
});

/** The settings of the run before, as far as they are this cluster's identity. */
function portOf(world: World): { apiPort: string } {
  return { apiPort: /apiPort: (\S+)/.exec(world.read('config/cluster.yaml'))?.[1] ?? '' };
}

test('a server whose limit is too small ends the run within seconds, with the limit', async ({ world }) => {
  const runtime = { serversMemory: '60m' };
  const native = { apiVersion: 'k3d.io/v1alpha5', kind: 'Simple', options: { runtime } };
  world.write('config/k3d.yaml', stringify(native));
  const began = Date.now();
  const run = await up(world, { agents: 0, k3d: { config: 'k3d.yaml' } });
  assert.is(run.code, 5, run.stdout);
  const { message, hint } = reason(run);
  assert.match(message, `k3d-${NAME}-server-0 was killed for want of memory: its limit is 60 MiB`);
  assert.match(hint, /memory/);
  assert.ok(Date.now() - began < 60_000);
  assert.equal(await remains(), []);
});

test('Ctrl-C at 6 moments: nothing is there that status does not list, and the next up succeeds', async ({ world }) => {
  for (let round = 0; round < 6; round++) {
    configure(world);
    const run = world.start(['up', '--output', 'json'], env());
    const moment = 1000 + round * 1200 + Math.random() * 1200;
    await sleep(moment);
    run.child.kill('SIGINT');
    const { code, stdout } = await run.ended;
    const when = `at ${Math.round(moment)} ms: `;
    // null: the signal came before node had loaded what handles it.
    assert.ok(code === 130 || code === 0 || code === null, `${when}${code}: ${stdout.slice(-500)}`);
    const there = await remains();
    if (there.length > 0) assert.ok(await status(world), `${when}status does not know of ${there.join(', ')}`);
    if (round % 3 === 2) {
      assert.is((await world.hoist(['down', NAME], env())).code, 0);
      assert.equal(await remains(), [], when);
    }
  }
  const ended = await up(world);
  assert.is(ended.code, 0, ended.stdout);
  assert.is((await status(world))?.state, 'running');
  assert.ok(lines(ended).length > 0);
});

faults.run();
