// Waits, by watching, for what a cluster needs before it can be used; a timeout names who is late and why.

import { HealthError, messageOf } from '../errors.ts';
import type { KubeClient } from './client.ts';
import { nodeVerdict, type Node } from './verdict.ts';
import type { KubeObject } from './object.ts';
import { watchUntil, WatchTimeoutError, type Snapshot } from './watch.ts';

export interface WaitOptions {
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** How many are ready, whenever that changes. */
  onProgress?: ((progress: { done: number; total: number }) => void) | undefined;
}

/** One thing that is not ready, and why. */
export interface Straggler {
  name: string;
  why: string;
}

/** A HealthError that lists the stragglers; long lists are cut. */
export function stragglersError(
  what: string,
  timeoutMs: number,
  late: readonly Straggler[],
  cause?: unknown,
): HealthError {
  const shown = late.slice(0, 10).map(({ name, why }) => `  ${name}: ${why}`);
  if (late.length > shown.length) shown.push(`  and ${late.length - shown.length} more`);
  return new HealthError(`${what} not ready after ${timeoutMs / 1000} s:\n${shown.join('\n')}`, { cause });
}

/** Watches until nobody is late. `late` says who is; `total` is how many are waited for. */
async function waitForAll<T extends KubeObject>(
  client: KubeClient,
  what: string,
  watch: { path: string; fieldSelector?: string },
  { late, total }: { late: (objects: Snapshot<T>) => Straggler[]; total: number },
  options: WaitOptions,
): Promise<void> {
  let done = -1;
  try {
    await watchUntil<T, true>(client, {
      path: watch.path,
      query: { fieldSelector: watch.fieldSelector },
      signal: options.signal,
      timeoutMs: options.timeoutMs,
      until(objects) {
        const missing = late(objects).length;
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
        : late(error.objects as Snapshot<T>);
    throw stragglersError(what, options.timeoutMs, stragglers, error.cause);
  }
}

/**
 * Resolves when `count` nodes are Ready, or all of the named ones are.
 * @throws HealthError with each late node and its condition's message; KubeApiError; the signal's reason
 */
export function waitNodesReady(
  client: KubeClient,
  wanted: { count: number } | { names: readonly string[] },
  options: WaitOptions,
): Promise<void> {
  const late = (nodes: Snapshot<Node>): Straggler[] => {
    if ('names' in wanted) {
      return wanted.names.flatMap((name) => {
        const node = nodes.get(name);
        const why = node === undefined ? 'has not registered' : nodeVerdict(node);
        return why === undefined ? [] : [{ name, why }];
      });
    }
    const waiting = [...nodes].flatMap(([name, node]) => {
      const why = nodeVerdict(node);
      return why === undefined ? [] : [{ name, why }];
    });
    const missing = Math.max(0, wanted.count - (nodes.size - waiting.length));
    const absent = Array.from({ length: Math.max(0, wanted.count - nodes.size) }, (_, at) => ({
      name: `node ${nodes.size + at + 1} of ${wanted.count}`,
      why: 'has not registered',
    }));
    return [...waiting, ...absent].slice(0, missing);
  };
  const total = 'names' in wanted ? wanted.names.length : wanted.count;
  return waitForAll<Node>(client, 'nodes', { path: '/api/v1/nodes' }, { late, total }, options);
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
  return waitForAll<KubeObject>(
    client,
    'service accounts',
    { path, fieldSelector: 'metadata.name=default' },
    { late, total: namespaces.length },
    options,
  );
}
