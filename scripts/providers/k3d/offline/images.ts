// The images that a k3d cluster needs without a network: those that the engine makes it from, and all that its nodes hold.

import { CreationError, UsageError } from '../../../base/errors.ts';
import type { Container } from '../../../docker/containers.ts';
import type { DockerClient } from '../../../docker/client.ts';
import { execInContainer, outputOfContainer } from '../../../docker/exec-in.ts';
import { findImage, imagesArchive, loadImages } from '../../../docker/images.ts';
import type { ToolOptions } from '../../../tools/options.ts';
import type { ImageArchive, PackedImages } from '../../provider.ts';
import { nodesOf } from '../nodes/labels.ts';
import type { K3dRun } from '../run.ts';
import { imagesFor } from '../steps.ts';

const CTR = ['ctr', '--namespace', 'k8s.io', 'images'];

/** @throws UsageError where no cluster of this name runs: its nodes list what k3s and the services need. */
export async function imageArchives(run: K3dRun, tools: ToolOptions, signal: AbortSignal): Promise<ImageArchive[]> {
  const { engine } = run.docker;
  const needed = (await imagesFor(run, tools)).filter(({ purpose }) => purpose !== 'registry caches');
  const names = [...new Set(needed.map(({ name }) => name))];
  const found = await Promise.all(names.map((name) => findImage(engine, name, signal)));
  const nodes = (await nodesOf(engine, run.plan.name, signal)).filter(({ state }) => state === 'running');
  const missing = names.filter((_, at) => found[at] === undefined);
  if (nodes.length === 0 || missing.length > 0)
    throw new UsageError(
      nodes.length === 0
        ? `no cluster "${run.plan.name}" runs; what its nodes hold is what a bundle for k3d needs`
        : `the engine does not have ${missing.join(', ')}`,
      { hint: 'Create the cluster first, with `hoist up` and the same settings; then save the bundle.' },
    );
  const images = names.map((name, at) => ({ name, digest: found[at]?.id ?? '' }));
  async function* ofEngine(stop: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
    yield* (await imagesArchive(engine, names, stop)) as AsyncIterable<Buffer>;
  }
  return [{ into: 'engine', images, content: ofEngine }, ...(await nodeArchives(engine, nodes, signal))];
}

/** Each image once, from the first node that has it; servers come first. */
export async function nodeArchives(
  engine: DockerClient,
  nodes: readonly Container[],
  signal: AbortSignal,
): Promise<(ImageArchive & { node: string })[]> {
  const seen = new Set<string>();
  const archives: (ImageArchive & { node: string })[] = [];
  for (const node of [...nodes].sort((a, b) => (a.name < b.name ? 1 : -1))) {
    const images = (await imagesIn(engine, node, signal)).filter(({ name }) => !seen.has(name));
    if (images.length === 0) continue;
    for (const { name } of images) seen.add(name);
    const command = [...CTR, 'export', '-', ...images.map(({ name }) => name)];
    const content = (stop: AbortSignal): AsyncIterable<Buffer> => outputOfContainer(engine, node.id, command, stop);
    archives.push({ node: node.name, into: 'nodes', images, content });
  }
  return archives;
}

/** Names and digests of what containerd has, without the second names by which it finds configs. */
async function imagesIn(
  engine: DockerClient,
  node: Container,
  signal: AbortSignal,
): Promise<{ name: string; digest: string }[]> {
  const { exitCode, output } = await execInContainer(engine, node.id, [...CTR, 'list'], signal);
  if (exitCode !== 0) throw new CreationError(`containerd of ${node.name} does not answer: ${output.trim()}`);
  return output.split('\n').flatMap((line) => {
    const [name = '', , digest = ''] = line.trim().split(/\s+/);
    return /^sha256:[0-9a-f]{64}$/.test(digest) && !name.startsWith('sha256:') ? [{ name, digest }] : [];
  });
}

/** Whether the engine has each image as it is in the archive. */
export async function engineHas(engine: DockerClient, { images }: PackedImages, signal: AbortSignal): Promise<boolean> {
  const found = await Promise.all(images.map(({ name }) => findImage(engine, name, signal)));
  return images.every(({ digest }, at) => found[at]?.id === digest);
}

/** @throws CreationError where the engine does not have them afterwards. */
export async function giveEngine(engine: DockerClient, packed: PackedImages, signal: AbortSignal): Promise<void> {
  await loadImages(engine, { content: packed.content(), bytes: packed.bytes }, signal);
  const found = await Promise.all(packed.images.map(({ name }) => findImage(engine, name, signal)));
  const missing = packed.images.filter((_, at) => found[at] === undefined).map(({ name }) => name);
  if (missing.length > 0) throw new CreationError(`the engine has taken the archive, but not ${missing.join(', ')}`);
}
