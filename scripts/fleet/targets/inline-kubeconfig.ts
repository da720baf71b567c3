// A kubeconfig that came from a Secret, as a connection. It is not the user's own: it may name no file and no program.

import { HoistError } from '../../base/errors.ts';
import type { KubeConnection } from '../../kube/client/connection.ts';
import { isProxyUrl } from '../../kube/client/proxy.ts';
import { isMapping, type Json } from '../sets/parse.ts';

/** Larger is no kubeconfig. */
const MAX_BYTES = 1_000_000;

const FILES = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile', 'exec', 'auth-provider'];

/** @throws HoistError that says what is wrong with it, never what it holds */
export async function inlineConnection(text: string, where: string): Promise<KubeConnection> {
  const fail = (message: string): never => {
    throw new HoistError(`${where}: the kubeconfig ${message}`);
  };
  if (text.length > MAX_BYTES) fail('is larger than 1 MB');
  const config = await parsed(text);
  if (!isMapping(config)) return fail('is no YAML mapping');
  const contexts = entries(config, 'contexts', 'context');
  const current = config['current-context'];
  const context = contexts.get(typeof current === 'string' ? current : '') ?? [...contexts.values()][0];
  if (context === undefined) return fail('has no context');
  const cluster = entries(config, 'clusters', 'cluster').get(String(context['cluster']));
  if (cluster === undefined) return fail(`has no cluster "${String(context['cluster'])}"`);
  const user = entries(config, 'users', 'user').get(String(context['user'])) ?? {};
  for (const key of FILES) {
    if (cluster[key] !== undefined || user[key] !== undefined) {
      fail(
        `has ${key}: one in a Secret must hold everything itself, because files and programs would be this machine's`,
      );
    }
  }
  const server = cluster['server'];
  if (typeof server !== 'string' || !/^https?:\/\//.test(server) || !URL.canParse(server)) return fail('has no server');
  const proxyUrl = cluster['proxy-url'] ?? '';
  if (proxyUrl !== '' && !(typeof proxyUrl === 'string' && isProxyUrl(proxyUrl))) return fail('has a wrong proxy-url');
  return {
    server: server.replace(/\/$/, ''),
    ca: pem(cluster['certificate-authority-data'], fail),
    clientCertificate: pem(user['client-certificate-data'], fail),
    clientKey: pem(user['client-key-data'], fail),
    token: typeof user['token'] === 'string' && user['token'] !== '' ? user['token'] : undefined,
    insecureSkipTlsVerify: cluster['insecure-skip-tls-verify'] === true || undefined,
    tlsServerName: typeof cluster['tls-server-name'] === 'string' ? cluster['tls-server-name'] : undefined,
    proxyUrl: proxyUrl === '' ? undefined : proxyUrl,
  };
}

async function parsed(text: string): Promise<unknown> {
  try {
    // Most are JSON, or are worth the parser of YAML.
    if (text.trimStart().startsWith('{')) return JSON.parse(text);
    const { parse } = await import('yaml');
    return parse(text) as unknown;
  } catch {
    // The parser's message quotes the text.
    return undefined;
  }
}

function entries(config: Json, list: string, field: string): Map<string, Json> {
  const all = Array.isArray(config[list]) ? config[list].filter(isMapping) : [];
  return new Map(all.map((one) => [String(one['name']), isMapping(one[field]) ? one[field] : {}]));
}

function pem(value: unknown, fail: (message: string) => never): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const text = typeof value === 'string' ? Buffer.from(value, 'base64').toString() : '';
  if (!text.includes('-----BEGIN ')) return fail('has data that is no PEM in base64');
  return text;
}
