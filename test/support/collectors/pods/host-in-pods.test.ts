// Host collectors on nodes: which pods are made, which collector runs on which node, where its files go, and what fails alone.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Collector, Running } from '../../../../scripts/support/collectors/collector.ts';
import { type NodeItem, hostInPods } from '../../../../scripts/support/collectors/pods/host-in-pods.ts';
import { clusterDouble } from '../cluster-double.ts';
import { runCollector } from '../running.ts';

const test = suite('support/collectors/pods/host-in-pods');

const SETS = '/apis/apps/v1/namespaces/[^/]+/daemonsets';
const PODS = '/api/v1/namespaces/[^/]+/pods';
const RUNS = { phase: 'Running', containerStatuses: [{ name: 'collector', restartCount: 0, state: { running: {} } }] };
const pod = (node: string, status: object = RUNS): object => ({
  metadata: { name: `p-${node}`, namespace: 'default' },
  spec: { nodeName: node, containers: [{ name: 'collector' }] },
  status,
});
const LABELS: Readonly<Record<string, Record<string, string> | undefined>> = {
  n1: { disk: 'ssd', zone: 'a' },
  n2: { disk: 'hdd' },
  n3: undefined,
};

interface Ran {
  /** `NAME NODE` of each collector that ran. */
  on: string[];
  links: Record<string, string>;
  podSpec: Record<string, unknown>;
}

const itemOf = (name: string, nodeSelector: Record<string, string> | undefined, collector: Collector): NodeItem => ({
  item: { kind: 'test', host: true, spec: { collectorName: name }, nodeSelector } as unknown as NodeItem['item'],
  collector,
  suffix: '',
});

async function ran(
  selectors: readonly (Record<string, string> | undefined)[],
  work: (running: Running, node: string) => Promise<void> = () => Promise.resolve(),
) {
  const found: Ran = { on: [], links: {}, podSpec: {} };
  const { cluster, asked } = clusterDouble(
    {
      [`POST ${SETS}`]: ({ body = {} }) => body,
      [`GET ${SETS}/[^/]+`]: { metadata: {}, status: { observedGeneration: 1, desiredNumberScheduled: 3 } },
      [`DELETE ${SETS}/.*`]: {},
      [`DELETE ${PODS}`]: {},
      [`GET ${PODS}`]: { metadata: {}, items: ['n3', 'n1', 'n2'].map((node) => pod(node)) },
      'GET /api/v1/nodes': {
        metadata: {},
        items: Object.entries(LABELS).map(([name, labels]) => ({ metadata: { name, ...(labels && { labels }) } })),
      },
    },
    { connection: { server: 'https://none.invalid' } },
  );
  const items = selectors.map((selector, at) =>
    itemOf(`c${at}`, selector, {
      claim: () => undefined,
      async run(running) {
        const path = `host-collectors/kind/c${at}.txt`;
        const written = await running.sink.add({ path, content: Buffer.from('x') });
        const node = /^host-collectors\/kind\/([^/]+)\//.exec(written ?? '')?.[1] ?? '?';
        found.on.push(`c${at} ${node}`);
        await work(running, node);
      },
    }),
  );
  const all = hostInPods(items);
  const kept: Collector = {
    ...all,
    run: (running) =>
      all.run({
        ...running,
        sink: {
          add: async (file) => {
            await running.sink.add(file);
            return file.path;
          },
          link: (path, target) => void (found.links[path] = target),
        },
      }),
  };
  const result = await runCollector(kept, {}, { cluster });
  const set = asked.find(({ what }) => what.startsWith('POST'))?.body as
    { spec: { template: { spec: Record<string, unknown> } } } | undefined;
  return { ...result, ...found, on: found.on.sort(), podSpec: set?.spec.template.spec ?? {}, asked };
}

test('collectors for all nodes run on each, in pods that see the machine', async () => {
  const { on, files, links, podSpec, asked, problems, progress } = await ran([undefined, undefined]);
  assert.equal(on, ['c0 n1', 'c0 n2', 'c0 n3', 'c1 n1', 'c1 n2', 'c1 n3']);
  assert.equal(JSON.parse(files['host-collectors/system/node_list.json'] ?? ''), { nodes: ['n1', 'n2', 'n3'] });
  assert.is(files['host-collectors/kind/n2/c1.txt'], 'x');
  assert.is(links['host-collectors/n2/kind/c1.txt'], 'host-collectors/kind/n2/c1.txt');
  assert.equal([podSpec['hostNetwork'], podSpec['hostPID'], podSpec['hostIPC']], [true, true, true]);
  assert.equal(podSpec['nodeSelector'], {});
  const [container] = podSpec['containers'] as {
    securityContext: object;
    volumeMounts: { readOnly: boolean }[];
  }[];
  assert.equal([container?.securityContext, container?.volumeMounts[0]?.readOnly], [{ privileged: true }, true]);
  assert.not.ok(asked.some(({ what }) => what.endsWith('/nodes')));
  assert.equal(problems, []);
  assert.equal(progress.slice(-2), [
    [5, 6],
    [6, 6],
  ]);
});

test('those that are all for the same nodes have pods there alone, as the scheduler sees it', async () => {
  const { on, podSpec, asked } = await ran([{ disk: 'ssd' }, { disk: 'ssd' }]);
  assert.equal(podSpec['nodeSelector'], { disk: 'ssd' });
  assert.is(on.length, 6, 'the pods that came are the nodes');
  assert.not.ok(asked.some(({ what }) => what.includes('/api/v1/nodes')));
});

test('those for different nodes have pods on all, and each runs where its labels are', async () => {
  const { on, podSpec, progress } = await ran([
    { disk: 'ssd' },
    { disk: 'hdd' },
    undefined,
    { disk: 'ssd', zone: 'b' },
  ]);
  assert.is('nodeSelector' in podSpec, false);
  assert.equal(on, ['c0 n1', 'c1 n2', 'c2 n1', 'c2 n2', 'c2 n3']);
  assert.equal(progress.at(-1), [5, 5]);
});

test('what fails on a node is said with the node, and the others go on', async () => {
  const { problems, notes, on } = await ran([undefined], (running, node) => {
    if (node === 'n2') return Promise.reject(new Error('no disk'));
    running.note('a remark');
    if (node === 'n3') running.problem('half of it');
    return Promise.resolve();
  });
  assert.is(on.length, 3);
  assert.equal(problems.sort(), ['test/c0 on node n2: no disk', 'test/c0 on node n3: half of it']);
  assert.equal(notes.sort(), ['test/c0 on node n1: a remark', 'test/c0 on node n3: a remark']);
});

test('what it must be allowed to, in its namespace', () => {
  const { rights } = hostInPods([]);
  const of = (namespace: string): unknown[] => (rights?.({} as never, namespace) ?? []).map((one) => one.namespace);
  assert.equal(of('web'), ['web', 'web', 'web']);
  assert.equal(of(''), ['default', 'default', 'default']);
});

test.run();
