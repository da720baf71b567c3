// The connection of a pod to its own cluster, as every client library finds it.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HoistError, messageOf } from '../../base/errors.ts';
import type { KubeConnection } from '../../kube/client/connection.ts';

const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Its token is renewed in the file about once an hour; a process that lives longer connects again.
 * @throws HoistError outside of a pod
 */
export async function inClusterConnection(
  env: Readonly<Record<string, string | undefined>>,
  folder = FOLDER,
): Promise<KubeConnection> {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  if (host === undefined) throw new HoistError('this is no pod: KUBERNETES_SERVICE_HOST is not set');
  try {
    const [token, ca] = await Promise.all([
      readFile(join(folder, 'token'), 'utf8'),
      readFile(join(folder, 'ca.crt'), 'utf8'),
    ]);
    return { server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`, token: token.trim(), ca };
  } catch (cause) {
    throw new HoistError(`the service account cannot be read: ${messageOf(cause)}`, { cause });
  }
}
