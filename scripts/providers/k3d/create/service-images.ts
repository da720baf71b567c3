// The images of services: pulled by the engine while the cluster is made, and loaded into its nodes as soon as they can take them.

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Step, StepContext } from '../../../engine/step.ts';
import { CreationError } from '../../../base/errors.ts';
import { type Container, inspectContainer } from '../../../docker/containers.ts';
import type { DockerClient } from '../../../docker/client.ts';
import { execInContainer } from '../../../docker/exec-in.ts';
import { wholeName } from '../../../docker/image-name.ts';
import { findImage, pullImage, saveImages } from '../../../docker/images.ts';
import { platformOf } from '../../../docker/info.ts';
import { putContainerFile } from '../../../docker/upload.ts';
import type { ImageSource } from '../../../plan/image-source.ts';
import { nodesOf } from '../nodes/labels.ts';
import { PULL_RETRY } from './prepull.ts';
import { withTemporaryFolder } from '../../../host/files/at-exit.ts';
import type { K3dRun } from '../run.ts';

/** ms between looks for a containerd that starts, and in which each node's must have started once the node runs. */
const LOOK_MS = 250;
const NODE_TIMEOUT_MS = 90_000;
const IMAGES = ['ctr', '--namespace', 'k8s.io', 'images'];

/** Two steps for each service; both are optional, since a node can pull by itself. */
export function serviceImageSteps(run: K3dRun, sources: readonly ImageSource[]): Step[] {
  return sources.flatMap((source): Step[] => {
    const pull = `images/${source.service}`;
    return [
      {
        name: pull,
        provision: true,
        needs: source.needs,
        pool: 'download',
        optional: true,
        retry: PULL_RETRY,
        run: (context) => pullAll(run, source.images(), context),
      },
      {
        name: `${pull}/load`,
        needs: [pull, 'api'],
        optional: true,
        run: (context) => loadAll(run, source.images(), context),
      },
    ];
  });
}

async function pullAll(
  { docker: { engine, info, env } }: K3dRun,
  images: readonly string[],
  { signal, progress, note }: StepContext,
): Promise<void> {
  const platform = platformOf(info);
  const found = await Promise.all(images.map((image) => findImage(engine, image, signal)));
  const missing = images.filter((_, i) => found[i]?.platform !== platform);
  const bytes = new Map<string, { done: number; total: number }>();
  await Promise.all(
    missing.map((image) =>
      pullImage(engine, image, {
        platform,
        env,
        signal,
        onProgress({ bytes: { done, total = 0 } }) {
          bytes.set(image, { done, total });
          const all = [...bytes.values()];
          const sum = (of: 'done' | 'total'): number => all.reduce((before, one) => before + one[of], 0);
          progress({ done: sum('done'), total: sum('total') || undefined, unit: 'bytes' });
        },
      }),
    ),
  );
  note(missing.length === 0 ? `${images.length} there` : `${missing.length} of ${images.length} pulled`);
}

/** Each node as soon as it can: the server long before agents have joined. */
async function loadAll(run: K3dRun, images: readonly string[], { signal, note }: StepContext): Promise<void> {
  const { engine } = run.docker;
  // What is named by its digest alone would be there without a name.
  const named = images.filter((image) => !image.includes('@'));
  const nodes = await nodesOf(engine, run.plan.name, signal);
  await withTemporaryFolder(join(tmpdir(), 'hoist-images-'), async (folder) => {
    const file = join(folder, 'images.tar');
    let saved: Promise<void> | undefined;
    const loaded = await Promise.all(
      nodes.map(async (node) => {
        const missing = await missingIn(engine, node, named, signal);
        if (missing.length === 0) return false;
        await (saved ??= saveImages(engine, named, file, signal));
        await load(engine, node, { file, images: missing }, signal);
        return true;
      }),
    );
    const count = loaded.filter(Boolean).length;
    note(count === 0 ? 'there' : `${named.length} into ${count} nodes`);
  });
}

/** Waits until the node's containerd answers. */
export async function missingIn(
  engine: DockerClient,
  node: Container,
  images: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  let deadline: number | undefined;
  for (;;) {
    const { exitCode, output } = await listed(engine, node, signal);
    const there = new Set(output.split('\n'));
    if (exitCode === 0) return images.filter((image) => !there.has(wholeName(image)));
    // k3d starts one node after another, however long it takes.
    deadline ??= (await hasStarted(engine, node, signal)) ? performance.now() + NODE_TIMEOUT_MS : undefined;
    if (deadline !== undefined && performance.now() > deadline)
      throw new CreationError(`containerd of ${node.name} does not answer: ${output.trim()}`);
    await sleep(LOOK_MS, undefined, { signal });
  }
}

/** One that has ended counts, too: it will not come by itself. */
async function hasStarted(engine: DockerClient, { id }: Container, signal: AbortSignal): Promise<boolean> {
  return (await inspectContainer(engine, id, signal)).State.Status !== 'created';
}

/** A container that does not run yet cannot run a command either. */
async function listed(
  engine: DockerClient,
  node: Container,
  signal: AbortSignal,
): Promise<{ exitCode: number; output: string }> {
  try {
    return await execInContainer(engine, node.id, [...IMAGES, 'list', '--quiet'], signal);
  } catch (error) {
    signal.throwIfAborted();
    return { exitCode: -1, output: error instanceof Error ? error.message : String(error) };
  }
}

/** Looks afterwards: an import can end well and have brought nothing. */
async function load(
  engine: DockerClient,
  node: Container,
  { file, images }: { file: string; images: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  const name = `hoist-images-${process.pid}-${Date.now()}.tar`;
  await putContainerFile(engine, node.id, { file, folder: '/', name }, signal);
  try {
    const { exitCode, output } = await execInContainer(engine, node.id, [...IMAGES, 'import', `/${name}`], signal);
    const left = await missingIn(engine, node, images, signal);
    if (exitCode !== 0 || left.length > 0)
      throw new CreationError(`${(left.length > 0 ? left : images).join(', ')}: not loaded into ${node.name}`, {
        hint: `The node pulls by itself. ctr said: ${output.trim().split('\n').at(-1) ?? ''}`,
      });
  } finally {
    await execInContainer(engine, node.id, ['rm', '-f', `/${name}`]);
  }
}
