// Against a Docker engine that answers, with a registry of its own: pulls, labels, limits, files. Skipped where there is none.

import { type ChildProcess, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runSteps } from '../../scripts/engine/run.ts';
import type { EngineEvent } from '../../scripts/engine/event.ts';
import {
  inspectContainer,
  limitContainer,
  listContainers,
  readContainerFile,
  removeContainer,
} from '../../scripts/docker/containers.ts';
import { findImage, pullImage, saveImages } from '../../scripts/docker/images.ts';
import { platformOf } from '../../scripts/docker/info.ts';
import { type DockerSession, tryDocker } from '../../scripts/docker/session.ts';
import { putContainerFile } from '../../scripts/docker/upload.ts';
import { freePorts } from '../../scripts/host/ports.ts';
import { pullSteps } from '../../scripts/providers/k3d/create/prepull.ts';
import { forget, importImage, push, registryBinary, startRegistry } from './registry.ts';

const found = await tryDocker(process.env);
const session = 'why' in found ? undefined : found;

interface Context {
  docker: DockerSession;
  folder: string;
  registry: ChildProcess | undefined;
  /** `127.0.0.1:PORT/hoist/layers:v1` */
  image: string;
  containers: string[];
}

const docker = suite<Context>('docker: a real engine');
const test = session === undefined ? docker.skip : docker;
const pulling = session === undefined || registryBinary === undefined ? docker.skip : docker;

docker.before(async (context) => {
  if (session === undefined) return;
  const [port = 0] = await freePorts(1);
  context.docker = session;
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-docker-e2e-'));
  context.containers = [];
  context.image = `127.0.0.1:${port}/hoist/layers:v1`;
  await importImage(context.docker, context.image, Buffer.alloc(3_000_000, 'layer'));
  if (registryBinary !== undefined) context.registry = await startRegistry(registryBinary, port, context.folder);
});

docker.after(async (context) => {
  if (session === undefined) return;
  const { engine } = session;
  for (const id of context.containers) await removeContainer(engine, id);
  await forget(session, context.image);
  engine.close();
  context.registry?.kill();
  rmSync(context.folder, { recursive: true, force: true });
});

async function container(context: Context, name: string, labels: Record<string, string>): Promise<string> {
  const { Id } = await context.docker.engine.json<{ Id: string }>({
    method: 'POST',
    path: '/containers/create',
    query: { name },
    body: { Image: context.image, Cmd: ['/file'], Labels: labels },
  });
  context.containers.push(Id);
  return Id;
}

pulling('what is missing is pulled with its bytes and layers, once', async (context) => {
  const { docker: one, image } = context;
  await push(one, image);
  await forget(one, image);
  assert.is(await findImage(one.engine, image), undefined);
  const needed = [{ name: image, purpose: 'nodes' as const }];
  const events: EngineEvent[] = [];
  const steps = await pullSteps(one, needed);
  assert.is(steps.length, 1);
  const run = await runSteps(steps, { pools: { download: 2 }, subscribers: [(event) => void events.push(event)] });
  assert.match(run.steps[0]?.notes?.at(-1) ?? '', /^1 of 1 layers$/);
  const last = events.flatMap((event) => (event.type === 'step-progress' ? [event.progress] : [])).at(-1);
  assert.is(last?.unit, 'bytes');
  assert.is(last?.done, last?.total);
  assert.is((await findImage(one.engine, image))?.platform, platformOf(one.info));
  assert.equal(await pullSteps(one, needed), [], 'it is there now');
});

pulling('a name that the registry does not know is refused at once, with the name', async ({ docker: one, image }) => {
  const unknown = image.replace('layers', 'nothing');
  try {
    await pullImage(one.engine, unknown, { platform: platformOf(one.info), env: one.env });
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, unknown.slice(0, unknown.lastIndexOf(':')));
  }
});

test('containers are found by exactly their labels', async (context) => {
  const labels = (cluster: string): Record<string, string> => ({ 'hoist-test.cluster': cluster });
  const mine = await container(context, `hoist-test-${process.pid}-dev`, labels('dev'));
  await container(context, `hoist-test-${process.pid}-dev-2`, labels('dev-2'));
  const listed = await listContainers(context.docker.engine, labels('dev'));
  assert.equal(
    listed.map(({ id }) => id),
    [mine],
  );
});

test('limits are set, and left alone where they are not given', async (context) => {
  const { engine } = context.docker;
  const id = await container(context, `hoist-test-${process.pid}-limits`, {});
  await limitContainer(engine, id, { memoryBytes: 64 * 2 ** 20, cpus: 0.5 });
  await limitContainer(engine, id, { cpus: 0.25 });
  const { HostConfig } = await inspectContainer(engine, id);
  assert.equal([HostConfig.Memory, HostConfig.NanoCpus], [64 * 2 ** 20, 250_000_000]);
});

test('a file goes in and comes out as it was; an image is saved as an archive', async (context) => {
  const { engine } = context.docker;
  const id = await container(context, `hoist-test-${process.pid}-files`, {});
  const file = join(context.folder, 'up');
  const content = Buffer.from('x'.repeat(100_001));
  writeFileSync(file, content);
  await putContainerFile(engine, id, { file, folder: '/', name: 'down' });
  assert.ok((await readContainerFile(engine, id, '/down'))?.equals(content));
  assert.is(await readContainerFile(engine, id, '/nothing'), undefined);
  const saved = join(context.folder, 'saved.tar');
  await saveImages(engine, [context.image], saved);
  assert.match(execFileSync('tar', ['-tf', saved]).toString(), /manifest\.json/);
});

docker.run();
