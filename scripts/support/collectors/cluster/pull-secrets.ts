// The part of a snapshot that names the registries and users of image pull secrets, without what is secret.

import { messageOf } from '../../../base/errors.ts';
import { KubeApiError } from '../../../kube/client/errors.ts';
import type { KubeObject } from '../../../kube/object.ts';
import type { Snapshot } from './snapshot.ts';
import { listAll } from './lists.ts';

interface SecretObject extends KubeObject {
  type?: string;
  data?: Record<string, string>;
}

export async function collectPullSecrets(snapshot: Snapshot): Promise<void> {
  const { running, write } = snapshot;
  const errors: Record<string, string> = {};
  for (const secret of await pullSecrets(snapshot, errors)) {
    const { namespace = '', name } = secret.metadata;
    try {
      const users = usersOf(secret);
      if (Object.keys(users).length > 0) await write(`image-pull-secrets/${namespace}/${name}.json`, users);
    } catch (error) {
      errors[`${namespace}/${name}`] = messageOf(error);
    }
  }
  if (Object.keys(errors).length === 0) return;
  await write('image-pull-secrets-errors.json', errors);
  for (const [where, error] of Object.entries(errors)) running.problem(`image pull secrets of ${where}: ${error}`);
}

async function pullSecrets(snapshot: Snapshot, errors: Record<string, string>): Promise<SecretObject[]> {
  const { reach, running, namespaces, whole, limit } = snapshot;
  const query = (path: string): Promise<{ items: SecretObject[] }> =>
    limit(() =>
      listAll<SecretObject>(reach.client, {
        path,
        fieldSelector: 'type=kubernetes.io/dockerconfigjson',
        signal: running.signal,
      }),
    );
  if (whole && namespaces.length > 1) {
    try {
      const { items } = await query('/api/v1/secrets');
      return items.filter(({ metadata }) => namespaces.includes(metadata.namespace ?? ''));
    } catch (error) {
      if (!(error instanceof KubeApiError && error.status === 403)) {
        errors['all namespaces'] = messageOf(error);
        return [];
      }
    }
  }
  const lists = await Promise.all(
    namespaces.map((name) =>
      query(`/api/v1/namespaces/${encodeURIComponent(name)}/secrets`).catch((error: unknown) => {
        errors[name] = messageOf(error);
        return { items: [] };
      }),
    ),
  );
  return lists.flatMap(({ items }) => items);
}

/** User names by registry. */
function usersOf({ data }: SecretObject): Record<string, string> {
  const config = JSON.parse(Buffer.from(data?.['.dockerconfigjson'] ?? '', 'base64').toString('utf8')) as {
    auths?: Record<string, { auth?: string; username?: string }>;
  };
  return Object.fromEntries(
    Object.entries(config.auths ?? {}).map(([registry, { auth = '', username }]) => {
      const user = Buffer.from(auth, 'base64').toString('utf8').split(':')[0] ?? '';
      return [registry, user === '' ? (username ?? '') : user];
    }),
  );
}
