// The engine that a run uses: found, asked what it is, or the reason why there is none.

import { HoistError } from '../base/errors.ts';
import type { Environment } from '../host/paths.ts';
import { type Endpoint, findEndpoint } from './endpoint.ts';
import { connectDocker, type DockerClient } from './client.ts';
import { engineInfo, type EngineInfo } from './info.ts';

export interface DockerSession {
  endpoint: Endpoint;
  engine: DockerClient;
  info: EngineInfo;
  /** The environment that it was found with: the credentials of `docker login` are looked up there too. */
  env: Environment;
}

/** Why there is no engine, and what to do about it. */
export interface NoEngine {
  why: string;
  hint?: string | undefined;
}

/** @throws DockerUnreachableError where no engine answers, HoistError where a context is not there. */
export async function openDocker(env: Environment, signal?: AbortSignal): Promise<DockerSession> {
  const endpoint = await findEndpoint(env);
  const engine = connectDocker(endpoint);
  try {
    return { endpoint, engine, info: await engineInfo(engine, signal), env };
  } catch (error) {
    engine.close();
    throw error;
  }
}

/** The same, with the reason as a value: for callers that can do without an engine. */
export async function tryDocker(env: Environment): Promise<DockerSession | NoEngine> {
  try {
    return await openDocker(env);
  } catch (error) {
    if (error instanceof HoistError) return { why: error.message, hint: error.hint };
    throw error;
  }
}

/** The machine that runs the nodes: under Docker Desktop and colima a virtual one, smaller than this. */
export function machineOf({ cpus, memoryBytes, sizeFrom = 'docker info' }: EngineInfo): {
  cpus: number;
  memoryBytes: number;
  source: string;
} {
  return { cpus, memoryBytes, source: sizeFrom };
}
