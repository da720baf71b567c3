// What a user lacks for collectors, in words, from one question for each right; what cannot be asked counts as given.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lackingRights } from '../../../scripts/support/cluster/rights.ts';
import type { Right } from '../../../scripts/support/collectors/collector.ts';
import type { PlannedItem } from '../../../scripts/support/plan/collect-plan.ts';
import { clusterDouble } from '../collectors/cluster-double.ts';

const test = suite('support/cluster/rights');

const REVIEWS = 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

interface Attributes {
  verb: string;
  group: string;
  resource: string;
}

/** What is said of steps with these rights by a server that refuses what `denies` says. */
async function lacking(
  steps: Readonly<Record<string, readonly Right[] | undefined>>,
  denies: (asked: Attributes) => boolean,
) {
  const { cluster, asked } = clusterDouble({
    [REVIEWS]: ({ body }) => {
      const { resourceAttributes } = body?.['spec'] as { resourceAttributes: Attributes };
      return { status: { allowed: !denies(resourceAttributes) } };
    },
  });
  const items = Object.entries(steps).map(([step, rights]) => ({
    step,
    item: {},
    collector: rights === undefined ? undefined : { rights: () => rights },
  }));
  const planned = items.map((one) => ({ ...one, collector: one.collector ?? {} })) as unknown as PlannedItem[];
  if (cluster.client === undefined) throw new Error('no client');
  const { signal } = new AbortController();
  const found = await lackingRights(cluster.client, planned, { namespace: 'ns', signal });
  return { found: Object.fromEntries(found), asked };
}

const list: Right = { verb: 'list', resource: 'pods' };
const exec: Right = { verb: 'create', resource: 'pods', subresource: 'exec', namespace: 'web' };
const deploy: Right = { verb: 'get', group: 'apps', resource: 'deployments', namespace: 'web', name: 'db' };

test('one right or several, in words; a step that lacks nothing is not named', async () => {
  const steps = { a: [list], b: [list, exec, deploy], c: [], d: undefined };
  assert.equal((await lacking(steps, () => false)).found, {});
  assert.equal((await lacking(steps, ({ verb }) => verb === 'list')).found, {
    a: 'not allowed to list pods in all namespaces',
    b: 'not allowed to list pods in all namespaces',
  });
  assert.equal(
    (await lacking(steps, () => true)).found['b'],
    'not allowed to list pods in all namespaces, nor to create pods/exec in namespace web, nor to get deployments.apps db in namespace web',
  );
});

test('the same right is asked once, the core group by its empty name', async () => {
  const { asked } = await lacking({ a: [list], b: [list, deploy], c: [list] }, () => false);
  const groups = asked.map(
    ({ body }) => (body?.['spec'] as { resourceAttributes: Attributes }).resourceAttributes.group,
  );
  assert.equal(groups.sort(), ['', 'apps']);
});

test('a server that answers no such question lacks nothing', async () => {
  const { cluster } = clusterDouble({});
  if (cluster.client === undefined) throw new Error('no client');
  const items = [{ step: 'a', item: {}, collector: { rights: () => [list] } }] as unknown as PlannedItem[];
  const { signal } = new AbortController();
  assert.is((await lackingRights(cluster.client, items, { namespace: '', signal })).size, 0);
});

test.run();
