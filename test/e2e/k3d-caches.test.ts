// Pull-through caches with real k3d: what nodes pull comes through them, they outlive clusters, and serve the next one.
// Skipped where there is no k3d, engine or image, and where the engine has caches of somebody's own.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inspectContainer, listContainers, removeContainer } from '../../scripts/docker/containers.ts';
import { execInContainer } from '../../scripts/docker/exec-in.ts';
import { listVolumes } from '../../scripts/docker/networks.ts';
import { tryDocker } from '../../scripts/docker/session.ts';
import { freePorts } from '../../scripts/host/ports.ts';
import { isCacheContainer } from '../../scripts/providers/k3d/caches/caches.ts';
import { type World, createWorld } from './hoist.ts';
import { canMake, clustersOf, engine, env, hasImage, session } from './k3d.ts';
import { answers, forget, push } from './registry.ts';

const NAMES = ['hoist-cached', 'hoist-cached-next'] as const;
const UPSTREAM = 'hoist-e2e-upstream';
const REGISTRY_IMAGE = 'registry:2';
const BOX = 'busybox:1.35';
/** The registry as images name it; nobody has it but the cache. */
const REGISTRY = 'images.example';
const CACHE = 'k3d-hoist-cache-images-example';

interface Context {
  world: World;
  /** Where the cache reaches the upstream. */
  url: string;
}

/** A cache of somebody's own would go with `down --caches`. */
async function cachesOnEngine(): Promise<string[]> {
  if (session === undefined) return [];
  const [containers, volumes] = await Promise.all([
    listContainers(engine(), { app: 'k3d' }),
    listVolumes(engine(), {}),
  ]);
  return [
    ...containers.map(({ name }) => name).filter(isCacheContainer),
    ...volumes.filter((name) => name.startsWith('hoist-cache-')),
  ];
}

const caches = suite<Context>('k3d: pull-through caches');
const can =
  canMake && (await hasImage(REGISTRY_IMAGE)) && (await hasImage(BOX)) && (await cachesOnEngine()).length === 0;
const test = can ? caches : caches.skip;

caches.before(async (context) => {
  context.world = createWorld();
  if (can) context.url = await startUpstream();
});
caches.after(async ({ world }) => {
  if (can) {
    for (const name of NAMES) await world.hoist(['down', name, '--quiet'], env());
    await world.hoist(['down', NAMES[0], '--caches', '--quiet'], env());
    await removeContainer(engine(), UPSTREAM);
  }
  await world.close();
  session?.engine.close();
});

/** A registry in a container, filled through a port of this machine. @returns its address in the engine's own network. */
async function startUpstream(): Promise<string> {
  await removeContainer(engine(), UPSTREAM);
  const [port = 0] = await freePorts(1);
  const { Id } = await engine().json<{ Id: string }>({
    method: 'POST',
    path: '/containers/create',
    query: { name: UPSTREAM },
    body: {
      Image: REGISTRY_IMAGE,
      ExposedPorts: { '5000/tcp': {} },
      HostConfig: { PortBindings: { '5000/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] } },
    },
  });
  await engine().json({ method: 'POST', path: `/containers/${Id}/start` });
  const local = `127.0.0.1:${port}/box:v1`;
  await engine().json({
    method: 'POST',
    path: `/images/${BOX}/tag`,
    query: { repo: `127.0.0.1:${port}/box`, tag: 'v1' },
  });
  const docker = await tryDocker(process.env);
  assert.not('why' in docker);
  if ('why' in docker) return '';
  await answers(`127.0.0.1:${port}`);
  await push(docker, local);
  await forget(docker, local);
  docker.engine.close();
  const { NetworkSettings } = await inspectContainer(engine(), Id);
  return `http://${NetworkSettings.Networks['bridge']?.IPAddress ?? ''}:5000`;
}

const settings = ({ url }: Context): object => ({ caches: true, cachedRegistries: [`${REGISTRY}=${url}`] });

async function rowOf(name: string, { world }: Context): Promise<{ ok: boolean; detail: string } | undefined> {
  return (await clustersOf(name).status(world))?.components.find((row) => row.name === CACHE);
}

/** As a kubelet would: the node's containerd, its mirrors. */
async function pullInNode(name: string): Promise<void> {
  const hosts = '/var/lib/rancher/k3s/agent/etc/containerd/certs.d';
  const command = ['ctr', '-n', 'k8s.io', 'images', 'pull', '--hosts-dir', hosts, `${REGISTRY}/box:v1`];
  const { exitCode, output } = await execInContainer(engine(), `k3d-${name}-server-0`, command);
  assert.is(exitCode, 0, output);
}

test('what a node pulls comes through the cache, which status shows with its size', async (context) => {
  const [name] = NAMES;
  const ended = await clustersOf(name).up(context.world, { agents: 0, k3d: settings(context) });
  assert.is(ended.code, 0, ended.stdout);
  assert.match((await rowOf(name, context))?.detail ?? '', /, 0 of 0 layers from the cache$/);
  await pullInNode(name);
  const row = await rowOf(name, context);
  assert.ok(row?.ok);
  const [, mib = '0'] = /^running, ([\d.]+) MiB, 0 of [12] layers from the cache$/.exec(row.detail) ?? [];
  assert.ok(Number(mib) > 1, row.detail);
});

test('down keeps the cache; a second cluster is served from it, without the upstream', async (context) => {
  const [first, next] = NAMES;
  const before = (await inspectContainer(engine(), CACHE)).Id;
  assert.is((await context.world.hoist(['down', first], env())).code, 0);
  assert.is((await inspectContainer(engine(), CACHE)).State.Status, 'running');
  const ended = await clustersOf(next).up(context.world, { agents: 0, k3d: settings(context) });
  assert.is(ended.code, 0, ended.stdout);
  assert.is((await inspectContainer(engine(), CACHE)).Id, before);
  await removeContainer(engine(), UPSTREAM);
  await pullInNode(next);
  const { detail = '' } = (await rowOf(next, context)) ?? {};
  const [, hits = '0'] = /, (\d+) of \d+ layers from the cache$/.exec(detail) ?? [];
  assert.ok(Number(hits) > 0, detail);
});

test('down --caches keeps what a cluster uses, and removes it with its data when none does', async ({ world }) => {
  const [first, next] = NAMES;
  assert.is((await world.hoist(['down', first, '--caches'], env())).code, 0);
  assert.equal((await cachesOnEngine()).length, 2);
  assert.is((await world.hoist(['down', next, '--caches'], env())).code, 0);
  assert.equal(await cachesOnEngine(), []);
});

caches.run();
