// Says in one clear sentence that a credential is over, before or after the server has said so.

import { X509Certificate } from 'node:crypto';
import { HealthError } from '../../base/errors.ts';
import { KubeApiError } from '../../kube/client/errors.ts';
import type { KubeTarget } from '../../kube/kubeconfig/read.ts';

const HINT = 'Log in again the way you got it, then go on.';

/** @throws HealthError where the client certificate or the token says by itself that its time is over. */
export function assertNotExpired(target: KubeTarget, now: Date): void {
  const { clientCertificate, token } = target.connection;
  const ends = [
    {
      what: 'client certificate',
      end: clientCertificate === undefined ? undefined : certificateEnd(clientCertificate),
    },
    { what: 'token', end: token === undefined ? undefined : tokenEnd(token) },
  ];
  for (const { what, end } of ends) {
    if (end === undefined || end > now) continue;
    const since = end.toISOString().replace('.000Z', 'Z');
    throw new HealthError(`the ${what} of ${userOf(target)} has expired on ${since}`, { hint: HINT });
  }
}

/** What a refusal of the server means for this user; other errors as they are. */
export function explainRefusal(error: unknown, target: KubeTarget): unknown {
  if (!(error instanceof KubeApiError) || error.status !== 401) return error;
  const message = `${target.connection.server} does not accept the credential of ${userOf(target)}: it has expired or was withdrawn`;
  return new HealthError(message, { hint: HINT, cause: error });
}

function userOf({ user, context }: KubeTarget): string {
  return `user "${user}" (context "${context}")`;
}

function certificateEnd(pem: string): Date | undefined {
  try {
    return validDate(new X509Certificate(pem).validTo);
  } catch {
    // The TLS layer says what is wrong with it.
    return undefined;
  }
}

/** The end of a JSON web token; undefined for tokens that say nothing of themselves. */
function tokenEnd(token: string): Date | undefined {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as {
      exp?: unknown;
    };
    return typeof claims.exp === 'number' ? validDate(claims.exp * 1000) : undefined;
  } catch {
    return undefined;
  }
}

function validDate(value: string | number): Date | undefined {
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
