// A host port taken after the checks: recognised by the engine's own message, and reported with its owner.

import { CreationError, HoistError, messageOf } from '../../../base/errors.ts';
import { isLocal } from '../../../docker/endpoint.ts';
import type { DockerSession } from '../../../docker/session.ts';
import { fail, type Finding } from '../../../host/preflight/finding.ts';
import { checkPort } from '../../../host/preflight/ports.ts';
import { portOwners } from '../k3d-checks.ts';

/** The words of Docker 20 to 29, with and without its userland proxy, and of rootless engines. */
const TAKEN =
  /(?:Bind for|listen (?:tcp|udp)[46]?|bind host port(?: for)?) (\[[^\]]*\]|[\d.]*):(\d+)\b[^;]*already (?:in use|allocated)/;

export interface HostPort {
  address: string;
  port: number;
}

/** The port that an engine could not publish since it is taken, if that is what it says. */
export function takenPort(message: string): HostPort | undefined {
  const [, address = '', port] = TAKEN.exec(message) ?? [];
  if (port === undefined) return undefined;
  return { address: address.replace(/^\[|\]$/g, '') || '0.0.0.0', port: Number(port) };
}

/** The same failure; where a port is taken, with whose it is and what to do. */
export async function explainPort(error: unknown, docker: DockerSession): Promise<unknown> {
  const taken = takenPort(messageOf(error));
  if (taken === undefined) return error;
  const { name, detail, hint } = await ownerOf(taken, docker);
  const known = error instanceof HoistError ? error.hint : undefined;
  return new CreationError(`${name} ${detail}`, { hint: hint ?? known, cause: error });
}

/** Of another machine only the engine's own containers are known. */
async function ownerOf({ address, port }: HostPort, docker: DockerSession): Promise<Finding> {
  const name = `port ${port}`;
  const owners = await portOwners(docker);
  const container = owners.containers.get(port);
  if (container !== undefined) return fail(name, `is taken by ${container}`, 'Stop it, or choose another port.');
  if (isLocal(docker.endpoint)) {
    const finding = await checkPort(port, address, owners);
    if (finding.status !== 'ok') return finding;
    return fail(name, 'was taken when the node was to start, and is free now', 'Run it again, or choose another port.');
  }
  return fail(name, "is taken on the engine's machine", 'Stop what has it, or choose another port.');
}
