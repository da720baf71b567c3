// The ways to a cluster's API, and which of them answers first.

import { CreationError } from '../../../base/errors.ts';
import type { ContainerDetails } from '../../../docker/containers.ts';
import { type Endpoint, isLocal, publishedHost } from '../../../docker/endpoint.ts';
import { connect, type KubeClient } from '../../../kube/client/client.ts';
import type { KubeConnection } from '../../../kube/client/connection.ts';
import { waitApiServes } from '../../../kube/watch/health.ts';
import { connectionFrom } from './kubeconfig.ts';
import { API_PORT } from '../nodes/labels.ts';

export interface Routes {
  /** The port that everyone uses. */
  published: KubeConnection;
  /** The server itself, where only a load balancer has that port: k3d starts it last of all, and it takes 6 s more. */
  direct: KubeConnection | undefined;
}

/**
 * @param kubeconfig as k3s wrote it.
 * @param server the container of the first server.
 * @throws CreationError where there is no port, or the text is no kubeconfig of k3s.
 */
export function routesOf(kubeconfig: string, server: ContainerDetails, endpoint: Endpoint): Routes {
  const { Ports, Networks } = server.NetworkSettings;
  const own = Ports?.['6443/tcp']?.[0]?.HostPort;
  const port = own ?? server.Config.Labels[API_PORT];
  if (port === undefined) throw new CreationError('the server publishes no port for its API');
  const address = Object.values(Networks).find(({ IPAddress }) => IPAddress)?.IPAddress;
  const route = (host: string): KubeConnection => connectionFrom(kubeconfig, `https://${host}`);
  return {
    published: route(`${publishedHost(endpoint)}:${port}`),
    direct: own === undefined && address !== undefined && isLocal(endpoint) ? route(`${address}:6443`) : undefined,
  };
}

/** ms between questions on routes after the first. */
const OTHERS_EVERY_MS = 500;

/**
 * The client of the route on which the API answers first. The first one is asked most often: it is the fastest where it
 * leads anywhere at all, which an engine in a virtual machine does not grant.
 * @throws CreationError where none answers in `timeoutMs`; the signal's reason
 */
export async function firstServing(
  routes: readonly KubeConnection[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<KubeClient> {
  const found = new AbortController();
  const until = AbortSignal.any([signal, found.signal]);
  const clients = routes.map((route) => connect(route));
  const serving = clients.map(async (client, i) => {
    await waitApiServes(client, { timeoutMs, signal: until, everyMs: i === 0 ? undefined : OTHERS_EVERY_MS });
    return client;
  });
  let first: KubeClient | undefined;
  try {
    first = await Promise.any(serving);
    return first;
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof AggregateError ? error.errors.at(-1) : error;
  } finally {
    found.abort();
    for (const client of clients) if (client !== first) client.close();
  }
}
