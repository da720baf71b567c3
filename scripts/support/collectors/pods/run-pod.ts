// run and runPod: a pod of the spec's own, and what it writes.

import { messageOf } from '../../../base/errors.ts';
import type { Item } from '../../types.ts';
import { parseBool } from '../../spec/schema.ts';
import type { PodObject } from '../cluster/lists.ts';
import { type Collector, type Right, type Running, firstText, json, list, mapping, text } from '../collector.ts';
import { type Own, eventsOf, pullSecretsOf, waitForPod, withOwn } from './own.ts';

const LINES = 10_000;
const BYTES = 5_000_000;

const namespaceOf = ({ spec }: Item, namespace: string): string =>
  firstText(spec, 'namespace') ?? (namespace || 'default');

/** The name in the paths of the bundle; the pod's own is made unique. */
const podName = ({ spec }: Item): string => firstText(spec, 'collectorName', 'name') ?? 'run-pod';

const rights = (item: Item, namespace: string): Right[] => {
  const of = { namespace: namespaceOf(item, namespace) };
  return [
    { verb: 'create', resource: 'pods', ...of },
    { verb: 'get', resource: 'pods', ...of },
    { verb: 'get', resource: 'pods', subresource: 'log', ...of },
  ];
};

const shared = {
  rights,
  timeoutMs: 120_000,
  claim: (item: Item, namespace: string): string =>
    `${text(item.spec, 'name') ?? ''}/${namespaceOf(item, namespace)}/${podName(item)}.log`,
};

export const runPod: Collector = {
  ...shared,
  title: 'run-pod',
  run: (running) => runPodOf(running, mapping(running.item.spec, 'podSpec')),
};

export const run: Collector = {
  ...shared,
  run: (running) => {
    const { spec } = running.item;
    const policy = firstText(spec, 'imagePullPolicy');
    const account = firstText(spec, 'serviceAccountName');
    return runPodOf(running, {
      restartPolicy: 'Never',
      ...(account === undefined ? {} : { serviceAccountName: account }),
      containers: [
        {
          name: 'collector',
          image: firstText(spec, 'image') ?? '',
          ...(policy === undefined ? {} : { imagePullPolicy: policy }),
          ...(list(spec, 'command').length > 0 ? { command: list(spec, 'command') } : {}),
          ...(list(spec, 'args').length > 0 ? { args: list(spec, 'args') } : {}),
        },
      ],
    });
  },
};

async function runPodOf(running: Running, podSpec: Record<string, unknown>): Promise<void> {
  const { item, suffix } = running;
  const { namespace: fallback } = await running.cluster();
  const namespace = namespaceOf(item, fallback === '' ? 'default' : fallback);
  await withOwn(running, namespace, async (own) => {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
    const pulls = await pullSecretsOf(running, own);
    const pod = await own.create<PodObject>(path, podOf(running, own, { podSpec, pulls }));
    const one = `${path}/${encodeURIComponent(pod.metadata.name)}`;
    const retryPulls = parseBool(item.spec['allowImagePullRetries']) === true;
    let failure: unknown;
    try {
      await waitForPod(running, one, { wanted: hasEnded, retryPulls });
    } catch (error) {
      failure = error;
    }
    // What it wrote until then is worth having, also when its time is over.
    const late = { ...running, signal: AbortSignal.timeout(1_500) };
    await Promise.all([addLog(late, pod, failure === undefined), addDetails(late, { pod, path: one })]);
    if (failure !== undefined) throw failure as Error;
    running.note(`in pod ${pod.metadata.name}${suffix}`);
  });
}

function podOf(
  { item }: Running,
  own: Own,
  { podSpec, pulls }: { podSpec: Record<string, unknown>; pulls: { name: string }[] },
): object {
  const given = Array.isArray(podSpec['imagePullSecrets']) ? (podSpec['imagePullSecrets'] as object[]) : [];
  // Names of pods are at most 63 characters where they become host names.
  const name = `${
    podName(item)
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+/, '')
      .slice(0, 50) || 'run-pod'
  }-${own.id}`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: own.namespace,
      labels: { ...own.labels, 'troubleshoot-role': 'run-collector' },
      annotations: mapping(item.spec, 'annotations'),
    },
    spec: {
      restartPolicy: 'Never',
      ...podSpec,
      ...(pulls.length > 0 ? { imagePullSecrets: [...given, ...pulls] } : {}),
    },
  };
}

/** Its first container has run once, or the pod is over. */
function hasEnded({ status, spec }: PodObject): boolean {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return true;
  const first = status?.containerStatuses?.find(({ name }) => name === spec.containers[0]?.name);
  return first !== undefined && (first.state?.terminated !== undefined || first.restartCount > 0);
}

async function addLog(running: Running, pod: PodObject, expected: boolean): Promise<void> {
  const { item, sink, suffix, signal } = running;
  const { client } = await running.cluster();
  const { namespace = '', name } = pod.metadata;
  const container = pod.spec.containers[0]?.name ?? '';
  try {
    const content = await client.download({
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/log`,
      query: { container, tailLines: LINES },
      accept: '*/*',
      signal,
    });
    const own = `${podName(item)}${suffix}`;
    const path = await sink.add({
      path: `cluster-resources/pods/logs/${namespace}/${own}/${container}.log`,
      content,
      newestBytes: BYTES,
    });
    if (path !== undefined) sink.link(`${text(item.spec, 'name') ?? ''}/${own}.log`, path);
  } catch (error) {
    if (expected) running.problem(`its log cannot be read: ${messageOf(error)}`);
  }
}

/** The pod without its spec, which may hold secrets, and its events. */
async function addDetails(running: Running, { pod, path }: { pod: PodObject; path: string }): Promise<void> {
  const { item, sink, suffix, signal } = running;
  const { client } = await running.cluster();
  const name = text(item.spec, 'name') ?? '';
  try {
    const now = await client.json<PodObject>({ path, signal });
    await sink.add({ path: `${name}/${name}${suffix}.json`, content: json({ ...now, spec: { containers: null } }) });
    const events = await eventsOf(running, pod);
    await sink.add({ path: `${name}/${name}${suffix}-events.json`, content: json(events) });
  } catch (error) {
    running.problem(`its state cannot be read: ${messageOf(error)}`);
  }
}
