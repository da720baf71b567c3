// The connection of a pod to its own cluster, as every client library finds it.

import { join } from 'node:path';
import { HoistError, messageOf } from '../../base/errors.ts';
import type { Clock } from '../../engine/clock.ts';
import { readTextBounded } from '../../host/files/bounded.ts';
import type { TokenSource } from '../../kube/client/client.ts';
import type { KubeConnection } from '../../kube/client/connection.ts';

const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Bytes; a token has about a thousand. */
const TOKEN_MAX = 1_000_000;

/** ms for which a token that was read is taken as it is, as client-go does; the file is written again about once an hour. */
const FRESH_MS = 60_000;

/** @throws HoistError outside of a pod */
export async function inClusterConnection(
  env: Readonly<Record<string, string | undefined>>,
  clock: Clock,
  folder = FOLDER,
): Promise<{ connection: KubeConnection; token: TokenSource }> {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  if (host === undefined) throw new HoistError('this is no pod: KUBERNETES_SERVICE_HOST is not set');
  const token = tokenIn(join(folder, 'token'), clock);
  try {
    const [ca] = await Promise.all([readTextBounded(join(folder, 'ca.crt'), TOKEN_MAX), token()]);
    return { connection: { server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`, ca }, token };
  } catch (cause) {
    throw new HoistError(`the service account cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/** The token in a file, read again when it is a minute old or was refused; the one before where that fails. */
function tokenIn(path: string, clock: Clock): TokenSource {
  let known: { text: string; at: number } | undefined;
  return async (refused) => {
    if (known !== undefined && clock.now() - known.at < FRESH_MS && known.text !== refused) return known.text;
    try {
      known = { text: (await readTextBounded(path, TOKEN_MAX)).trim(), at: clock.now() };
    } catch (error) {
      if (known === undefined) throw error;
    }
    return known.text;
  };
}
