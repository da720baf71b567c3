import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeItem } from '../../../scripts/fleet/desired/item.ts';
import type { Plan } from '../../../scripts/fleet/desired/set-plan.ts';
import { unhealthyOf } from '../../../scripts/fleet/rollout/health.ts';
import { type Answer, refused, scriptedSpoke } from '../scripted.ts';

const health = suite('fleet/rollout/health');

const workload = (name: string, apiVersion = 'apps/v1', kind = 'Deployment', namespace?: string) =>
  makeItem(
    { apiVersion, kind, metadata: { name, ...(namespace && { namespace }) } },
    { behavior: 'Apply', owners: [], recreate: false },
  );
const running: Answer = {
  body: {
    metadata: { generation: 1 },
    spec: { replicas: 1 },
    status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
  },
};
const waiting: Answer = { body: { metadata: { generation: 1 }, spec: { replicas: 1 }, status: {} } };
const stuck: Answer = {
  body: {
    metadata: { generation: 1 },
    spec: { replicas: 1 },
    status: {
      observedGeneration: 1,
      conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
    },
  },
};

/** What is said of a cluster whose workloads are answered by their names. */
async function looked(items: readonly ReturnType<typeof workload>[], answers: Record<string, Answer>) {
  const { spoke, asked } = scriptedSpoke(({ path }) => answers[path.split('/').at(-1) ?? ''] ?? refused(404, 'none'));
  const found = await unhealthyOf({ items } as unknown as Plan, spoke, new AbortController().signal).catch(
    (error: unknown) => ({ why: String(error), final: undefined }),
  );
  return { found, asked: asked.filter((one) => !/\/apis?$/.test(one)) };
}

health('workloads are looked at where they are, and nothing else', async () => {
  const items = [
    workload('a'),
    workload('b', 'apps/v1', 'Deployment', 'n'),
    workload('c', 'v1', 'ConfigMap'),
    workload('d', 'other/v1', 'Deployment'),
  ];
  const { found, asked } = await looked(items, { a: running, b: running });
  assert.is(found, undefined);
  assert.equal(asked, [
    'GET /apis/apps/v1/namespaces/default/deployments/a',
    'GET /apis/apps/v1/namespaces/n/deployments/b',
  ]);
});

health('the first that does not run, one for which waiting does not help before others', async () => {
  const items = [workload('a'), workload('b'), workload('c')];
  const one = (await looked(items, { a: running, b: waiting, c: waiting })).found as { why: string; final: boolean };
  assert.match(one.why, /^Deployment default\/b: /);
  assert.is(one.final, false);
  const final = (await looked(items, { a: waiting, b: running, c: stuck })).found as { why: string; final: boolean };
  assert.match(final.why, /^Deployment default\/c: /);
  assert.is(final.final, true);
  assert.equal((await looked([workload('x')], {})).found, { why: 'Deployment default/x does not exist', final: false });
  assert.match((await looked([workload('x')], { x: refused(403, 'not allowed') })).found?.why ?? '', 'not allowed');
});

health.run();
