// Pulls what k3d will use before it starts: k3d pulls one after another, and shows nothing.

import type { Retry, Step } from '../../../engine/step.ts';
import { CreationError } from '../../../base/errors.ts';
import { DockerError, DockerUnreachableError } from '../../../docker/docker-errors.ts';
import { findImage, pullImage } from '../../../docker/images.ts';
import { platformOf } from '../../../docker/info.ts';
import type { DockerSession } from '../../../docker/session.ts';
import type { NeededImage } from '../plan/images.ts';

export function pullStepName({ name }: NeededImage): string {
  return `pull/${name.split('/').at(-1) ?? name}`;
}

const FULL = /no space left on device|disk quota exceeded/i;
const FINAL = /manifest unknown|not found|does not exist|denied|unauthorized|no matching manifest|invalid reference/i;

const FULL_HINT =
  "The engine's disk is full: `docker system df` shows what can go, `docker system prune` removes it; `hoist down --caches` removes image caches that no cluster uses.";
/** A refusal will be one again; what the network did may pass. */
export const PULL_RETRY: Retry = {
  attempts: 4,
  backoffMs: 500,
  when: (error) => {
    const cause = error instanceof CreationError ? error.cause : error;
    return cause instanceof DockerError && !FINAL.test(cause.message) && !FULL.test(cause.message);
  },
};

/**
 * One step for each image that the engine lacks; none where it has all of them.
 * @throws CreationError where it has one for another platform only.
 */
export async function pullSteps({ engine, info, env }: DockerSession, images: readonly NeededImage[]): Promise<Step[]> {
  const platform = platformOf(info);
  // One image may serve for two purposes.
  const once = images.filter((image, i) => images.findIndex(({ name }) => name === image.name) === i);
  const present = await Promise.all(once.map(({ name }) => findImage(engine, name)));
  return once.flatMap((image, i): Step[] => {
    const found = present[i];
    if (found?.platform === platform) return [];
    const other = found === undefined ? '' : `is there for ${found.platform} only`;
    return [
      {
        name: pullStepName(image),
        provision: true,
        pool: 'download',
        retry: PULL_RETRY,
        async run({ signal, progress, note }) {
          if (other !== '') note(other);
          let layers = '';
          try {
            await pullImage(engine, image.name, {
              platform,
              env,
              signal,
              onProgress(pull) {
                layers = pull.layers;
                progress(pull.bytes);
              },
            });
          } catch (error) {
            signal.throwIfAborted();
            throw failedPull(image.name, error);
          }
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

function failedPull(image: string, error: unknown): unknown {
  if (error instanceof DockerUnreachableError) {
    return new CreationError(`${image} cannot be pulled: ${error.message}`, { hint: error.hint, cause: error });
  }
  if (!(error instanceof DockerError)) return error;
  return new CreationError(error.message, { hint: FULL.test(error.message) ? FULL_HINT : error.hint, cause: error });
}
