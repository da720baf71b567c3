// Networks and volumes: found, joined, left and removed.

import type { DockerClient } from './client.ts';
import { DockerError, isNotFound } from './docker-errors.ts';

export interface Network {
  id: string;
  name: string;
  labels: Readonly<Record<string, string>>;
  /** Like `172.18.0.0/16`. */
  subnets: readonly string[];
  gateway: string | undefined;
  /** Names of running containers that are in it, and their addresses. */
  members: readonly { id: string; name: string; address: string }[];
}

interface WireNetwork {
  Id: string;
  Name: string;
  Labels: Record<string, string> | null;
  IPAM?: { Config?: readonly { Subnet?: string; Gateway?: string }[] | null };
  Containers?: Record<string, { Name: string; IPv4Address: string }> | null;
}

function networkOf({ Id, Name, Labels, IPAM, Containers }: WireNetwork): Network {
  const pools = IPAM?.Config ?? [];
  return {
    id: Id,
    name: Name,
    labels: Labels ?? {},
    subnets: pools.flatMap(({ Subnet }) => (Subnet === undefined ? [] : [Subnet])),
    gateway: pools[0]?.Gateway,
    members: Object.entries(Containers ?? {}).map(([id, container]) => ({
      id,
      name: container.Name,
      address: container.IPv4Address.replace(/\/.*$/, ''),
    })),
  };
}

/** @returns undefined where there is none of exactly this name. */
export async function findNetwork(
  engine: DockerClient,
  name: string,
  signal?: AbortSignal,
): Promise<Network | undefined> {
  try {
    const found = await engine.json<WireNetwork>({ path: `/networks/${encodeURIComponent(name)}`, signal });
    // The API also takes the beginning of an id.
    return found.Name === name ? networkOf(found) : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** All networks; without their members. */
export async function listNetworks(engine: DockerClient, signal?: AbortSignal): Promise<Network[]> {
  return (await engine.json<WireNetwork[]>({ path: '/networks', signal })).map(networkOf);
}

/** Ids of all containers that belong to a network, also of those that do not run: the network itself does not list them. */
export async function containersIn(engine: DockerClient, network: string, signal?: AbortSignal): Promise<string[]> {
  const found = await engine.json<{ Id: string }[]>({
    path: '/containers/json',
    query: { all: true, filters: { network: [network] } },
    signal,
  });
  return found.map(({ Id }) => Id);
}

/** Puts a container into a network; one that is in it already is fine. */
export function joinNetwork(
  engine: DockerClient,
  network: string,
  container: string,
  signal?: AbortSignal,
): Promise<void> {
  const isIn = (error: unknown): boolean =>
    error instanceof DockerError && error.message.includes('already exists in network');
  return change(engine, network, { verb: 'connect', body: { Container: container }, fine: isIn }, signal);
}

/** Takes a container out of a network; either may be gone. */
export function leaveNetwork(
  engine: DockerClient,
  network: string,
  container: string,
  signal?: AbortSignal,
): Promise<void> {
  const body = { Container: container, Force: true };
  return change(engine, network, { verb: 'disconnect', body, fine: isNotFound }, signal);
}

async function change(
  engine: DockerClient,
  network: string,
  { verb, body, fine }: { verb: 'connect' | 'disconnect'; body: object; fine: (error: unknown) => boolean },
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await engine.json({ method: 'POST', path: `/networks/${encodeURIComponent(network)}/${verb}`, body, signal });
  } catch (error) {
    if (!fine(error)) throw error;
  }
}

/** @throws DockerError with status 403 where containers are still in it. */
export async function removeNetwork(engine: DockerClient, id: string, signal?: AbortSignal): Promise<void> {
  try {
    await engine.json({ method: 'DELETE', path: `/networks/${encodeURIComponent(id)}`, signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Names of the volumes that carry all these labels with exactly these values. */
export async function listVolumes(
  engine: DockerClient,
  labels: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<string[]> {
  const label = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const { Volumes } = await engine.json<{ Volumes: readonly { Name: string }[] | null }>({
    path: '/volumes',
    query: { filters: { label } },
    signal,
  });
  return (Volumes ?? []).map(({ Name }) => Name);
}

/** One that is there already stays as it is, its labels too. */
export async function createVolume(
  engine: DockerClient,
  name: string,
  labels: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<void> {
  await engine.json({ method: 'POST', path: '/volumes/create', body: { Name: name, Labels: labels }, signal });
}

export async function removeVolume(engine: DockerClient, name: string, signal?: AbortSignal): Promise<void> {
  try {
    await engine.json({
      method: 'DELETE',
      path: `/volumes/${encodeURIComponent(name)}`,
      query: { force: true },
      signal,
    });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
