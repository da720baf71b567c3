// Containers: found by label, looked into, followed, limited, stopped and removed.

import { collectBounded } from '../host/files/bounded.ts';
import type { DockerClient } from './client.ts';
import { DockerError, isNotFound } from './docker-errors.ts';
import { containerOutput, firstFile, jsonLines, textLines } from './streams.ts';

export interface Container {
  id: string;
  name: string;
  image: string;
  /** `created`, `running`, `restarting`, `exited`, … */
  state: string;
  labels: Readonly<Record<string, string>>;
}

interface WireContainer {
  Id: string;
  Names: readonly string[];
  Image: string;
  State: string;
  Labels: Record<string, string> | null;
}

/** The containers that carry all these labels with exactly these values, in any state. */
export async function listContainers(
  engine: DockerClient,
  labels: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<Container[]> {
  const label = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const found = await engine.json<WireContainer[]>({
    path: '/containers/json',
    query: { all: true, filters: { label } },
    signal,
  });
  return found.map(({ Id, Names, Image, State, Labels }) => ({
    id: Id,
    name: (Names[0] ?? '').replace(/^\//, ''),
    image: Image,
    state: State,
    labels: Labels ?? {},
  }));
}

/** The part of `docker inspect` that hoist uses. */
export interface ContainerDetails {
  Id: string;
  Name: string;
  Created: string;
  Image: string;
  RestartCount: number;
  State: {
    Status: string;
    Running: boolean;
    OOMKilled: boolean;
    ExitCode: number;
    Error: string;
    StartedAt: string;
    FinishedAt: string;
  };
  Config: {
    Image: string;
    Cmd: readonly string[] | null;
    Env: readonly string[] | null;
    Labels: Record<string, string>;
  };
  HostConfig: {
    Memory: number;
    NanoCpus: number;
    Binds: readonly string[] | null;
    /** Empty where the container has processes of its own. */
    PidMode: string;
  };
  NetworkSettings: {
    Ports: Record<string, readonly { HostIp: string; HostPort: string }[] | null> | null;
    Networks: Record<string, { IPAddress: string; Gateway: string }>;
  };
}

/** @throws DockerError with status 404 where there is none of that id or name. */
export function inspectContainer(engine: DockerClient, id: string, signal?: AbortSignal): Promise<ContainerDetails> {
  return engine.json<ContainerDetails>({ path: `/containers/${encodeURIComponent(id)}/json`, signal });
}

/**
 * The lines that a container writes, the older ones first, until it ends or the signal is aborted.
 * @param options.tail only so many of the older lines; defaults to all.
 */
export async function* containerLog(
  engine: DockerClient,
  id: string,
  options: {
    follow: boolean;
    tail?: number;
    /** Only what was written from then on, in ms since the epoch. */
    since?: number | undefined;
    timestamps?: boolean;
    signal?: AbortSignal | undefined;
  },
): AsyncGenerator<string, void, undefined> {
  const answer = await engine.stream({
    path: `/containers/${encodeURIComponent(id)}/logs`,
    query: {
      stdout: true,
      stderr: true,
      follow: options.follow,
      timestamps: options.timestamps ?? false,
      tail: options.tail ?? 'all',
      since: options.since === undefined ? undefined : options.since / 1000,
    },
    signal: options.signal,
    timeoutMs: 0,
  });
  try {
    yield* textLines(containerOutput(answer));
  } finally {
    answer.destroy();
  }
}

/** Bytes of a file that is read out of a container: a kubeconfig, a list of records. */
const FILE_MAX = 16 * 2 ** 20;

/** A file out of a container, running or not; undefined where there is none of that path. */
export async function readContainerFile(
  engine: DockerClient,
  id: string,
  path: string,
  signal?: AbortSignal,
): Promise<Buffer | undefined> {
  try {
    const answer = await engine.stream({
      path: `/containers/${encodeURIComponent(id)}/archive`,
      query: { path },
      signal,
    });
    return firstFile(await collectBounded(answer, FILE_MAX));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** The command lines of what runs in a container. @throws DockerError with status 409 where it does not run */
export async function processesIn(engine: DockerClient, id: string, signal?: AbortSignal): Promise<string[]> {
  const path = `/containers/${encodeURIComponent(id)}/top`;
  const { Processes } = await engine.json<{ Processes: string[][] | null }>({ path, signal });
  return (Processes ?? []).map((columns) => columns.at(-1) ?? '');
}

/** The names of containers in which the kernel kills something for want of memory, each as it happens. */
export async function* memoryKills(engine: DockerClient, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
  const answer = await engine.stream({
    path: '/events',
    query: { filters: { type: ['container'], event: ['oom'] } },
    signal,
    timeoutMs: 0,
  });
  try {
    for await (const { Actor } of jsonLines<{ Actor: { Attributes: Record<string, string> } }>(answer)) {
      yield Actor.Attributes['name'] ?? '';
    }
  } finally {
    answer.destroy();
  }
}

/** Bytes that the processes of a container hold and that cannot be taken from them; 0 where the engine does not say. */
export async function memoryHeld(engine: DockerClient, id: string, signal?: AbortSignal): Promise<number> {
  const { memory_stats: memory } = await engine.json<{
    memory_stats?: { stats?: { anon?: number; total_rss?: number } };
  }>({
    path: `/containers/${encodeURIComponent(id)}/stats`,
    query: { stream: false, 'one-shot': true },
    signal,
  });
  // In the words of cgroup v2 and v1.
  return memory?.stats?.anon ?? memory?.stats?.total_rss ?? 0;
}

/** Limits of a container; undefined leaves the one that it has. */
export interface Limits {
  memoryBytes?: number | undefined;
  /** Like 1.5. */
  cpus?: number | undefined;
}

/** Changes the limits of a container while it runs. Swap is not given beyond the memory. */
export async function limitContainer(
  engine: DockerClient,
  id: string,
  limits: Limits,
  signal?: AbortSignal,
): Promise<void> {
  await engine.json({
    method: 'POST',
    path: `/containers/${encodeURIComponent(id)}/update`,
    body: {
      ...(limits.memoryBytes === undefined ? {} : { Memory: limits.memoryBytes, MemorySwap: limits.memoryBytes }),
      ...(limits.cpus === undefined ? {} : { NanoCpus: Math.round(limits.cpus * 1e9) }),
    },
    signal,
  });
}

/** @param graceSeconds until it is killed. One that does not run, or is gone, is fine. */
export async function stopContainer(
  engine: DockerClient,
  id: string,
  graceSeconds: number,
  signal?: AbortSignal,
): Promise<void> {
  await ignoring([404], () =>
    engine.json({
      method: 'POST',
      path: `/containers/${encodeURIComponent(id)}/stop`,
      query: { t: graceSeconds },
      signal,
      timeoutMs: (graceSeconds + 30) * 1000,
    }),
  );
}

export async function startContainer(engine: DockerClient, id: string, signal?: AbortSignal): Promise<void> {
  await engine.json({ method: 'POST', path: `/containers/${encodeURIComponent(id)}/start`, signal });
}

/** Freezes all processes of a container; one that is frozen already is fine. */
export async function pauseContainer(engine: DockerClient, id: string, signal?: AbortSignal): Promise<void> {
  await ignoring([409], () =>
    engine.json({ method: 'POST', path: `/containers/${encodeURIComponent(id)}/pause`, signal }),
  );
}

/** Lets them go on; one that is not frozen, or gone, is fine. */
export async function unpauseContainer(engine: DockerClient, id: string, signal?: AbortSignal): Promise<void> {
  await ignoring([404, 409, 500], () =>
    engine.json({ method: 'POST', path: `/containers/${encodeURIComponent(id)}/unpause`, signal }),
  );
}

/** A folder of a container as a tar archive, as it comes; undefined where there is none. The container need not run. */
export async function containerArchive(
  engine: DockerClient,
  id: string,
  path: string,
  signal?: AbortSignal,
): Promise<AsyncIterable<Buffer> | undefined> {
  try {
    const archive = `/containers/${encodeURIComponent(id)}/archive`;
    return (await engine.stream({ path: archive, query: { path }, signal })) as AsyncIterable<Buffer>;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * Runs a command to its end on the volumes of another container, which need not run.
 * @returns its exit code
 */
export async function runOnVolumes(
  engine: DockerClient,
  { of, image, command }: { of: string; image: string; command: readonly string[] },
  signal?: AbortSignal,
): Promise<number> {
  const { Id } = await engine.json<{ Id: string }>({
    method: 'POST',
    path: '/containers/create',
    body: { Image: image, Entrypoint: command, HostConfig: { VolumesFrom: [of], NetworkMode: 'none' } },
    signal,
  });
  try {
    await startContainer(engine, Id, signal);
    const path = `/containers/${Id}/wait`;
    return (await engine.json<{ StatusCode: number }>({ method: 'POST', path, signal, timeoutMs: 0 })).StatusCode;
  } finally {
    // Its own volumes alone: those of the other container are in use there.
    await removeContainer(engine, Id);
  }
}

/** Kills and removes a container with its anonymous volumes; one that is gone, or about to be, is fine. */
export async function removeContainer(engine: DockerClient, id: string, signal?: AbortSignal): Promise<void> {
  await ignoring([404, 409], () =>
    engine.json({
      method: 'DELETE',
      path: `/containers/${encodeURIComponent(id)}`,
      query: { force: true, v: true },
      signal,
      timeoutMs: 60_000,
    }),
  );
}

async function ignoring(statuses: readonly number[], act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof DockerError && statuses.includes(error.status))) throw error;
  }
}
