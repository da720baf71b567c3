// What a cluster is to hold: which sets are for it, in which order, and what becomes of objects that several hold.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Plan, Planner, applies, nameKey, setsOf } from '../../../scripts/fleet/desired/set-plan.ts';
import { parseSet } from '../../../scripts/fleet/sets/parse.ts';
import type { SyncSet } from '../../../scripts/fleet/sets/types.ts';
import type { FleetCluster } from '../../../scripts/fleet/targets/types.ts';
import { configMap, fleetOf, namespace, selectorSet } from '../objects.ts';

const planning = suite('plans of clusters');

const cluster = (name: string, labels: Record<string, string> = { fleet: 'test' }): FleetCluster => ({
  id: `n/${name}`,
  namespace: 'n',
  name,
  uid: name,
  labels,
  annotations: {},
  connection: () => Promise.reject(new Error('not asked for')),
  where: 'here',
});

const syncSet = (name: string, refs: string[], own: string, resources: unknown[] = []): SyncSet =>
  parseSet(
    {
      apiVersion: 'hive.openshift.io/v1',
      kind: 'SyncSet',
      metadata: { name, namespace: own },
      spec: { clusterDeploymentRefs: refs.map((ref) => ({ name: ref })), resourceApplyMode: 'Sync', resources },
    },
    name,
  ).set;

const plan = (sets: SyncSet[], planner = new Planner(), at = cluster('c')): Promise<Plan> =>
  planner.plan(fleetOf(sets, [at]), at);

planning(
  'a SyncSet is for clusters that it names, of its own namespace; a SelectorSyncSet for those with its labels',
  () => {
    assert.is(applies(syncSet('s', ['c'], 'n'), cluster('c')), true);
    assert.is(applies(syncSet('s', ['c'], 'other'), cluster('c')), false);
    assert.is(applies(syncSet('s', ['d'], 'n'), cluster('c')), false);
    assert.is(applies(selectorSet('s', {}), cluster('c')), true);
    assert.is(applies(selectorSet('s', {}), cluster('c', {})), false);
    assert.is(applies({ ...selectorSet('s', {}), selector: undefined }, cluster('c')), false);
  },
);

planning('SyncSets come before SelectorSyncSets, each by name', () => {
  const sets = [selectorSet('b', {}), selectorSet('a', {}), syncSet('z', ['c'], 'n'), syncSet('y', ['c'], 'n')];
  assert.equal(
    setsOf({ sets }, cluster('c')).map(({ name }) => name),
    ['y', 'z', 'a', 'b'],
  );
});

planning('an object that two sets hold is there once, in the form of the last, and belongs to both', async () => {
  const one = selectorSet('a', { resources: [configMap('shared', { k: '1' }), configMap('own', {})] });
  const two = selectorSet('b', { resources: [namespace('x'), configMap('shared', { k: '2' })] });
  const made = await plan([one, two]);
  assert.equal(
    made.items.map(({ name, owners }) => [name, owners]),
    [
      ['shared', ['SelectorSyncSet/a', 'SelectorSyncSet/b']],
      ['own', ['SelectorSyncSet/a']],
      ['x', ['SelectorSyncSet/b']],
    ],
  );
  assert.equal(made.items[0]?.object['data'], { k: '2' });
  assert.equal(made.order, [
    [0, 1],
    [2, 0],
  ]);
  assert.equal(made.conflicts, ['/ConfigMap default/shared (SelectorSyncSet/b wins)']);
  assert.equal(
    [...(made.kinds.get('/ConfigMap')?.byName ?? [])],
    [
      ['default/shared', 0],
      ['default/own', 1],
    ],
  );
  assert.is(nameKey(undefined, 'x'), '/x');
});

planning('the same form in both is no conflict', async () => {
  const resources = [configMap('shared', { k: '1' })];
  const { conflicts, items } = await plan([selectorSet('a', { resources }), selectorSet('b', { resources })]);
  assert.equal(conflicts, []);
  assert.is(items.length, 1);
});

planning('a set that cannot be rendered is known as such, the others are not', async () => {
  const spec = { enableResourceTemplates: true, resources: [configMap('a', { k: '{{ nonsense }}' })] };
  const { unknown } = await plan([selectorSet('bad', spec), selectorSet('good', {})]);
  assert.equal([...unknown], ['SelectorSyncSet/bad']);
});

planning('clusters for which the same comes out share the plan', async () => {
  const planner = new Planner();
  const sets = [selectorSet('a', { resources: [configMap('x', {})] }), syncSet('only', ['d'], 'n')];
  const fleet = fleetOf(sets, []);
  const [first, second, other] = await Promise.all(['c', 'e', 'd'].map((name) => planner.plan(fleet, cluster(name))));
  assert.is(first, second);
  assert.is.not(first, other);
});

planning.run();
