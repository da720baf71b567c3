// How to reach the cluster of a context: a kubeconfig resolved to a connection, as kubectl does it.

import { nearest } from '../../base/suggest.ts';
import type { Exec } from '../../host/exec.ts';
import type { KubeConnection } from '../client/connection.ts';
import { isProxyUrl } from '../client/proxy.ts';
import { type ClusterEntry, type ContextEntry, type Located, type UserEntry, invalid, loadMerged } from './load.ts';
import { credentialOf, headersOf, material } from './user.ts';

export interface KubeTarget {
  connection: KubeConnection;
  context: string;
  cluster: string;
  user: string;
  /** Where the context names one. */
  namespace?: string | undefined;
  /** When a log-in program's credential ends; ISO 8601. */
  expiresAt?: string | undefined;
}

/** The entries that belong to a context, and where they stand. */
export interface KubeEntries {
  context: string;
  link: ContextEntry;
  cluster: Located<ClusterEntry>;
  user: Located<UserEntry>;
  server: string;
  /** For messages. */
  clusterAt: string;
  userAt: string;
}

interface Source {
  /** First one strongest, see `kubeconfigPaths`; files that are not there are passed over. */
  paths: readonly string[];
  /** Defaults to the current one. */
  context?: string | undefined;
}

/** Reads the files and follows the context to its cluster and user. @throws ConfigError that names what is missing */
export async function findEntries(source: Source): Promise<KubeEntries> {
  const merged = await loadMerged(source.paths);
  const files = source.paths.join(', ');
  const context = source.context ?? merged.currentContext;
  if (context === '') throw invalid(files, 'no current context is set', 'Name one with `--context`.');
  const { value: link, file } = found(merged.contexts, 'context', context, files);
  const from = `${file}: context "${context}"`;
  const cluster = found(merged.clusters, 'cluster', link.cluster ?? '', from);
  const user = link.user ? found(merged.users, 'user', link.user, from) : { value: {}, file };
  const clusterAt = `${cluster.file}: cluster "${link.cluster ?? ''}"`;
  const userAt = `${user.file}: user "${link.user ?? ''}"`;
  const server = serverOf(cluster.value, user.value, clusterAt);
  proxyOf(cluster.value, clusterAt);
  return { context, link, cluster, user, server, clusterAt, userAt };
}

/**
 * Follows the context to its cluster and user, and gathers certificates, keys and token.
 * @param source.exec runs the log-in program where the user has one
 * @throws ConfigError that names the entry; credentials are never part of it.
 */
export async function readConnection(source: Source & { exec: Exec }): Promise<KubeTarget> {
  const { context, link, cluster, user, server, clusterAt, userAt } = await findEntries(source);
  const ca = await material(cluster, 'certificate-authority', clusterAt);
  const insecure = cluster.value['insecure-skip-tls-verify'] === true;
  if (ca !== undefined && insecure) {
    throw invalid(clusterAt, 'has both a certificate authority and insecure-skip-tls-verify; only one of them can be');
  }
  const login = { cluster: clusterInfo(cluster.value, server, ca), file: user.file, where: userAt, exec: source.exec };
  const { expiresAt, ...credential } = await credentialOf(user, login);
  return {
    connection: {
      server,
      ca,
      ...credential,
      insecureSkipTlsVerify: insecure || undefined,
      tlsServerName: cluster.value['tls-server-name'],
      proxyUrl: proxyOf(cluster.value, clusterAt),
      headers: headersOf(user.value),
    },
    context,
    cluster: link.cluster ?? '',
    user: link.user ?? '',
    namespace: link.namespace,
    expiresAt,
  };
}

function found<T>(map: Map<string, Located<T>>, kind: string, name: string, where: string): Located<T> {
  const entry = map.get(name);
  if (entry) return entry;
  const near = nearest(name, map.keys());
  const known = [...map.keys()].map((key) => `"${key}"`).join(', ');
  const hint = near === undefined ? `There ${known === '' ? 'is none' : `are ${known}`}.` : `Did you mean "${near}"?`;
  throw invalid(where, `there is no ${kind} "${name}"`, hint);
}

/** Without a scheme it is HTTPS where anything speaks of TLS, as for kubectl. */
function serverOf(cluster: ClusterEntry, user: UserEntry, where: string): string {
  const { server = '' } = cluster;
  if (server === '') throw invalid(where, 'has no server');
  const tls =
    cluster['insecure-skip-tls-verify'] === true ||
    [cluster, user].some((entry) =>
      Object.keys(entry).some((key) => /^(certificate-authority|client-certificate)/.test(key)),
    );
  const url = server.includes('://') ? server : `${tls ? 'https' : 'http'}://${server}`;
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw invalid(where, `server is no address: "${server}"`);
  return url;
}

/** @throws ConfigError where it is none that can be used; it may hold a password, so that it is not shown. */
function proxyOf({ 'proxy-url': url = '' }: ClusterEntry, where: string): string | undefined {
  if (url === '' || isProxyUrl(url)) return url === '' ? undefined : url;
  throw invalid(where, 'proxy-url is no address of a proxy, like http://proxy.example:3128 or socks5://127.0.0.1:1080');
}

/** The cluster as the log-in protocol spells it. */
function clusterInfo(cluster: ClusterEntry, server: string, ca: string | undefined): Record<string, unknown> {
  const config = cluster.extensions?.find(({ name }) => name === 'client.authentication.k8s.io/exec')?.extension;
  return {
    server,
    'tls-server-name': cluster['tls-server-name'],
    'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'],
    'certificate-authority-data': ca === undefined ? undefined : Buffer.from(ca).toString('base64'),
    'proxy-url': cluster['proxy-url'],
    config,
  };
}
