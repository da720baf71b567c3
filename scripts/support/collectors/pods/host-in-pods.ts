// Host collectors on the nodes of the cluster: a privileged pod on each, through which the same collectors look at it.

import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../../../base/errors.ts';
import type { Item } from '../../types.ts';
import { type PodObject, listAll } from '../cluster/lists.ts';
import { type Collector, type Running, json, titleOf } from '../collector.ts';
import { nodeExec, nodeMachine, ROOT } from './node-machine.ts';
import { withNodePods } from './nodes.ts';

/** One of them, with the collector that knows how. */
export interface NodeItem {
  item: Item;
  collector: Collector;
  suffix: string;
}

/** What needs more of a node than its files and programs is left to the machine that hoist runs on. */
export const ON_NODES: ReadonlySet<string> = new Set(
  'cpu memory hostOS ipv4Interfaces kernelModules kernelConfigs cgroups hostServices blockDevices sysctl time journald systemPackages diskUsage subnetAvailable run tcpPortStatus udpPortStatus tcpConnect copy certificate certificatesCollection'.split(
    ' ',
  ),
);

const IMAGE = 'busybox:1';
const CONTAINER = 'collector';

export function hostInPods(items: readonly NodeItem[]): Collector {
  return {
    title: 'host collectors in pods',
    timeoutMs: 120_000,
    claim: () => 'host-collectors/{kind}/{node}',
    rights: (_item, namespace) => {
      const of = { namespace: namespace || 'default' };
      return [
        { verb: 'create', group: 'apps', resource: 'daemonsets', ...of },
        { verb: 'delete', group: 'apps', resource: 'daemonsets', ...of },
        { verb: 'create', resource: 'pods', subresource: 'exec', ...of },
      ];
    },
    async run(running) {
      const selectors = items.map(({ item }) => item.nodeSelector ?? {});
      const isSame = selectors.every((one) => isDeepStrictEqual(one, selectors[0]));
      // Where they are for different nodes, pods run on all of them, and each collector where it is to.
      const podSpec = isSame ? { ...POD, nodeSelector: selectors[0] } : POD;
      const labels = isSame ? undefined : await labelsOfNodes(running);
      const wanted = (node: string): readonly NodeItem[] =>
        items.filter(({ item }) => labels === undefined || isFor(item, labels.get(node) ?? {}));
      await withNodePods(running, { podSpec, ready }, async ({ pods }) => {
        const nodes = pods.map(nodeOf).sort();
        await running.sink.add({ path: 'host-collectors/system/node_list.json', content: json({ nodes }) });
        let done = 0;
        const total = pods.reduce((sum, pod) => sum + wanted(nodeOf(pod)).length, 0);
        await Promise.all(
          pods.map(async (pod) => {
            // One after the other on each node, which has its own work to do.
            for (const one of wanted(nodeOf(pod))) {
              await collectOn(running, pod, one);
              running.progress(++done, total);
            }
          }),
        );
      });
    },
  };
}

async function labelsOfNodes({ cluster, signal }: Running): Promise<Map<string, Record<string, string>>> {
  const { client } = await cluster();
  const { items } = await listAll(client, { path: '/api/v1/nodes', signal });
  return new Map(items.map(({ metadata }) => [metadata.name, metadata.labels ?? {}]));
}

const isFor = ({ nodeSelector = {} }: Item, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(nodeSelector).every(([key, value]) => labels[key] === value);

const nodeOf = (pod: PodObject): string => pod.spec.nodeName ?? pod.metadata.name;

const ready = ({ status }: PodObject): boolean =>
  status?.phase === 'Running' &&
  (status.containerStatuses ?? []).some(({ state }) => state !== undefined && !state.waiting);

const POD: Record<string, unknown> = {
  hostNetwork: true,
  hostPID: true,
  hostIPC: true,
  tolerations: [{ operator: 'Exists' }],
  volumes: [{ name: 'root', hostPath: { path: '/', type: 'Directory' } }],
  containers: [
    {
      name: CONTAINER,
      image: IMAGE,
      command: ['sleep', '1000000'],
      securityContext: { privileged: true },
      volumeMounts: [{ name: 'root', mountPath: ROOT, readOnly: true }],
    },
  ],
};

async function collectOn(running: Running, pod: PodObject, { item, collector, suffix }: NodeItem): Promise<void> {
  const { connection } = await running.cluster();
  const { signal, sink } = running;
  const node = nodeOf(pod);
  const { namespace = '', name } = pod.metadata;
  const at = { connection, namespace, pod: name, container: CONTAINER, signal };
  const title = `${titleOf(item, collector)} on node ${node}`;
  try {
    await collector.run({
      ...running,
      item,
      suffix,
      host: { exec: nodeExec(at), env: {}, root: '/', machine: nodeMachine(at) },
      sink: {
        // Where the analyzers look, and where viewers look for all of a node.
        add: async (file) => {
          const [, kind = '', rest = ''] = /^host-collectors\/([^/]+)\/(.*)$/s.exec(file.path) ?? [];
          const path = await sink.add({ ...file, path: `host-collectors/${kind}/${node}/${rest}` });
          if (path !== undefined) sink.link(`host-collectors/${node}/${kind}/${rest}`, path);
          return path;
        },
        link: (path, target) => sink.link(path, target),
      },
      note: (text) => running.note(`${title}: ${text}`),
      problem: (text) => running.problem(`${title}: ${text}`),
      progress: () => undefined,
    });
  } catch (error) {
    signal.throwIfAborted();
    running.problem(`${title}: ${messageOf(error)}`);
  }
}
