// Nodes that outgrow their memory, so that the kernel kills them: how that is recognised, and when it repeats.

import type { ContainerDetails } from '../../../docker/containers.ts';
import { bytesText } from '../../../base/units.ts';

/** ms after which a node has stayed up: the engine waits for a minute at most before it starts one again. */
const STEADY_MS = 90_000;

export const MEMORY_HINT =
  'Raise its limit (k3d.memoryLimitServer, k3d.memoryLimitAgent, or serversMemory and agentsMemory of your own k3d config), or make fewer nodes.';

/** @param limit in bytes, 0 for none. */
export function killedText(node: string, limit: number): string {
  const why = limit > 0 ? `its limit is ${bytesText(limit)}` : "the engine's machine has none left";
  return `${node} was killed for want of memory: ${why}`;
}

/**
 * Whether a node is killed for want of memory again and again. Once is not enough: the engine also reports it of a node
 * in which the kernel killed a pod, and as long as the node runs.
 */
export function keepsDying({ State, RestartCount }: ContainerDetails): boolean {
  if (!State.OOMKilled) return false;
  const steady = State.Status === 'running' && Date.now() - Date.parse(State.StartedAt) > STEADY_MS;
  return State.Status !== 'running' || (RestartCount > 0 && !steady);
}
