// Waits, by watching, for what a cluster needs before it can be used; a timeout names who is late and why.

import { messageOf } from '../../base/errors.ts';
import type { KubeClient } from '../client/client.ts';
import type { KubeObject } from '../object.ts';
import { type Straggler, stragglersError } from '../apply/stragglers.ts';
import { type Node, nodeVerdict } from './verdict.ts';
import { type Snapshot, watchUntil, WatchTimeoutError } from './watch.ts';

export interface WaitOptions {
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** How many are ready, whenever that changes. */
  onProgress?: ((progress: { done: number; total: number }) => void) | undefined;
}

/** What is followed, and who of it is late. */
interface Wait<T extends KubeObject> {
  /** For the message of a timeout. */
  what: string;
  path: string;
  query?: { fieldSelector?: string; labelSelector?: string };
  late: (objects: Snapshot<T>) => Straggler[];
  /** How many are waited for. */
  total: number;
}

/** Watches until no workload is late. */
async function waitForAll<T extends KubeObject>(
  client: KubeClient,
  wait: Wait<T>,
  options: WaitOptions,
): Promise<void> {
  const { total } = wait;
  let done = -1;
  try {
    await watchUntil<T, true>(client, {
      path: wait.path,
      query: wait.query ?? {},
      signal: options.signal,
      timeoutMs: options.timeoutMs,
      until(objects) {
        const missing = wait.late(objects).length;
        if (total - missing !== done) {
          done = total - missing;
          options.onProgress?.({ done, total });
        }
        return missing === 0 ? true : undefined;
      },
    });
  } catch (error) {
    if (!(error instanceof WatchTimeoutError)) throw error;
    const stragglers =
      error.objects === undefined
        ? [{ name: client.server, why: error.cause === undefined ? 'no answer' : messageOf(error.cause) }]
        : wait.late(error.objects as Snapshot<T>);
    throw stragglersError(wait.what, `after ${options.timeoutMs / 1000} s`, stragglers, error.cause);
  }
}

export interface NamedNodes {
  names: readonly string[];
  /**
   * When each node was started last, in ms since the epoch by its own clock: what it reported before that is the word of
   * an earlier life. Where not given, any report counts.
   */
  startedAt?: ReadonlyMap<string, number>;
}

/**
 * Resolves when `count` nodes are Ready, or all of the named ones are.
 * @throws HealthError with each late node and its condition's message; KubeApiError; the signal's reason
 */
export function waitNodesReady(
  client: KubeClient,
  wanted: { count: number } | NamedNodes,
  options: WaitOptions,
): Promise<void> {
  const late = 'names' in wanted ? lateByName(wanted) : lateByCount(wanted.count);
  const total = 'names' in wanted ? wanted.names.length : wanted.count;
  return waitForAll<Node>(client, { what: 'nodes', path: '/api/v1/nodes', late, total }, options);
}

function lateByName({ names, startedAt }: NamedNodes): Wait<Node>['late'] {
  return (nodes) =>
    names.flatMap((name) => {
      const node = nodes.get(name);
      const verdict = node === undefined ? { why: 'has not registered' } : nodeVerdict(node, startedAt?.get(name));
      return verdict === undefined ? [] : [{ name, why: verdict.why }];
    });
}

function lateByCount(count: number): Wait<Node>['late'] {
  return (nodes) => {
    const waiting = [...nodes].flatMap(([name, node]) => {
      const verdict = nodeVerdict(node);
      return verdict === undefined ? [] : [{ name, why: verdict.why }];
    });
    const absent = Array.from({ length: Math.max(0, count - nodes.size) }, (_, at) => ({
      name: `node ${nodes.size + at + 1} of ${count}`,
      why: 'has not registered',
    }));
    // With more nodes than are waited for, not each unready one is missed.
    const missing = Math.max(0, count - (nodes.size - waiting.length));
    return [...waiting, ...absent].slice(0, missing);
  };
}

/**
 * Resolves when each of the namespaces has its `default` service account, without which no pod can be made in it.
 * @throws HealthError with the namespaces that have none; KubeApiError; the signal's reason
 */
export function waitServiceAccounts(
  client: KubeClient,
  namespaces: readonly string[],
  options: WaitOptions,
): Promise<void> {
  const [only] = namespaces;
  const path =
    namespaces.length === 1 && only !== undefined
      ? `/api/v1/namespaces/${encodeURIComponent(only)}/serviceaccounts`
      : '/api/v1/serviceaccounts';
  const late = (accounts: Snapshot<KubeObject>): Straggler[] =>
    namespaces
      .filter((namespace) => !accounts.has(`${namespace}/default`))
      .map((name) => ({ name, why: 'has no default service account; is kube-controller-manager running?' }));
  const query = { fieldSelector: 'metadata.name=default' };
  return waitForAll(client, { what: 'service accounts', path, query, late, total: namespaces.length }, options);
}

interface EndpointSlice extends KubeObject {
  endpoints?: { conditions?: { ready?: boolean } }[];
}

/**
 * Resolves when a ready endpoint stands behind the service: the moment from which it answers.
 * @throws HealthError; KubeApiError; the signal's reason
 */
export function waitEndpoints(
  client: KubeClient,
  service: { namespace: string; name: string },
  options: WaitOptions,
): Promise<void> {
  const { namespace, name } = service;
  const late = (slices: Snapshot<EndpointSlice>): Straggler[] => {
    const endpoints = [...slices.values()].flatMap((slice) => slice.endpoints ?? []);
    if (endpoints.some((endpoint) => endpoint.conditions?.ready !== false)) return [];
    const why =
      endpoints.length === 0 ? 'no pod stands behind it' : `none of its ${endpoints.length} endpoints is ready`;
    return [{ name: `${namespace}/${name}`, why }];
  };
  const path = `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices`;
  const query = { labelSelector: `kubernetes.io/service-name=${name}` };
  return waitForAll<EndpointSlice>(client, { what: 'service', path, query, late, total: 1 }, options);
}
