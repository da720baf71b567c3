// Which servers may be worked on without a further word: pure.

/** What a kubeconfig says of where a cluster is. */
export interface Address {
  /** `https://HOST:PORT`, maybe with a path. */
  server: string;
  /** The name that the server's certificate must be for, where it is not the host. */
  tlsServerName?: string | undefined;
  /** No certificate is checked, so that a name proves nothing. */
  insecure?: boolean | undefined;
  /** It is reached through a proxy, for which this machine is another one. */
  proxied?: boolean | undefined;
}

/**
 * True for servers of this machine and for those that a pattern fits: `HOST`, `HOST:PORT`, with `*` for any text.
 * An address of this machine with the name of another one is a tunnel, and counts as that other one.
 */
export function isAllowed({ server, tlsServerName, insecure, proxied }: Address, patterns: readonly string[]): boolean {
  const url = new URL(server);
  const named = tlsServerName === undefined || tlsServerName === '' ? undefined : tlsServerName.toLowerCase();
  if (proxied !== true && isLocal(url.hostname) && (named === undefined || isLocal(named))) return true;
  const host = named === undefined || insecure === true ? url.hostname : named;
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return patterns.some((pattern) => fits(pattern.toLowerCase(), host, port));
}

/** `0.0.0.0` is what k3d writes for a port of this machine. */
function isLocal(host: string): boolean {
  return /^(127(\.\d{1,3}){3}|0\.0\.0\.0|\[::1?\]|::1|localhost|.*\.localhost)$/.test(host);
}

function fits(pattern: string, host: string, port: string): boolean {
  const [, hostPattern = pattern, portPattern] = /^(.*?)(?::(\d+))?$/.exec(pattern) ?? [];
  const literal = hostPattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const matches = new RegExp(`^${literal.join('.*')}$`).test(host);
  return matches && (portPattern === undefined || portPattern === port);
}
