// Who asks a registry: the login in a pull secret, or the one that `docker login` left on this machine.

import { HoistError } from '../../base/errors.ts';
import { registryAuth } from '../../docker/registry-auth.ts';
import type { Environment } from '../../host/paths.ts';
import type { Credentials } from './client.ts';
import type { Reference } from './reference.ts';

interface DockerConfig {
  auths?: Record<string, { auth?: string; username?: string; password?: string }>;
}

/**
 * The login for a registry in a `.dockerconfigjson`; undefined where it has none for it.
 * @throws HoistError where the text is no such config
 */
export function loginIn(config: string, { registry, host }: Reference): Credentials | undefined {
  let auths: DockerConfig['auths'];
  try {
    ({ auths = {} } = JSON.parse(config) as DockerConfig);
  } catch {
    throw new HoistError('the pull secret holds no docker config');
  }
  const names =
    registry === 'docker.io' ? ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io'] : [registry, host];
  const entry = names.flatMap((name) => auths[name] ?? auths[`https://${name}`] ?? [])[0];
  if (!entry) return undefined;
  if (entry.username !== undefined && entry.password !== undefined && entry.username !== '')
    return { username: entry.username, password: entry.password };
  const [username = '', ...password] = Buffer.from(entry.auth ?? '', 'base64')
    .toString('utf8')
    .split(':');
  return { username, password: password.join(':') };
}

/** undefined where there is no log-in on this machine. */
export async function ownLogin(image: string, env: Environment): Promise<Credentials | undefined> {
  const header = await registryAuth(image, env).catch(() => undefined);
  if (header === undefined) return undefined;
  const { username, password } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as Partial<Credentials>;
  return username === undefined || password === undefined ? undefined : { username, password };
}
