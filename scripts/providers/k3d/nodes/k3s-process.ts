// Whether k3s itself runs in a node: the container's state does not show it, since k3d's entrypoint outlives it.

import { processesIn } from '../../../docker/containers.ts';
import type { DockerClient } from '../../../docker/client.ts';
import { DockerError } from '../../../docker/docker-errors.ts';

const K3S = /^(?:\S*\/)?k3s[ -](?:server|agent)\b/;

/** Where the engine does not know, it is taken to run; in a container that does not run it does not. */
export async function runsK3s(engine: DockerClient, node: string, signal: AbortSignal): Promise<boolean> {
  try {
    return (await processesIn(engine, node, signal)).some((command) => K3S.test(command));
  } catch (error) {
    signal.throwIfAborted();
    return !(error instanceof DockerError && (error.status === 409 || error.status === 404));
  }
}
