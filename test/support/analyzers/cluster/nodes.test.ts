// Checks of nodes: what is counted and summed, which nodes the filters let pass, and what is refused.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Asked, each, run } from '../ask.ts';

const nodes = suite('support/analyzers/cluster/nodes');

type Json = Record<string, unknown>;

const node = (name: string, status: Json, more: { labels?: Json; taints?: unknown } = {}): Json => ({
  metadata: { name, labels: more.labels ?? {} },
  spec: more.taints === undefined ? {} : { taints: more.taints },
  status,
});

const asked = (...items: unknown[]): Asked => ({ files: { 'cluster-resources/nodes.json': { items } } });

const BIG = node(
  'big',
  {
    capacity: { cpu: '8', memory: '32Gi', pods: 110, 'ephemeral-storage': '200Gi', 'nvidia.com/gpu': '4' },
    allocatable: { cpu: '7500m', memory: '30Gi', pods: '100', 'ephemeral-storage': '180Gi', 'nvidia.com/gpu': '2' },
    nodeInfo: { architecture: 'arm64' },
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'DiskPressure', status: 'False' },
    ],
  },
  { labels: { zone: 'a', rack: '1' }, taints: [{ key: 'gpu', effect: 'NoSchedule' }] },
);
const SMALL = node(
  'small',
  {
    capacity: { cpu: '2', memory: '4Gi', hugepages: '1' },
    allocatable: { cpu: '2' },
    nodeInfo: { architecture: 'amd64' },
  },
  { labels: { zone: 'a' }, taints: [{ key: 'gpu', value: 'no', effect: 'NoExecute' }] },
);

nodes('what is measured of all nodes', async () => {
  await each('nodeResources', asked(BIG, SMALL), {
    'count == 2': true,
    'count() != 2': false,
    '== 2': true,
    'countDistinct(zone) == 1': true,
    'countDistinct(rack) == 1': true,
    'countDistinct(nothing) == 0': true,
    'min(cpuCapacity) == 2': true,
    'max(cpuCapacity) == 8': true,
    'sum(cpuAllocatable) == 9500m': true,
    'sum(memoryCapacity) == 36Gi': true,
    'sum(podCapacity) == 110': true,
    'max(podAllocatable) == 100': true,
    // What a node does not say is nothing.
    'min(podAllocatable) == 0': true,
    'max(ephemeralStorageAllocatable) == 180Gi': true,
    'nodeCondition(Ready) == True': true,
    'nodeCondition(Ready) === True': true,
    'nodeCondition(DiskPressure) = True': false,
    'nodeCondition(DiskPressure) = False': true,
    'nodeCondition(Unknown) == True': false,
  });
  await each('nodeResources', asked(SMALL, BIG), { 'min(cpuCapacity) == 2': true, 'max(cpuCapacity) == 8': true });
});

nodes('of no node there is neither a least nor a most, but a count and a sum', async () => {
  await each('nodeResources', asked(), {
    'min(cpuCapacity) >= 0': false,
    'max(cpuCapacity) >= 0': false,
    'sum(cpuCapacity) == 0': true,
    'count() == 0': true,
  });
});

nodes('a resource of any name is that of the filter; nodes without it do not count', async () => {
  const gpu = { ...asked(BIG, SMALL), spec: { filters: { resourceName: 'nvidia.com/gpu' } } };
  await each('nodeResources', gpu, {
    'count() == 1': true,
    'sum(resourceCapacity) == 4': true,
    'min(resourceAllocatable) == 2': true,
  });
});

nodes('what is no condition is refused with what would be one', async () => {
  const says = async (when: string): Promise<string> => {
    const results = await run('nodeResources', { outcomes: [{ fail: { when, message: 'm' } }] }, asked(BIG));
    return `${results[0]?.reason}: ${results[0]?.message}`;
  };
  assert.match(await says('average(cpuCapacity) > 1'), '"average" is none of count, countDistinct, min');
  assert.match(await says('sum(cpu) > 1'), '"cpu" is nothing that a node has');
  assert.match(await says('sum(toStringCapacity) > 1'), '"toStringCapacity" is nothing that a node has');
  assert.match(await says('cpuCapacity > 1'), '"cpuCapacity" is no function');
  assert.match(await says('nodeCondition(Ready) > True'), 'nodeCondition() is compared with == only');
  assert.match(await says('>'), 'has 1 words, not 2 or 3');
  // A good condition that does not hold: said with how many nodes there were.
  assert.match(await says('count() > 1'), '1 of 1 nodes that the filters let pass');
});

nodes('filters', async () => {
  const passing = async (filters: Json): Promise<string | undefined> => {
    const outcomes = [{ pass: { message: '{{ .NodeCount }}' } }];
    const results = await run('nodeResources', { filters, outcomes }, asked(BIG, SMALL));
    return results[0]?.message;
  };
  const table: [Json, string][] = [
    [{}, '2'],
    [{ cpuCapacity: '2' }, '2'],
    [{ cpuCapacity: '2001m' }, '1'],
    [{ cpuAllocatable: '7500m' }, '1'],
    [{ cpuAllocatable: '7501m' }, '0'],
    [{ memoryCapacity: '4Gi' }, '2'],
    [{ memoryAllocatable: '1' }, '1'],
    [{ podCapacity: '110' }, '1'],
    [{ podAllocatable: '101' }, '0'],
    [{ ephemeralStorageCapacity: '200Gi' }, '1'],
    [{ ephemeralStorageAllocatable: '181Gi' }, '0'],
    [{ cpuArchitecture: 'ARM64' }, '1'],
    [{ cpuArchitecture: 's390x' }, '0'],
    [{ resourceName: 'nvidia.com/gpu' }, '1'],
    [{ resourceName: 'nvidia.com/gpu', resourceCapacity: '4' }, '1'],
    [{ resourceName: 'nvidia.com/gpu', resourceCapacity: '5' }, '0'],
    [{ resourceName: 'nvidia.com/gpu', resourceAllocatable: '3' }, '0'],
    [{ resourceName: 'amd.com/gpu' }, '0'],
    // Of a resource whose use is not planned there is a capacity alone.
    [{ resourceName: 'hugepages' }, '1'],
    [{ taint: { key: 'gpu' } }, '0'],
    [{ selector: { matchLabel: { rack: '1' } } }, '1'],
    [{ selector: { matchLabels: { zone: 'a' } } }, '2'],
    [{ selector: { matchExpressions: [{ key: 'rack', operator: 'DoesNotExist' }] } }, '1'],
    [{ taint: { key: 'gpu', effect: 'NoSchedule' } }, '1'],
    [{ taint: { key: 'gpu', value: 'no', effect: 'NoExecute' } }, '1'],
    [{ taint: { key: 'gpu', value: 'yes', effect: 'NoExecute' } }, '0'],
    [{ taint: { key: 'cpu', effect: 'NoSchedule' } }, '0'],
    [{ cpuCapacity: '4', cpuArchitecture: 'amd64' }, '0'],
  ];
  for (const [filters, count] of table) assert.is(await passing(filters), count, JSON.stringify(filters));
});

nodes('no list of nodes: nothing where that is allowed, else a failure', async () => {
  const outcomes = [{ pass: { message: 'p' } }];
  assert.equal(await run('nodeResources', { ignoreIfNoFiles: true, outcomes }), []);
  const [missing] = await run('nodeResources', { outcomes });
  assert.match(missing?.message ?? '', 'cluster-resources/nodes.json');
  const some = await run('nodeResources', { ignoreIfNoFiles: true, outcomes }, asked(BIG));
  assert.is(some[0]?.outcome, 'pass');
});

nodes.run();
