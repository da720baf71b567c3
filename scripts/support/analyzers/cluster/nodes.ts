// Checks of what nodes have: counts and sums of their resources, their conditions.

import { BadCheck, record, string, text, type Check, type KubeObject } from '../base/check.ts';
import { firstOf, outcomesOf } from '../base/outcomes.ts';
import { holds, operator, order, quantity, wantedQuantity, words } from '../base/compare.ts';
import { matchesSelector } from '../base/selector.ts';
import { render } from '../base/template.ts';

/** Names in specs, and in a node's status. */
const RESOURCES: Readonly<Record<string, string>> = {
  cpu: 'cpu',
  memory: 'memory',
  pod: 'pods',
  ephemeralStorage: 'ephemeral-storage',
};

const QUANTITIES: readonly string[] = [
  'cpuCapacity',
  'cpuAllocatable',
  'memoryCapacity',
  'memoryAllocatable',
  'podCapacity',
  'podAllocatable',
  'ephemeralStorageCapacity',
  'ephemeralStorageAllocatable',
];

export const nodeResources: Check = {
  title: () => 'Node Resources',
  icon: { key: 'kubernetes_node_resources', file: 'node-resources.svg?w=16&h=18' },
  collectors: ['clusterResources'],
  async run(spec, files) {
    const path = 'cluster-resources/nodes.json';
    if (spec['ignoreIfNoFiles'] === true && !files.paths.includes(path)) return [];
    const all = await files.items(path);
    const filters = record(spec['filters']);
    const nodes = all.filter((node) => passes(node, filters));
    const values = { Filters: filters, NodeCount: nodes.length };
    return [
      firstOf(outcomesOf(spec), {
        holds: (when) => compare(when, nodes, text(filters, 'resourceName')),
        found: `${nodes.length} of ${all.length} nodes that the filters let pass`,
        message: ({ message }) => render(message, values),
      }),
    ];
  },
};

function compare(when: string, nodes: readonly KubeObject[], resourceName: string): boolean {
  const parts = words(when, 2, 3);
  const [subject = '', sign = '', wanted = ''] = parts.length === 2 ? ['count()', ...parts] : parts;
  const call = /^(.*)\((.*)\)$/.exec(subject === 'count' ? 'count()' : subject);
  if (!call) throw new BadCheck(`"${subject}" is no function like count() or sum(cpuCapacity)`);
  const [, name = '', property = ''] = call;
  if (name === 'nodeCondition') {
    if (!/^={1,3}$/.test(sign)) throw new BadCheck('nodeCondition() is compared with == only');
    return nodes.some(({ status }) =>
      (Array.isArray(status?.['conditions']) ? (status['conditions'] as unknown[]) : []).some(
        (condition) => record(condition)['type'] === property && record(condition)['status'] === wanted,
      ),
    );
  }
  const actual = measure(name, { nodes, property, resourceName });
  return actual !== undefined && holds(operator(sign), order(actual, wantedQuantity(wanted)));
}

interface Measured {
  nodes: readonly KubeObject[];
  property: string;
  resourceName: string;
}

/** In billionths; undefined for the least and the most of nothing. */
function measure(name: string, { nodes, property, resourceName }: Measured): bigint | undefined {
  if (name === 'count') return BigInt(nodes.length) * 10n ** 9n;
  if (name === 'countDistinct') {
    const values = nodes.map(({ metadata }) => metadata?.labels?.[property]).filter((value) => value !== undefined);
    return BigInt(new Set(values).size) * 10n ** 9n;
  }
  const amounts = nodes.map((node) => amountOf(node, property, resourceName)).filter((amount) => amount !== undefined);
  if (name === 'sum') return amounts.reduce((sum, amount) => sum + amount, 0n);
  if (name === 'min' || name === 'max') {
    if (amounts.length === 0) return undefined;
    return amounts.reduce((best, amount) => ((name === 'min') === amount < best ? amount : best));
  }
  throw new BadCheck(`"${name}" is none of count, countDistinct, min, max, sum, nodeCondition`);
}

function amountOf(node: KubeObject, property: string, resourceName: string): bigint | undefined {
  const match = /^(\w+?)(Capacity|Allocatable)$/.exec(property);
  const [, name = '', part = ''] = match ?? [];
  const resource = name === 'resource' ? resourceName : Object.hasOwn(RESOURCES, name) ? RESOURCES[name] : undefined;
  if (resource === undefined)
    throw new BadCheck(`"${property}" is nothing that a node has: cpuCapacity, memoryAllocatable … are`);
  const amount = record(node.status?.[part.toLowerCase()])[resource];
  if (amount === undefined) return name === 'resource' ? undefined : 0n;
  return quantity(typeof amount === 'number' ? String(amount) : string(amount));
}

function passes(node: KubeObject, filters: Readonly<Record<string, unknown>>): boolean {
  const resourceName = text(filters, 'resourceName');
  if (resourceName !== '') {
    const capacity = record(node.status?.['capacity'])[resourceName];
    const allocatable = record(node.status?.['allocatable'])[resourceName];
    if (capacity === undefined && allocatable === undefined) return false;
    for (const property of ['resourceCapacity', 'resourceAllocatable']) {
      if (!atLeast(node, property, text(filters, property), resourceName)) return false;
    }
  }
  const selector = record(filters['selector']);
  if (
    !matchesSelector(node.metadata?.labels ?? {}, {
      labels: selector['matchLabel'] ?? selector['matchLabels'],
      expressions: selector['matchExpressions'],
    })
  )
    return false;
  const taint = record(filters['taint']);
  if (Object.keys(taint).length > 0 && !hasTaint(node, taint)) return false;
  const architecture = text(filters, 'cpuArchitecture').toLowerCase();
  if (architecture !== '' && string(record(node.status?.['nodeInfo'])['architecture']).toLowerCase() !== architecture)
    return false;
  return QUANTITIES.every((property) => atLeast(node, property, text(filters, property), resourceName));
}

function atLeast(node: KubeObject, property: string, wanted: string, resourceName: string): boolean {
  return wanted === '' || (amountOf(node, property, resourceName) ?? 0n) >= wantedQuantity(wanted);
}

function hasTaint({ spec }: KubeObject, wanted: Readonly<Record<string, unknown>>): boolean {
  const taints = Array.isArray(spec?.['taints']) ? (spec['taints'] as unknown[]).map(record) : [];
  return taints.some(
    (taint) =>
      taint['key'] === wanted['key'] &&
      string(taint['value']) === string(wanted['value']) &&
      taint['effect'] === wanted['effect'],
  );
}
