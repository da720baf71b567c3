// Which proxy a request goes through, by the rules of Go's tools: helm, k3d and kubectl in the same shell do the same.

import { BlockList, isIP } from 'node:net';
import { ConfigError } from '../../base/errors.ts';
import type { Environment } from '../../host/paths.ts';

export interface Proxy {
  url: string;
  /** The env variable that names it. */
  variable: string;
}

/** The proxy of an address; undefined where it is asked directly. @throws ConfigError where the variable holds no address */
export function proxyFor(address: string, env: Environment): Proxy | undefined {
  const { protocol, hostname, port } = new URL(address);
  const secure = protocol === 'https:';
  const names = secure ? ['HTTPS_PROXY', 'https_proxy'] : ['HTTP_PROXY', 'http_proxy'];
  const variable = names.find((name) => (env[name] ?? '') !== '');
  if (variable === undefined) return undefined;
  const host = hostname.toLowerCase().replace(/^\[|\]$|\.$/g, '');
  const without = [env['NO_PROXY'], env['no_proxy']].find((list) => (list ?? '') !== '') ?? '';
  if (isLoopback(host) || isExcluded(host, port || (secure ? '443' : '80'), without)) return undefined;
  return { url: urlOf(env[variable] ?? '', variable), variable };
}

/** `host:port` stands for `http://host:port`. */
function urlOf(text: string, variable: string): string {
  const candidates = /^[a-z0-9+.-]+:\/\//i.test(text) ? [text] : [`http://${text}`];
  for (const candidate of candidates) {
    if (/^https?:\/\/[^/]/.test(candidate) && URL.canParse(candidate)) return candidate;
  }
  // It may hold a password, so that it is not shown.
  const message = 'is no address of a proxy, like http://proxy.example:3128';
  throw new ConfigError([{ where: `env ${variable}`, message }]);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function isExcluded(host: string, port: string, list: string): boolean {
  const entries = list
    .toLowerCase()
    .split(',')
    .map((entry) => entry.trim());
  return entries.some((entry) => entry === '*' || (entry !== '' && matches(host, port, entry)));
}

/** `10.0.0.0/8`, `10.1.2.3`, `example.com` with all below it, `.example.com` with those alone; each with a port or not. */
function matches(host: string, port: string, entry: string): boolean {
  const range = /^([0-9a-f.:]+)\/(\d+)$/.exec(entry);
  if (range) return isWithin(host, range[1] ?? '', Number(range[2]));
  const found = isIP(entry) === 6 ? undefined : /^(.*?):(\d+)$/.exec(entry);
  const [, bare = entry, wantedPort = port] = found ?? [];
  const wanted = bare.replace(/^\[|\]$/g, '');
  if (wanted === '' || wantedPort !== port) return false;
  if (isIP(wanted) !== 0) return isIP(host) === isIP(wanted) && isWithin(host, wanted, isIP(wanted) === 4 ? 32 : 128);
  const name = wanted.replace(/^\*(?=\.)/, '');
  return name.startsWith('.') ? host.endsWith(name) : host === name || host.endsWith(`.${name}`);
}

function isWithin(host: string, network: string, prefix: number): boolean {
  const kind = isIP(network) === 4 ? 'ipv4' : 'ipv6';
  if (isIP(host) === 0 || isIP(network) === 0 || prefix > (kind === 'ipv4' ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, prefix, kind);
  return list.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6');
}
