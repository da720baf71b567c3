// Collectors with a pod on each node: runDaemonSet, copyFromHost, sysctl.

import { buffer as bufferOf } from 'node:stream/consumers';
import { HoistError, messageOf } from '../../../base/errors.ts';
import { execInPod } from '../../../kube/exec/session.ts';
import { parseBool } from '../../spec/schema.ts';
import type { Item } from '../../types.ts';
import { unpack } from '../cluster/exec.ts';
import { type PodObject, podsOf } from '../cluster/lists.ts';
import { type Collector, type Right, type Running, firstText, mapping, text } from '../collector.ts';
import { type Own, hopeless, pause, pullSecretsOf, selectorOf, waitForPod, withOwn } from './own.ts';

const namespaceOf = ({ spec }: Item, namespace: string): string =>
  firstText(spec, 'namespace') ?? (namespace || 'default');

const rights = (item: Item, namespace: string): Right[] => {
  const of = { namespace: namespaceOf(item, namespace) };
  return [
    { verb: 'create', group: 'apps', resource: 'daemonsets', ...of },
    { verb: 'delete', group: 'apps', resource: 'daemonsets', ...of },
    { verb: 'list', resource: 'pods', ...of },
  ];
};

interface NodePods {
  own: Own;
  pods: PodObject[];
}

/** Runs with a pod on every node that takes it, and waits until each has been placed and `ready`. */
export async function withNodePods(
  running: Running,
  {
    podSpec,
    ready,
  }: {
    podSpec: Record<string, unknown> | ((labels: Record<string, string>) => Record<string, unknown>);
    ready: (pod: PodObject) => boolean;
  },
  use: (pods: NodePods) => Promise<void>,
): Promise<void> {
  const { item } = running;
  const { namespace: fallback } = await running.cluster();
  const namespace = namespaceOf(item, fallback);
  await withOwn(running, namespace, async (own) => {
    const pulls = await pullSecretsOf(running, own);
    const base = (firstText(item.spec, 'name') ?? item.kind)
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+/, '')
      .slice(0, 40);
    const name = `${base || 'collector'}-${own.id}`;
    const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/daemonsets`;
    await own.create(path, {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name, namespace, labels: own.labels },
      spec: {
        selector: { matchLabels: own.labels },
        template: {
          metadata: { labels: own.labels },
          spec: {
            terminationGracePeriodSeconds: 0,
            ...(typeof podSpec === 'function' ? podSpec(own.labels) : podSpec),
            ...(pulls.length > 0 ? { imagePullSecrets: pulls } : {}),
          },
        },
      },
    });
    const pods = await placed(running, own, `${path}/${name}`, ready);
    await use({ own, pods });
  });
}

interface DaemonSetStatus {
  metadata: { generation?: number };
  status?: { observedGeneration?: number; desiredNumberScheduled?: number };
}

/** Pods that will not come up are a problem of theirs alone. */
async function placed(
  running: Running,
  own: Own,
  path: string,
  ready: (pod: PodObject) => boolean,
): Promise<PodObject[]> {
  const { client } = await running.cluster();
  const { signal } = running;
  const named = new Set<string>();
  for (;;) {
    const { status } = await client.json<DaemonSetStatus>({ path, signal, attempts: 3 });
    const wanted = status?.observedGeneration === undefined ? undefined : (status.desiredNumberScheduled ?? 0);
    const pods = await podsOf(client, own.namespace, [selectorOf(own.labels)], signal);
    const lost = pods.filter((pod) => !ready(pod) && hopeless(pod, false) !== undefined);
    for (const pod of lost) {
      if (named.has(pod.metadata.name)) continue;
      named.add(pod.metadata.name);
      running.problem(`node ${pod.spec.nodeName ?? '?'}: ${hopeless(pod, false) ?? ''}`);
    }
    const good = pods.filter(ready);
    running.progress(good.length, wanted);
    if (wanted === 0) throw new HoistError('no node takes its pods');
    if (wanted !== undefined && good.length + lost.length >= wanted) {
      if (good.length === 0) throw new HoistError('its pods can run on no node');
      return good;
    }
    await pause(signal);
  }
}

const started = ({ status }: PodObject): boolean =>
  status?.phase === 'Running' &&
  (status.containerStatuses ?? []).some(({ state }) => state !== undefined && !state.waiting);

const ranOnce = (pod: PodObject): boolean => {
  const [first] = pod.status?.containerStatuses ?? [];
  return first !== undefined && (first.state?.terminated !== undefined || first.restartCount > 0);
};

export const runDaemonSet: Collector = {
  title: 'run-daemonset',
  rights,
  timeoutMs: 60_000,
  claim: (item, namespace) => `${text(item.spec, 'name') ?? ''}/${namespaceOf(item, namespace)}/{node}.log`,
  async run(running) {
    const { item, sink, signal, suffix } = running;
    const { client } = await running.cluster();
    await withNodePods(running, { podSpec: mapping(item.spec, 'podSpec'), ready: ranOnce }, async ({ own, pods }) => {
      await Promise.all(
        pods.map(async (pod) => {
          const previous = pod.status?.containerStatuses?.[0]?.state?.terminated === undefined;
          const path = `/api/v1/namespaces/${encodeURIComponent(own.namespace)}/pods/${encodeURIComponent(pod.metadata.name)}/log`;
          const query = { container: pod.spec.containers[0]?.name, ...(previous ? { previous } : {}) };
          try {
            const content = await client.download({ path, query, accept: '*/*', signal });
            await sink.add({
              path: `${text(item.spec, 'name') ?? ''}${suffix}/${pod.spec.nodeName ?? pod.metadata.name}.log`,
              content,
            });
          } catch (error) {
            running.problem(`node ${pod.spec.nodeName ?? ''}: ${messageOf(error)}`);
          }
        }),
      );
    });
  },
};

const TOLERATIONS = ['node-role.kubernetes.io/master', 'node-role.kubernetes.io/control-plane'].map((key) => ({
  key,
  operator: 'Exists',
  effect: 'NoSchedule',
}));

export const copyFromHost: Collector = {
  title: 'copy-from-host',
  rights,
  order: 'late',
  timeoutMs: 90_000,
  claim: ({ spec }) => firstText(spec, 'name', 'hostPath') ?? '',
  async run(running) {
    const { item } = running;
    const path = (firstText(item.spec, 'hostPath') ?? '/').replace(/(.)\/+$/, '$1');
    const slash = path.lastIndexOf('/');
    // Of a folder right below the root the folder itself is mounted, not the root.
    const [folder, name] = slash <= 0 ? [path, '.'] : [path.slice(0, slash), path.slice(slash + 1)];
    const policy = firstText(item.spec, 'imagePullPolicy');
    const podSpec = {
      tolerations: TOLERATIONS,
      volumes: [{ name: 'host', hostPath: { path: folder, type: 'Directory' } }],
      containers: [
        {
          name: 'collector',
          image: firstText(item.spec, 'image') ?? 'busybox:1',
          ...(policy === undefined ? {} : { imagePullPolicy: policy }),
          command: ['sleep', '1000000'],
          volumeMounts: [{ name: 'host', mountPath: '/host', readOnly: true }],
        },
      ],
    };
    await withNodePods(running, { podSpec, ready: started }, async ({ pods }) => {
      await Promise.all(pods.map((pod) => copyOf(running, { pod, name, path })));
    });
  },
};

async function copyOf(
  running: Running,
  { pod, name, path }: { pod: PodObject; name: string; path: string },
): Promise<void> {
  const { item, sink, signal, suffix } = running;
  const { connection } = await running.cluster();
  const node = pod.spec.nodeName ?? pod.metadata.name;
  const folder = `${firstText(item.spec, 'name') ?? path}${suffix}/${node}`;
  const command = ['tar', '-C', '/host', '-cf', '-', name];
  const { namespace = '' } = pod.metadata;
  const session = execInPod(connection, { namespace, pod: pod.metadata.name, container: 'collector', command, signal });
  const stderr = bufferOf(session.stderr).catch(() => Buffer.alloc(0));
  try {
    if (parseBool(item.spec['extractArchive']) === true) await unpack(session.stdout, folder, running);
    else await sink.add({ path: `${folder}/archive.tar`, content: session.stdout });
    const code = await session.ended;
    if (code !== 0) throw new HoistError(`tar ended with exit code ${code}`);
  } catch (error) {
    running.problem(`node ${node}: ${messageOf(error)}`);
    await sink.add({ path: `${folder}/error.txt`, content: Buffer.from(messageOf(error)) });
    const said = await stderr;
    if (said.length > 0) await sink.add({ path: `${folder}/stderr.txt`, content: said });
  }
}

const PARAMETERS = ['net/ipv4', 'net/bridge', 'vm']
  .map(
    (part) =>
      `find /proc/sys/${part} -type f 2>/dev/null | while read f; do v=$(cat $f 2>/dev/null); echo "$f = $v"; done`,
  )
  .join('\n');

interface Node {
  metadata: { name: string; labels?: Record<string, string> };
  status?: { conditions?: { type: string; status: string }[] };
}

export const sysctl: Collector = {
  timeoutMs: 60_000,
  rights: (item, namespace) => [
    { verb: 'create', resource: 'pods', namespace: namespaceOf(item, namespace) },
    { verb: 'list', resource: 'nodes' },
  ],
  claim: () => 'sysctl/{node}',
  async run(running) {
    const { client, namespace: fallback } = await running.cluster();
    const { items } = await client.json<{ items: Node[] }>({
      path: '/api/v1/nodes',
      signal: running.signal,
      attempts: 3,
    });
    const ready = items.filter(({ status }) =>
      status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    );
    const results = await Promise.all(
      ready.map((node) => parametersOf(running, namespaceOf(running.item, fallback), node)),
    );
    if (!results.includes(true)) throw new HoistError('no node could be asked');
  },
};

async function parametersOf(running: Running, namespace: string, { metadata }: Node): Promise<boolean> {
  const { item, sink, signal, suffix } = running;
  const { client } = await running.cluster();
  const policy = firstText(item.spec, 'imagePullPolicy');
  const name = metadata.name;
  try {
    await withOwn(running, namespace, async (own) => {
      const pulls = await pullSecretsOf(running, own);
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
      const pod = await own.create<PodObject>(path, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `sysctl-${own.id}`, namespace, labels: own.labels },
        spec: {
          nodeName: name,
          hostNetwork: true,
          restartPolicy: 'Never',
          tolerations: TOLERATIONS,
          imagePullSecrets: pulls,
          containers: [
            {
              name: 'run',
              image: firstText(item.spec, 'image') ?? 'busybox:1',
              ...(policy === undefined ? {} : { imagePullPolicy: policy }),
              command: ['sh', '-c', PARAMETERS],
            },
          ],
        },
      });
      const one = `${path}/${encodeURIComponent(pod.metadata.name)}`;
      await waitForPod(running, one, {
        wanted: ({ status }) => status?.phase === 'Succeeded' || status?.phase === 'Failed',
      });
      const content = await client.download({ path: `${one}/log`, accept: '*/*', signal });
      await sink.add({ path: `sysctl${suffix}/${name}`, content });
    });
    return true;
  } catch (error) {
    running.problem(`node ${name}: ${messageOf(error)}`);
    return false;
  }
}
