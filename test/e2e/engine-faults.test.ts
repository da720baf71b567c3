// An engine that dies or runs full while it pulls: a real one of the tests' own. Skipped where none can be run.

import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { StepsFailedError } from '../../scripts/engine/errors.ts';
import type { EngineEvent } from '../../scripts/engine/event.ts';
import { runSteps } from '../../scripts/engine/run.ts';
import { findImage } from '../../scripts/docker/images.ts';
import type { DockerSession } from '../../scripts/docker/session.ts';
import { freePorts } from '../../scripts/host/ports.ts';
import { pullSteps } from '../../scripts/providers/k3d/create/prepull.ts';
import { canRunDockerd, createDockerd, type Dockerd } from '../doubles/dockerd.ts';
import { createWorld, type World } from './hoist.ts';
import { failures, lines } from './k3d.ts';
import { forget, importImage, push, registryBinary, startRegistry } from './registry.ts';

const K3D = fileURLToPath(new URL('../doubles/k3d', import.meta.url));
const MIB = 2 ** 20;
/** It does not fit where there are 40 MiB, and takes a while where 4 MiB come in a second. */
const IMAGE_BYTES = 48 * MIB;
const SLOW = 4 * MIB;

interface Context {
  folder: string;
  registry: ChildProcess;
  proxy: Proxy;
  dockerd: Dockerd;
  docker: DockerSession;
  world: World;
  /** The image as it is pulled: through the proxy. */
  image: string;
}

const faults = suite<Context>('docker: an engine that dies or runs full');
const small = canRunDockerd && registryBinary !== undefined ? createDockerd(40) : undefined;
const test = canRunDockerd && registryBinary !== undefined ? faults : faults.skip;

faults.before(async (context) => {
  if (!canRunDockerd || registryBinary === undefined) return;
  const dockerd = createDockerd();
  assert.ok(dockerd);
  const [port = 0] = await freePorts(1);
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-engine-e2e-'));
  context.registry = await startRegistry(registryBinary, port, context.folder);
  context.proxy = await startProxy(port);
  context.dockerd = dockerd;
  context.docker = await dockerd.start();
  context.world = createWorld();
  const pushed = `127.0.0.1:${port}/hoist/big:v1`;
  await importImage(context.docker, pushed, randomBytes(IMAGE_BYTES));
  await push(context.docker, pushed);
  await forget(context.docker, pushed);
  context.image = `127.0.0.1:${context.proxy.port}/hoist/big:v1`;
});

faults.after(() => small?.close());

faults.after(async ({ docker, dockerd, registry, proxy, folder, world }) => {
  if (!canRunDockerd || registryBinary === undefined) return;
  docker.engine.close();
  await dockerd.close();
  registry.kill();
  proxy.server.close();
  proxy.server.closeAllConnections();
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Proxy {
  server: Server;
  port: number;
  /** Bytes a second of each answer; undefined for all at once. */
  rate: number | undefined;
}

/** Stands before the registry, and may be slow. */
async function startProxy(registry: number): Promise<Proxy> {
  const server = createServer((asked, answer) => {
    const { method, url: path, headers } = asked;
    const inner = request({ port: registry, host: '127.0.0.1', method, path, headers }, (got) => {
      answer.writeHead(got.statusCode ?? 500, got.headers);
      got.pipe(throttle(() => proxy.rate)).pipe(answer);
    });
    inner.on('error', () => answer.destroy());
    asked.pipe(inner);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: Proxy = { server, port: (server.address() as AddressInfo).port, rate: undefined };
  return proxy;
}

function throttle(rate: () => number | undefined): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const bytes = rate();
      setTimeout(() => done(null, chunk), bytes === undefined ? 0 : (chunk.length / bytes) * 1000);
    },
  });
}

const env = ({ dockerd, image }: Context): Record<string, string> => ({
  PROVIDER: 'k3d',
  DOCKER_HOST: dockerd.host,
  HOIST_TOOL_K3D: K3D,
  K3D_IMAGE_TOOLS: image,
});

test('an engine that is killed in mid-pull: said so within seconds; started again, it pulls', async (context) => {
  const { world, dockerd, proxy, image } = context;
  world.write('config/cluster.yaml', stringify({ name: 'pulled', agents: 0, k3d: { image, caches: false } }));
  proxy.rate = SLOW;
  const { child, ended } = world.start(['up', '--output', 'json'], env(context));
  let told = '';
  child.stdout?.on('data', (chunk: Buffer) => (told += chunk.toString()));
  while (!/"step\.progress".*"done":[1-9]/.test(told)) {
    assert.is(child.exitCode, null, told);
    await sleep(20);
  }
  const killed = Date.now();
  await dockerd.kill();
  const run = await ended;
  const took = Date.now() - killed;
  assert.is(run.code, 5, run.stdout);
  assert.ok(took < 15_000, `${took} ms`);
  const failed = failures(run).find(({ step }) => step === 'pull/big:v1');
  assert.match(failed?.message ?? '', `${image} cannot be pulled: no Docker engine answers at ${dockerd.host}`);
  assert.match(failed?.hint ?? '', /^Start Docker/);
  const retried = lines(run).filter(({ type }) => type === 'step.retrying');
  assert.match(String(retried[0]?.['message']), 'the engine broke off');

  context.docker.engine.close();
  context.docker = await dockerd.start();
  proxy.rate = undefined;
  // The double cannot make containers in a real engine: that this run gets so far is what counts.
  const again = await world.hoist(['up', '--output', 'json'], env(context));
  const pull = lines(again).find(({ type, step }) => type === 'step.ended' && step === 'pull/big:v1');
  assert.is(pull?.['outcome'], 'done', again.stdout);
  assert.ok(await findImage(context.docker.engine, image));
});

(small ? faults : faults.skip)(
  'an engine whose disk is full: said so, tried once, nothing half made',
  async (context) => {
    const { image, world } = context;
    const docker = await small?.start();
    if (small === undefined || docker === undefined) return;
    try {
      const used = await usedBytes(docker.info.rootDir);
      const events: EngineEvent[] = [];
      const steps = await pullSteps(docker, [{ name: image, purpose: 'nodes' }]);
      const run = runSteps(steps, { pools: { download: 1 }, subscribers: [(event) => void events.push(event)] });
      const error = await run.then(
        () => undefined,
        (thrown: unknown) => thrown as StepsFailedError,
      );
      assert.instance(error, StepsFailedError);
      assert.is(error?.exitCode, 5);
      assert.match(error?.errors[0]?.message ?? '', /big:v1 cannot be pulled: .*no space left on device/);
      assert.match(error?.errors[0]?.hint ?? '', /`docker system prune`.*`hoist down --caches`/);
      assert.is(events.filter(({ type }) => type === 'step-retrying').length, 0);
      assert.is(await findImage(docker.engine, image), undefined);
      assert.ok((await usedBytes(docker.info.rootDir)) - used < 2 * MIB, 'what was fetched of it is gone');

      world.write('config/cluster.yaml', stringify({ name: 'full', agents: 0, k3d: { image, caches: false } }));
      const up = await world.hoist(['up', '--output', 'json'], { ...env(context), DOCKER_HOST: small.host });
      assert.is.not(up.code, 0);
      const disk = failures(up).find(({ step }) => step === 'preflight');
      assert.match(disk?.message ?? '', `disk ${docker.info.rootDir}: 0.0 GiB free`);
      assert.match(disk?.hint ?? '', 'docker system prune');
    } finally {
      docker.engine.close();
    }
  },
);

async function usedBytes(folder: string): Promise<number> {
  const { blocks, bfree, bsize } = await statfs(folder);
  return (blocks - bfree) * bsize;
}

faults.run();
