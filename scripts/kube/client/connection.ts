// Where a Kubernetes API server is and how to be let in: what a client is made from.

import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';

/** Address and credentials of an API server. Certificates and keys are PEM text, not paths. */
export interface KubeConnection {
  /** `https://127.0.0.1:6443`; a path prefix is kept, `http:` is for local proxies. */
  server: string;
  /** Authorities that the server's certificate is checked against; defaults to the system's. */
  ca?: string | undefined;
  /** Bearer token. */
  token?: string | undefined;
  clientCertificate?: string | undefined;
  clientKey?: string | undefined;
  /** Takes any server certificate: for throw-away clusters only. */
  insecureSkipTlsVerify?: boolean | undefined;
  /** The name that the certificate must be for, where it is not the host of `server`. */
  tlsServerName?: string | undefined;
  /** `http://`, `https://` or `socks5://` of a proxy that opens the connections; see `isProxyUrl`. */
  proxyUrl?: string | undefined;
  /** Sent with each request, for example `impersonate-user`. */
  headers?: Readonly<Record<string, string | string[]>> | undefined;
}

/** The TLS side of a connection, as node:tls and node:https take it. */
export function tlsOptions(connection: KubeConnection): ConnectionOptions {
  return {
    ...(connection.ca === undefined ? {} : { ca: connection.ca }),
    ...(connection.clientCertificate === undefined ? {} : { cert: connection.clientCertificate }),
    ...(connection.clientKey === undefined ? {} : { key: connection.clientKey }),
    ...serverName(connection),
    ...(connection.insecureSkipTlsVerify === true ? { rejectUnauthorized: false } : {}),
  };
}

/** Node names the server in its handshake only on request; routers by name need it. */
function serverName({ server, tlsServerName }: KubeConnection): { servername?: string } {
  const { hostname } = new URL(server);
  const name = tlsServerName === undefined || tlsServerName === '' ? hostname : tlsServerName;
  return isIP(name.replace(/^\[|\]$/g, '')) === 0 ? { servername: name } : {};
}

/** Headers that go with each request of this connection. */
export function fixedHeaders(connection: KubeConnection): Record<string, string | string[]> {
  return {
    'user-agent': 'hoist',
    ...(connection.token === undefined ? {} : { authorization: `Bearer ${connection.token}` }),
    ...connection.headers,
  };
}
