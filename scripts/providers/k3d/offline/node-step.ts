// Brings the images of an offline bundle into all nodes, as soon as each of them can take them.

import type { Step } from '../../../engine/step.ts';
import type { DockerClient } from '../../../docker/client.ts';
import type { Container } from '../../../docker/containers.ts';
import { execInContainer } from '../../../docker/exec-in.ts';
import { putContainerContent } from '../../../docker/upload.ts';
import { CreationError } from '../../../base/errors.ts';
import { NODE_IMAGES_STEP, type PackedImages } from '../../provider.ts';
import { missingIn } from '../create/service-images.ts';
import { nodesOf } from '../nodes/labels.ts';
import type { K3dRun } from '../run.ts';

/** @param needs the step after which there are nodes */
export function nodeImagesStep(run: K3dRun, archives: readonly PackedImages[], needs: readonly string[]): Step {
  const { engine } = run.docker;
  return {
    name: NODE_IMAGES_STEP,
    needs,
    async run({ signal, note }) {
      const nodes = await nodesOf(engine, run.plan.name, signal);
      const loaded = await Promise.all(
        nodes.map(async (node) => {
          let any = false;
          for (const packed of archives) any = (await give(engine, node, packed, signal)) || any;
          return any;
        }),
      );
      const [count, images] = [loaded.filter(Boolean).length, archives.flatMap((packed) => packed.images)];
      note(count === 0 ? 'there' : `${images.length} into ${count} nodes`);
    },
  };
}

/** Resolves with whether the node lacked any. */
async function give(
  engine: DockerClient,
  node: Container,
  packed: PackedImages,
  signal: AbortSignal,
): Promise<boolean> {
  const names = packed.images.map(({ name }) => name);
  if ((await missingIn(engine, node, names, signal)).length === 0) return false;
  const file = `hoist-bundle-${process.pid}.tar`;
  const { bytes } = packed;
  await putContainerContent(engine, node.id, { content: packed.content(), bytes, folder: '/', name: file }, signal);
  try {
    const command = ['ctr', '--namespace', 'k8s.io', 'images', 'import', `/${file}`];
    const { exitCode, output } = await execInContainer(engine, node.id, command, signal);
    const left = await missingIn(engine, node, names, signal);
    if (exitCode === 0 && left.length === 0) return true;
    throw new CreationError(`${(left.length > 0 ? left : names).join(', ')}: not loaded into ${node.name}`, {
      hint: `ctr said: ${output.trim().split('\n').at(-1) ?? ''}`,
    });
  } finally {
    await execInContainer(engine, node.id, ['rm', '-f', `/${file}`]);
  }
}
