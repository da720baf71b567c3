// A user of a kubeconfig as what a client sends: certificate, token, log-in program, headers.

import { messageOf } from '../../base/errors.ts';
import { readTextBounded } from '../../host/files/bounded.ts';
import type { KubeConnection } from '../client/connection.ts';
import { type ExecCredential, execCredential } from './exec-credential.ts';
import { type ClusterEntry, type Located, type UserEntry, invalid, pathOf } from './load.ts';

type Material = 'certificate-authority' | 'client-certificate' | 'client-key';

/** PEM text from `…-data`, or else from the file. */
export async function material(
  entry: Located<ClusterEntry & UserEntry>,
  key: Material,
  where: string,
): Promise<string | undefined> {
  const data = entry.value[`${key}-data`];
  if (data) {
    const text = Buffer.from(data, 'base64').toString('utf8');
    if (!text.includes('-----BEGIN ')) throw invalid(where, `${key}-data is no PEM in base64`);
    return text;
  }
  const path = entry.value[key];
  return path ? readBeside(entry, path, key, where) : undefined;
}

async function readBeside(entry: Located<unknown>, path: string, key: string, where: string): Promise<string> {
  try {
    return await readTextBounded(pathOf(entry, path));
  } catch (cause) {
    throw invalid(where, `${key} cannot be read: ${messageOf(cause)}`, undefined, cause);
  }
}

/** A token or password counts before a log-in program; a certificate goes along with a token. */
export async function credentialOf(
  user: Located<UserEntry>,
  login: Parameters<typeof execCredential>[1],
): Promise<ExecCredential> {
  const { token, tokenFile, username, exec } = user.value;
  const { where } = login;
  if (user.value['auth-provider']) {
    const name = user.value['auth-provider'].name ?? '';
    throw invalid(
      where,
      `uses the auth-provider "${name}", which kubectl dropped in 1.26`,
      'Use its exec plugin instead.',
    );
  }
  const clientCertificate = await material(user, 'client-certificate', where);
  const clientKey = await material(user, 'client-key', where);
  if ((clientCertificate === undefined) !== (clientKey === undefined)) {
    throw invalid(where, 'has only one of client-certificate and client-key; it takes both');
  }
  if (tokenFile) {
    // It may be renewed where the token beside it is not.
    const read = (await readBeside(user, tokenFile, 'tokenFile', where)).trim();
    return { token: read, clientCertificate, clientKey };
  }
  if (exec && !token && !username) {
    const given = await execCredential(exec, login);
    return given.clientCertificate === undefined ? { ...given, clientCertificate, clientKey } : given;
  }
  return { token: token === '' ? undefined : token, clientCertificate, clientKey };
}

export function headersOf(user: UserEntry): KubeConnection['headers'] {
  const headers: Record<string, string | string[]> = {};
  const { username, password = '', as } = user;
  if (username && !user.token && !user.tokenFile) {
    headers['authorization'] = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }
  if (as) headers['impersonate-user'] = as;
  if (user['as-uid']) headers['impersonate-uid'] = user['as-uid'];
  for (const [key, values] of Object.entries({ 'as-groups': user['as-groups'] ?? [], ...extras(user) })) {
    const header =
      key === 'as-groups' ? 'impersonate-group' : `impersonate-extra-${encodeURIComponent(key).toLowerCase()}`;
    // Several values are as many headers.
    if (values.length > 0) headers[header] = values.length === 1 ? (values[0] ?? '') : [...values];
  }
  return Object.keys(headers).length > 0 ? headers : undefined;
}

function extras(user: UserEntry): Record<string, string[]> {
  return user['as-user-extra'] ?? {};
}
