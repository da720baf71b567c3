// Asks an API server whether it is well, and waits until it is.

import { setTimeout as sleep } from 'node:timers/promises';
import { CreationError, HealthError, messageOf } from '../../base/errors.ts';
import type { KubeClient, KubeResponse } from '../client/client.ts';
import { withDeadline } from '../client/deadline.ts';
import { parseChecks, type Check } from './readyz.ts';

const endpoints = ['/readyz', '/livez', '/api', '/apis'] as const;

/** What one endpoint of the server said. */
export interface EndpointHealth {
  path: (typeof endpoints)[number];
  ok: boolean;
  /** The single checks, for /readyz and /livez. */
  checks: Check[];
  /** Why it is not ok, as half a sentence. */
  problem?: string;
}

/** Asks all health endpoints at once. Throws only where the signal is aborted. */
export async function checkHealth(client: KubeClient, signal?: AbortSignal): Promise<EndpointHealth[]> {
  return Promise.all(endpoints.map((path) => checkEndpoint(client, path, signal)));
}

async function checkEndpoint(
  client: KubeClient,
  path: EndpointHealth['path'],
  signal: AbortSignal | undefined,
): Promise<EndpointHealth> {
  const verbose = path.endsWith('z');
  try {
    const answer = await client.request({
      path,
      signal,
      timeoutMs: 10_000,
      ...(verbose ? { query: { verbose: '' }, accept: 'text/plain, */*' } : {}),
    });
    const checks = verbose ? parseChecks(answer.body) : [];
    if (answer.status === 200) return { path, ok: true, checks };
    return { path, ok: false, checks, problem: problemOf(answer, checks) };
  } catch (error) {
    signal?.throwIfAborted();
    return { path, ok: false, checks: [], problem: messageOf(error) };
  }
}

function problemOf(answer: KubeResponse, checks: readonly Check[]): string {
  const failed = checks.filter((check) => !check.ok).map((check) => check.name);
  return failed.length > 0 ? `failing: ${failed.join(', ')}` : `status ${answer.status}`;
}

/** Throws a HealthError that names each endpoint that is not ok, with its failing checks. */
export function assertHealthy(results: readonly EndpointHealth[]): void {
  const bad = results.filter((result) => !result.ok);
  if (bad.length === 0) return;
  throw new HealthError(`the API server is not healthy: ${bad.map((b) => `${b.path} ${b.problem ?? ''}`).join('; ')}`);
}

/**
 * Resolves with the first answer. That comes more than a second before /readyz, which waits for the roles that
 * kube-apiserver makes for itself; a client of the group system:masters can work until then.
 * @throws CreationError where nothing is answered in `timeoutMs`; the signal's reason
 */
export async function waitApiServes(
  client: KubeClient,
  { timeoutMs, signal, everyMs = 15 }: { timeoutMs: number; signal: AbortSignal; everyMs?: number | undefined },
): Promise<void> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  for (;;) {
    try {
      // The port is bound long before anything is served: the connection waits, and is answered at once then.
      const answer = await client.request({ path: '/api/v1/namespaces/default', signal: deadline, timeoutMs });
      if (answer.status < 500) return;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (deadline.aborted)
        throw new CreationError(`${client.server} answers nothing after ${timeoutMs / 1000} s`, { cause: error });
    }
    await sleep(everyMs, undefined, { signal });
  }
}

/**
 * Resolves as soon as /readyz says ok. A server that does not listen yet cannot be watched, so it is asked every `pollMs`.
 * @param options times in ms
 * @throws HealthError where the time is over, with the failing checks or the last connection error; the signal's reason
 */
export async function waitApiReady(
  client: KubeClient,
  options: { timeoutMs: number; pollMs?: number; signal?: AbortSignal | undefined },
): Promise<void> {
  let last: EndpointHealth | undefined;
  const late = (): Error => {
    const why = last?.problem ?? 'no answer';
    return new HealthError(`${client.server} is not ready after ${options.timeoutMs} ms: ${why}`);
  };
  await withDeadline(options.signal, options.timeoutMs, late, async (signal) => {
    for (;;) {
      last = await checkEndpoint(client, '/readyz', signal);
      if (last.ok) return;
      await sleep(options.pollMs ?? 25, undefined, { signal });
    }
  });
}
