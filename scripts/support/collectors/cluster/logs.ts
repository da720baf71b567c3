// logs: what the containers of pods write, the most used collector of all.

import type { Item } from '../../types.ts';
import { parseBool } from '../../spec/schema.ts';
import {
  type Collector,
  type Reach,
  type Running,
  durationMs,
  firstText,
  json,
  list,
  mapping,
  text,
} from '../collector.ts';
import type { LogLimits, LogRequest } from './log-fetcher.ts';
import { type ContainerStatus, type PodObject, isPod, podsOf } from './lists.ts';

const DEFAULT_LINES = 10_000;
const DEFAULT_BYTES = 5_000_000;

export const logs: Collector = {
  claim: () => undefined,
  rights: (item, namespace) => [
    { verb: 'list', resource: 'pods', namespace: namespaceOf(item, namespace) },
    { verb: 'get', resource: 'pods', subresource: 'log', namespace: namespaceOf(item, namespace) },
  ],
  async run(running) {
    const { item, sink, signal, note, problem, progress } = running;
    const reach = await running.cluster();
    const requests = await wantedBy(item, reach, running);
    if (requests.length === 0) note('no pods matched');
    const name = text(item.spec, 'name') ?? '';
    let done = 0;
    await Promise.all(
      requests.map(async (request) => {
        const { pod, container, previous } = request;
        const fetched = await reach.logs.fetch(request, signal);
        progress(++done, requests.length);
        const base = `${name}/${pod.metadata.name}/${container}`;
        const title = `${pod.metadata.namespace ?? ''}/${pod.metadata.name}/${container}`;
        if ('path' in fetched) {
          sink.link(`${base}${previous ? '-previous' : ''}.log`, fetched.path);
          if (fetched.cut !== undefined) problem(`${title}: its log ends early: ${fetched.cut}`);
        } else {
          problem(`${title}: ${fetched.error}`);
          await sink.add({ path: `${base}-errors.json`, content: json([fetched.error]) });
        }
      }),
    );
    signal.throwIfAborted();
  },
};

/** "" stands for all namespaces, and so does none, unless only one may be looked at. */
function namespaceOf({ spec }: Item, only: string): string | undefined {
  return firstText(spec, 'namespace') ?? (only === '' ? undefined : only);
}

/** All collectors of logs are asked together: what they want of one container is one request. */
async function wantedBy(item: object, reach: Reach, running: Running): Promise<readonly LogRequest[]> {
  const plan = await reach.logs.plan(
    () =>
      new Map<object, Promise<LogRequest[]>>([
        ...reach.logItems.map((one) => [one, requestsOf(one, reach, running)] as const),
        [unhealthyLogs, Promise.resolve(unhealthyRequests(reach.unhealthy.filter(isPod)))],
      ]),
  );
  return (await plan.get(item)) ?? [];
}

async function requestsOf({ spec }: Item, { client, only }: Reach, running: Running): Promise<LogRequest[]> {
  const namespace = firstText(spec, 'namespace') ?? only ?? '';
  const pods = await podsOf(client, namespace, list(spec, 'selector'), running.signal);
  const limits = limitsOf(spec, running.now());
  const names = list(spec, 'containerNames');
  const timestamps = parseBool(spec['timestamps']) === true;
  return pods.flatMap((pod) => requestsOfPod(pod, { names, timestamps, limits }));
}

/** The end of what pods wrote that are not well: part of every snapshot. */
const unhealthyLogs = {};

function unhealthyRequests(pods: readonly PodObject[]): LogRequest[] {
  const limits = { lines: 500, bytes: DEFAULT_BYTES };
  return pods.flatMap((pod) => requestsOfPod(pod, { names: [], timestamps: false, limits }));
}

/** Collects the logs of the pods that the snapshot found to be unhealthy. */
export async function collectUnhealthyLogs(running: Running): Promise<void> {
  const reach = await running.cluster();
  const requests = await wantedBy(unhealthyLogs, reach, running);
  await Promise.all(
    requests.map(async (request) => {
      const fetched = await reach.logs.fetch(request, running.signal);
      const { pod, container, previous } = request;
      if ('path' in fetched || previous) return;
      const folder = `cluster-resources/pods/logs/${pod.metadata.namespace ?? ''}/${pod.metadata.name}`;
      await running.sink.add({ path: `${folder}/${container}-logs-errors.log`, content: Buffer.from(fetched.error) });
    }),
  );
}

/** Of all its containers, or of those that are named; earlier runs too, where there were any. */
function requestsOfPod(
  pod: PodObject,
  { names, timestamps, limits }: { names: readonly string[]; timestamps: boolean; limits: LogLimits },
): LogRequest[] {
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec;
  const all = [...containers, ...initContainers, ...ephemeralContainers].map(({ name }) => name);
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  const statuses = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses];
  return (names.length > 0 ? names : all).flatMap((container) => {
    const request = { pod, container, previous: false, timestamps, limits };
    const hasPrevious = ranBefore(statuses.find(({ name }) => name === container));
    return hasPrevious ? [request, { ...request, previous: true }] : [request];
  });
}

function ranBefore(status: ContainerStatus | undefined): boolean {
  return status !== undefined && (status.restartCount > 0 || status.lastState?.terminated !== undefined);
}

/** sinceTime counts before maxAge, and each of them switches the other limits off. */
function limitsOf(spec: Readonly<Record<string, unknown>>, now: Date): LogLimits {
  if (typeof spec['limits'] !== 'object' || spec['limits'] === null) return { lines: DEFAULT_LINES };
  const limits = mapping(spec, 'limits');
  const since = firstText(limits, 'sinceTime');
  if (since !== undefined) return { since };
  const ageMs = durationMs(firstText(limits, 'maxAge'));
  // To the second: the same age in two collectors is the same time.
  if (ageMs !== undefined) return { since: new Date(Math.floor((now.getTime() - ageMs) / 1000) * 1000).toISOString() };
  const [lines, bytes] = [Number(limits['maxLines'] ?? 0), Number(limits['maxBytes'] ?? 0)];
  return { lines: lines > 0 ? lines : DEFAULT_LINES, bytes: bytes > 0 ? bytes : DEFAULT_BYTES };
}
