// The credentials that `docker login` left for a registry, in the form that the engine's API takes.

import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { readTextBounded } from '../host/files/bounded.ts';
import type { Environment } from '../host/paths.ts';
import { configFolder } from './endpoint.ts';
import { registryOf } from './image-name.ts';

interface DockerConfig {
  auths?: Record<string, { auth?: string; identitytoken?: string }>;
  credsStore?: string;
  credHelpers?: Record<string, string>;
}

const HUB = 'https://index.docker.io/v1/';

/** @returns the value of X-Registry-Auth; undefined where there is no log-in for it. */
export async function registryAuth(image: string, env: Environment): Promise<string | undefined> {
  const text = await readTextBounded(join(configFolder(env), 'config.json')).catch(() => undefined);
  if (text === undefined) return undefined;
  const config = JSON.parse(text) as DockerConfig;
  const registry = registryOf(image);
  const server = registry === 'docker.io' ? HUB : registry;
  const helper = config.credHelpers?.[registry] ?? config.credsStore;
  const login = helper === undefined ? stored(config, server) : await askHelper(helper, server, env);
  if (login === undefined) return undefined;
  return Buffer.from(JSON.stringify({ ...login, serveraddress: server })).toString('base64url');
}

function stored(config: DockerConfig, server: string): Record<string, string> | undefined {
  const entry = config.auths?.[server] ?? config.auths?.[`https://${server}`];
  if (entry?.identitytoken !== undefined) return { identitytoken: entry.identitytoken };
  if (entry?.auth === undefined || entry.auth === '') return undefined;
  const [username = '', ...password] = Buffer.from(entry.auth, 'base64').toString('utf8').split(':');
  return { username, password: password.join(':') };
}

/** A credential helper reads the server's name on stdin and answers with JSON; it fails where it knows none. */
function askHelper(helper: string, server: string, env: Environment): Promise<Record<string, string> | undefined> {
  return new Promise((resolve) => {
    const child = execFile(
      `docker-credential-${helper}`,
      ['get'],
      { timeout: 10_000, env: { ...env } },
      (error, stdout) => {
        if (error) {
          resolve(undefined);
          return;
        }
        const { Username = '', Secret = '' } = JSON.parse(stdout) as { Username?: string; Secret?: string };
        resolve(Username === '<token>' ? { identitytoken: Secret } : { username: Username, password: Secret });
      },
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(server);
  });
}
