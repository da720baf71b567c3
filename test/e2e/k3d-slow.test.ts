// Slow is not broken, with real k3d and on the same cluster as an existing one: images that take longer to pull than any
// deadline, and a registry whose name nobody knows. Skipped where there is no k3d, engine, image or registry.

import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { removeContainer } from '../../scripts/docker/containers.ts';
import { putContainerFile } from '../../scripts/docker/upload.ts';
import { freePorts } from '../../scripts/host/ports.ts';
import { type SlowLine, startSlowLine } from '../doubles/slow-line.ts';
import { type Ended, type World, createWorld } from './hoist.ts';
import { canMake, clustersOf, engine, env, failures, hasImage, lines, session } from './k3d.ts';
import { forget, push, registryBinary, startRegistry } from './registry.ts';

const NAME = 'hoist-slow';
const BOX = 'busybox:1.35';
/** The registry as images name it; only a mirror of the nodes knows it. */
const REGISTRY = 'images.slow.example';
const LAYER_BYTES = 300_000;
const PULL_SECONDS = 20;

interface Context {
  world: World;
  registry: ChildProcess;
  line: SlowLine;
}

const slow = suite<Context>('k3d: slow lines');
const can = canMake && registryBinary !== undefined && (await hasImage(BOX));
const test = can ? slow : slow.skip;
const { up, configure } = clustersOf(NAME);

slow.before(async (context) => {
  context.world = createWorld();
  if (!can || registryBinary === undefined) return;
  const [port = 0] = await freePorts(1);
  context.registry = await startRegistry(registryBinary, port, context.world.folder);
  // The first pull brings the image below, the second one its layer alone.
  await pushBox(`127.0.0.1:${port}/box:base`, Buffer.alloc(1));
  for (const tag of ['one', 'two']) await pushBox(`127.0.0.1:${port}/box:${tag}`, randomBytes(LAYER_BYTES));
  const { IPAM } = await engine().json<{ IPAM: { Config: { Gateway: string }[] } }>({ path: '/networks/bridge' });
  const gateway = IPAM.Config[0]?.Gateway ?? '';
  context.line = await startSlowLine(port, LAYER_BYTES / PULL_SECONDS, { listen: gateway });
  const mirrors = { [REGISTRY]: { endpoint: [`http://${gateway}:${context.line.port}`] } };
  writeFileSync(join(context.world.folder, 'registries.yaml'), stringify({ mirrors }));
});
slow.after(async ({ world, registry, line }) => {
  if (can) {
    await world.hoist(['down', NAME, '--quiet'], env());
    line.close();
    registry.kill();
  }
  await world.close();
  session?.engine.close();
});

/** The image with a layer of its own on top, put into the registry. */
async function pushBox(name: string, layer: Buffer): Promise<void> {
  const file = join(process.env['TMPDIR'] ?? '/tmp', `layer-${process.pid}`);
  writeFileSync(file, layer);
  const { Id } = await engine().json<{ Id: string }>({
    method: 'POST',
    path: '/containers/create',
    body: { Image: BOX, Cmd: ['sleep', '3600'] },
  });
  await putContainerFile(engine(), Id, { file, folder: '/', name: 'layer' });
  const at = name.lastIndexOf(':');
  const query = { container: Id, repo: name.slice(0, at), tag: name.slice(at + 1) };
  await engine().json({ method: 'POST', path: '/commit', query, body: {} });
  await removeContainer(engine(), Id);
  if (session) await push(session, name);
  if (session) await forget(session, name);
}

function deployment(name: string, image: string): string {
  const labels = { app: name };
  return stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'one' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'box', image }] } },
    },
  });
}

/** s that the wait for workloads took. */
function waitedSeconds(ended: Ended): number {
  const end = lines(ended).find(({ type, step }) => type === 'step.ended' && step === 'health/workloads');
  return (Number(end?.['endedMs']) - Number(end?.['startedMs'])) / 1_000;
}

test('k3d: an image that takes longer to pull than the health timeout', async ({ world, line }) => {
  world.write('config/web.yaml', deployment('web', `${REGISTRY}/box:one`));
  const k3d = { registries: join(world.folder, 'registries.yaml') };
  const ended = await up(world, { agents: 0, healthTimeout: '12s', manifests: ['web.yaml'], k3d });
  assert.is(ended.code, 0, JSON.stringify(failures(ended)));
  assert.ok(line.carried > LAYER_BYTES, `${line.carried} bytes came over the slow line`);
  assert.ok(waitedSeconds(ended) > 12, `it waited ${waitedSeconds(ended)} s`);
});

test('existing: the same, and a run that may take no longer than a pull', async ({ world, line }) => {
  world.write('config/web.yaml', deployment('again', `${REGISTRY}/box:two`));
  const before = line.carried;
  const on = { ...env(), PROVIDER: 'existing', CONTEXT: `hoist-${NAME}`, CLUSTER_NAME: 'ext' };
  configure(world, { healthTimeout: '8s', manifests: ['web.yaml'], name: 'ext' });
  const ended = await world.hoist(['up', '--output', 'json'], on);
  assert.is(ended.code, 0, JSON.stringify(failures(ended)));
  assert.ok(line.carried - before > LAYER_BYTES, `${line.carried - before} bytes came over the slow line`);
  assert.ok(waitedSeconds(ended) > 8, `it waited ${waitedSeconds(ended)} s`);
});

test('a registry whose name does not resolve is reported long before the health timeout', async ({ world }) => {
  world.write('config/web.yaml', deployment('nowhere', 'nowhere.invalid/box:1'));
  const ended = await up(world, {
    agents: 0,
    healthTimeout: '4m',
    manifests: ['web.yaml'],
    k3d: { registries: join(world.folder, 'registries.yaml') },
  });
  assert.is(ended.code, 3);
  const [failure] = failures(ended);
  const told = JSON.stringify(failure ?? ended);
  assert.match(told, 'and will not become so', told);
  assert.match(told, 'nowhere.invalid', told);
  assert.ok(waitedSeconds(ended) < 60, `it waited ${waitedSeconds(ended)} s`);
});

slow.run();
