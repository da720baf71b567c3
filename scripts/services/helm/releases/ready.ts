// Waits, by watching, until a release is ready: all that counts for it, in parallel.

import { setTimeout as sleep } from 'node:timers/promises';
import { HealthError, HoistError, ServicesError, messageOf } from '../../../base/errors.ts';
import type { Progress } from '../../../engine/step.ts';
import type { KubeClient } from '../../../kube/client/client.ts';
import { waitEstablished } from '../../../kube/apply/established.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { waitEndpoints } from '../../../kube/watch/wait.ts';
import { waitWorkloads } from '../../../kube/watch/wait-workloads.ts';
import { WatchTimeoutError, watchUntil } from '../../../kube/watch/watch.ts';
import type { Awaited, WebhookBackend } from './awaited.ts';
import { lastLogLines } from './last-lines.ts';
import type { Service } from '../service.ts';

export interface ReadyOptions {
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

/**
 * Resolves when the service is ready.
 * @throws ServicesError with all that is late: states and events of pods, and the last lines that they wrote
 */
export async function waitReady(
  client: KubeClient,
  service: Pick<Service, 'name' | 'ready' | 'timeoutMs'>,
  awaited: Awaited,
  { signal, onProgress }: ReadyOptions,
): Promise<void> {
  const { ready, timeoutMs } = service;
  const options = { timeoutMs, signal };
  const waits: Promise<void>[] = [];
  if (ready.workloads && awaited.workloads.length > 0) {
    waits.push(waitWorkloads(client, awaited.workloads, { ...options, onProgress }));
  }
  if (ready.crds) waits.push(...awaited.definitions.map((name) => waitEstablished(client, name, options)));
  if (ready.webhooks) {
    waits.push(...awaited.webhooks.map((backend) => waitEndpoints(client, backend.service, options)));
    waits.push(...awaited.webhooks.map((backend) => waitTrusted(client, backend, options)));
  }
  if (ready.url !== undefined) waits.push(waitUrl(ready.url, options));

  const problems = (await Promise.allSettled(waits)).flatMap((result) =>
    result.status === 'rejected' ? [result.reason as Error] : [],
  );
  signal.throwIfAborted();
  if (problems.length === 0) return;
  const defect = problems.find((problem) => !(problem instanceof HoistError));
  if (defect !== undefined) throw defect;
  const reasons = [...new Set(problems.map(messageOf))];
  const lines = await lastLogLines(client, awaited.workloads, signal);
  throw new ServicesError([`service "${service.name}" is not ready`, ...reasons, ...lines].join('\n'), {
    cause: problems[0],
  });
}

interface WebhookConfiguration extends KubeObject {
  webhooks?: { name: string; clientConfig?: { caBundle?: string; service?: object } }[];
}

/** A webhook can be called as soon as its configuration has the authority of its certificate, which a job may bring. */
async function waitTrusted(
  client: KubeClient,
  { kind, configuration }: WebhookBackend,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<void> {
  const path = `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase()}s`;
  try {
    await watchUntil<WebhookConfiguration, true>(client, {
      path,
      query: { fieldSelector: `metadata.name=${configuration}` },
      ...options,
      until(objects) {
        const { webhooks } = objects.get(configuration) ?? {};
        const trusted = webhooks?.every(
          ({ clientConfig = {} }) => clientConfig.service === undefined || (clientConfig.caBundle ?? '') !== '',
        );
        return trusted === true ? true : undefined;
      },
    });
  } catch (error) {
    if (!(error instanceof WatchTimeoutError)) throw error;
    throw new HealthError(`${kind} ${configuration}: no caBundle after ${options.timeoutMs / 1000} s`, {
      cause: error,
    });
  }
}

const URL_ATTEMPT_MS = 5_000;
const URL_PAUSE_MS = { first: 50, last: 1_000 };

/** An address outside of the cluster cannot be watched: it is asked ever more slowly, down to once a second. */
async function waitUrl(url: string, { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal }): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let last = 'no answer';
  for (let pauseMs = URL_PAUSE_MS.first; ; pauseMs = Math.min(URL_PAUSE_MS.last, pauseMs * 2)) {
    try {
      const attempt = AbortSignal.any([signal, AbortSignal.timeout(URL_ATTEMPT_MS)]);
      const answer = await fetch(url, { signal: attempt, redirect: 'manual' });
      await answer.body?.cancel();
      if (answer.status < 400) return;
      last = `status ${answer.status}`;
    } catch (error) {
      signal.throwIfAborted();
      last = reasonOf(error);
    }
    if (performance.now() + pauseMs > deadline) {
      throw new HealthError(`${url} does not answer well after ${timeoutMs / 1000} s: ${last}`);
    }
    await sleep(pauseMs, undefined, { signal });
  }
}

/** The reason of a failed fetch stands in its cause, which may be a bundle of one for each address. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return cause instanceof AggregateError ? cause.errors.map(messageOf).join(', ') : messageOf(cause);
}
