// Finds the Docker engine that the user means: DOCKER_HOST, a docker context, or the socket of this machine.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readTextBounded } from '../host/files/bounded.ts';
import { HoistError, reasonOf } from '../base/errors.ts';
import type { Environment } from '../host/paths.ts';

/** Where an engine listens, and where that was said. */
export interface Endpoint {
  /** `unix:///var/run/docker.sock`, `tcp://host:2376`, `ssh://user@host`. */
  host: string;
  /** `DOCKER_HOST`, `context NAME`, `default`. */
  source: string;
  /** A folder with ca.pem, cert.pem and key.pem, where the connection is over TLS. */
  certPath?: string;
  /** The server's certificate is not checked. */
  skipVerify?: boolean;
}

interface ContextMeta {
  Name: string;
  Endpoints?: { docker?: { Host?: string; SkipTLSVerify?: boolean } };
}

const SCHEMES = ['unix:', 'tcp:', 'http:', 'https:', 'ssh:'];

/**
 * The same choice as the docker command makes: DOCKER_HOST, DOCKER_CONTEXT, the current context, then the default.
 * @throws HoistError where a context is named that does not exist, or the address cannot be used.
 */
export async function findEndpoint(env: Environment): Promise<Endpoint> {
  const host = given(env['DOCKER_HOST']);
  if (host !== undefined) return fromEnvironment(normalised(host), env);
  const folder = configFolder(env);
  const context = given(env['DOCKER_CONTEXT']) ?? (await currentContext(folder));
  if (context !== undefined && context !== 'default') return fromContext(folder, context);
  return { host: `unix://${defaultSocket(env)}`, source: 'default' };
}

/** An empty variable counts as none, as with the docker command. */
function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/** Where `docker` keeps contexts, certificates and logins. */
export function configFolder(env: Environment): string {
  return given(env['DOCKER_CONFIG']) ?? join(env['HOME'] ?? homedir(), '.docker');
}

function fromEnvironment(host: string, env: Environment): Endpoint {
  const tls = given(env['DOCKER_TLS_VERIFY']) !== undefined || host.startsWith('https:');
  const certPath = given(env['DOCKER_CERT_PATH']) ?? configFolder(env);
  return { host, source: 'DOCKER_HOST', ...(tls ? { certPath } : {}) };
}

async function currentContext(folder: string): Promise<string | undefined> {
  const file = join(folder, 'config.json');
  const text = await readTextBounded(file).catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const { currentContext: name } = JSON.parse(text) as { currentContext?: unknown };
    return typeof name === 'string' && name !== '' ? name : undefined;
  } catch (error) {
    throw new HoistError(`${file} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

async function fromContext(folder: string, name: string): Promise<Endpoint> {
  const id = createHash('sha256').update(name).digest('hex');
  const file = join(folder, 'contexts', 'meta', id, 'meta.json');
  const text = await readTextBounded(file).catch(() => undefined);
  if (text === undefined) {
    throw new HoistError(`there is no docker context "${name}"`, {
      hint: 'See `docker context ls`, or unset DOCKER_CONTEXT.',
    });
  }
  const docker = (JSON.parse(text) as ContextMeta).Endpoints?.docker;
  if (docker?.Host === undefined || docker.Host === '') {
    throw new HoistError(`the docker context "${name}" has no address of an engine`);
  }
  const certPath = join(folder, 'contexts', 'tls', id, 'docker');
  return {
    host: normalised(docker.Host),
    source: `context ${name}`,
    ...(existsSync(certPath) ? { certPath } : {}),
    ...(docker.SkipTLSVerify === true ? { skipVerify: true } : {}),
  };
}

function normalised(host: string): string {
  const url = host.startsWith('/') ? `unix://${host}` : host.includes('://') ? host : `tcp://${host}`;
  const scheme = url.slice(0, url.indexOf('/'));
  if (SCHEMES.includes(scheme)) return url;
  throw new HoistError(`cannot connect to a Docker engine at ${host}: the scheme ${scheme} is not known`, {
    hint: `Known are ${SCHEMES.join(', ')}`,
  });
}

/** The system's socket, else that of a rootless engine, else that of Docker Desktop. */
function defaultSocket(env: Environment): string {
  const system = '/var/run/docker.sock';
  const runtime = env['XDG_RUNTIME_DIR'];
  const others = [
    ...(runtime === undefined ? [] : [join(runtime, 'docker.sock')]),
    join(env['HOME'] ?? homedir(), '.docker/run/docker.sock'),
  ];
  return [system, ...others].find((path) => existsSync(path)) ?? system;
}

/** Whether the engine runs on this machine, so that its host paths and published ports are this machine's. */
export function isLocal({ host }: Endpoint): boolean {
  if (host.startsWith('unix:')) return true;
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(host).hostname);
}

/** The name under which ports that the engine publishes are reached. */
export function publishedHost(endpoint: Endpoint): string {
  return isLocal(endpoint) ? '127.0.0.1' : new URL(endpoint.host).hostname;
}

/** What a child process needs in its environment to reach the same engine, whatever its own context is. */
export function endpointEnv({ host, certPath, skipVerify }: Endpoint): Record<string, string | undefined> {
  return {
    DOCKER_HOST: host,
    DOCKER_CONTEXT: undefined,
    DOCKER_TLS_VERIFY: certPath !== undefined && skipVerify !== true ? '1' : undefined,
    DOCKER_CERT_PATH: certPath,
  };
}
