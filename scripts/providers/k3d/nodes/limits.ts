// Brings the limits of nodes to those of the plan.

import { CreationError } from '../../../base/errors.ts';
import {
  type Container,
  type ContainerDetails,
  inspectContainer,
  type Limits,
  limitContainer,
  memoryHeld,
  stopContainer,
} from '../../../docker/containers.ts';
import type { DockerClient } from '../../../docker/client.ts';
import { bytesText } from '../../../base/units.ts';
import { nodesOf, roleOf } from './labels.ts';
import { keepsDying, MEMORY_HINT } from './memory.ts';
import type { K3dRun } from '../run.ts';

/** More than a node holds that was just made: servers were seen to hold 500 MiB, agents 90. To ask takes a second. */
const AMPLE_BYTES = 2 ** 30;

/**
 * Brings the limits of all nodes to the plan's; those that are right are left alone.
 * @param fresh whether the nodes were made by this run.
 */
export async function limitNodes(
  run: K3dRun,
  fresh: boolean,
  signal: AbortSignal,
  note: (text: string) => void,
): Promise<void> {
  const { engine } = run.docker;
  const nodes = await nodesOf(engine, run.plan.name, signal);
  const changed = await Promise.all(
    nodes.map(async (node) => {
      const details = await inspectContainer(engine, node.id, signal);
      return limitNode(run, { node, details, safeBytes: fresh ? AMPLE_BYTES : Infinity }, signal);
    }),
  );
  note(changed.some(Boolean) ? `${changed.filter(Boolean).length} of ${nodes.length} nodes` : 'unchanged');
}

/** Ends nodes that are killed for want of memory again and again, under the plan's limit: k3d starts them again. */
export async function restartDying(run: K3dRun, signal: AbortSignal): Promise<void> {
  const { engine } = run.docker;
  for (const node of await nodesOf(engine, run.plan.name, signal)) {
    const details = await inspectContainer(engine, node.id, signal);
    if (!keepsDying(details)) continue;
    await stopContainer(engine, node.id, 1, signal);
    await limitNode(run, { node, details, safeBytes: Infinity }, signal);
  }
}

interface LimitedNode {
  node: Container;
  details: ContainerDetails;
  /** A limit from here on is no danger to the node. */
  safeBytes: number;
}

/** @returns whether there was anything to change. */
async function limitNode(
  { docker: { engine }, plan: { limits } }: K3dRun,
  { node, details: { HostConfig }, safeBytes }: LimitedNode,
  signal: AbortSignal,
): Promise<boolean> {
  const wanted = roleOf(node) === 'server' ? limits.server : limits.agent;
  if (isLimited(HostConfig, wanted)) return false;
  const { memoryBytes } = wanted;
  if (memoryBytes !== undefined && memoryBytes < safeBytes) await checkRoom(engine, node, memoryBytes, signal);
  await limitContainer(engine, node.id, wanted, signal);
  return true;
}

/** A limit below what a node holds already makes the kernel kill it, or is refused in words that help no one. */
async function checkRoom(
  engine: DockerClient,
  { id, name }: Container,
  limit: number,
  signal: AbortSignal,
): Promise<void> {
  const held = await memoryHeld(engine, id, signal);
  if (held < limit) return;
  throw new CreationError(
    `${name} holds ${bytesText(held)} of memory already, and its limit would be ${bytesText(limit)}`,
    { hint: MEMORY_HINT },
  );
}

function isLimited({ Memory, NanoCpus }: ContainerDetails['HostConfig'], { memoryBytes, cpus }: Limits): boolean {
  const cpusRight = cpus === undefined || NanoCpus === Math.round(cpus * 1e9);
  return cpusRight && (memoryBytes === undefined || Memory === memoryBytes);
}
