// Where the engine itself reaches the pull-through cache of docker.io, the only registry that it takes mirrors for.

import { inspectContainer } from '../../../docker/containers.ts';
import type { DockerClient } from '../../../docker/client.ts';
import { isNotFound } from '../../../docker/docker-errors.ts';
import { planCaches } from './caches.ts';

/** `http://127.0.0.1:PORT`; undefined where no such cache runs. */
export async function hostMirror(engine: DockerClient): Promise<string | undefined> {
  const [cache] = planCaches(['docker.io']);
  if (cache === undefined) return undefined;
  try {
    const { State, NetworkSettings } = await inspectContainer(engine, cache.container);
    const port = NetworkSettings.Ports?.['5000/tcp']?.[0]?.HostPort;
    return State.Running && port !== undefined ? `http://127.0.0.1:${port}` : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
