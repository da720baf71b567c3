// Pulls what k3d will use before it starts: k3d pulls one after another, and shows nothing.

import type { Retry, Step } from '../../engine/step.ts';
import { CreationError } from '../../errors.ts';
import { DockerError } from '../../host/docker/errors.ts';
import { findImage, pullImage } from '../../host/docker/images.ts';
import { platformOf } from '../../host/docker/info.ts';
import type { DockerSession } from '../../host/docker/session.ts';
import type { NeededImage } from './images.ts';

export function pullStepName({ name }: NeededImage): string {
  return `pull/${name.split('/').at(-1) ?? name}`;
}

const FINAL = /manifest unknown|not found|does not exist|denied|unauthorized|no matching manifest|invalid reference/i;

/** A refusal will be one again; what the network did may pass. */
export const PULL_RETRY: Retry = {
  attempts: 4,
  backoffMs: 500,
  when: (error) => error instanceof DockerError && !FINAL.test(error.message),
};

/**
 * One step for each image that the engine lacks; none where it has all of them.
 * @throws CreationError where it has one for another platform only.
 */
export async function pullSteps({ engine, info }: DockerSession, images: readonly NeededImage[]): Promise<Step[]> {
  const platform = platformOf(info);
  const present = await Promise.all(images.map(({ name }) => findImage(engine, name)));
  return images.flatMap((image, i): Step[] => {
    const found = present[i];
    if (found?.platform === platform) return [];
    const other = found === undefined ? '' : `is there for ${found.platform} only`;
    return [
      {
        name: pullStepName(image),
        pool: 'download',
        retry: PULL_RETRY,
        async run({ signal, progress, note }) {
          if (other !== '') note(other);
          let layers = '';
          await pullImage(engine, image.name, {
            platform,
            signal,
            onProgress(pull) {
              layers = pull.layers;
              progress(pull.bytes);
            },
          });
          if (layers !== '') note(layers);
          const pulled = await findImage(engine, image.name, signal);
          if (pulled?.platform !== platform) {
            throw new CreationError(
              `${image.name} is for ${pulled?.platform ?? 'no platform'}, the engine runs ${platform}`,
              { hint: 'Choose an image that is published for this platform.' },
            );
          }
        },
      },
    ];
  });
}
