// Lists page by page, one that expires in between, and answers that are no lists or no pods.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failureOf } from '../../../failure.ts';
import type { KubeClient } from '../../../../scripts/kube/client/client.ts';
import { KubeApiError } from '../../../../scripts/kube/client/errors.ts';
import { isPod, listAll, podsOf } from '../../../../scripts/support/collectors/cluster/lists.ts';
import { clusterDouble } from '../cluster-double.ts';

const lists = suite('support/collectors/cluster/lists');

const { signal } = new AbortController();
const named = (name: string) => ({ metadata: { name } });
const clientOf = (answer: (what: string) => object) => {
  const { cluster, asked } = clusterDouble({ 'GET .*': ({ what }) => answer(what) });
  return { client: cluster.client as unknown as KubeClient, asked: () => asked.map(({ what }) => what) };
};

lists('all pages as one list', async () => {
  const { client, asked } = clientOf((what) =>
    what.includes('continue=t1')
      ? { metadata: {}, items: [named('b')] }
      : { kind: 'L', metadata: { continue: 't1', resourceVersion: '7' }, items: [named('a')] },
  );
  const all = await listAll(client, { path: '/x', labelSelector: 'a=b', fieldSelector: 'c=d', signal });
  assert.equal(all, { kind: 'L', metadata: { resourceVersion: '7' }, items: [named('a'), named('b')] });
  assert.equal(asked(), [
    'GET /x?limit=500&labelSelector=a%3Db&fieldSelector=c%3Dd',
    'GET /x?limit=500&continue=t1&labelSelector=a%3Db&fieldSelector=c%3Dd',
  ]);
});

lists('one that has expired is asked for at once; other failures are thrown', async () => {
  const failing = (status: number) =>
    clientOf((what) => {
      if (what.includes('continue')) throw new KubeApiError('no', { status });
      return {
        metadata: what.includes('limit') ? { continue: 't' } : {},
        items: [named(what.includes('limit') ? 'page' : 'whole')],
      };
    });
  const expired = failing(410);
  assert.equal((await listAll(expired.client, { path: '/x', signal })).items, [named('whole')] as never);
  assert.is(expired.asked().at(-1), 'GET /x');
  assert.is(await failureOf(listAll(failing(403).client, { path: '/x', signal })), 'no');
});

lists('what Go writes for no objects is an empty list; what is no list is refused', async () => {
  const of = (answer: object) =>
    listAll(clientOf(() => answer).client, { path: '/x', signal }).then(
      ({ items }) => items,
      (error: unknown) => (error as Error).message,
    );
  assert.equal(await of({ metadata: {}, items: null }), []);
  assert.equal(await of({}), []);
  for (const answer of [[], { items: {} }, { items: 'x' }, { metadata: 'x' }])
    assert.is(await of(answer), 'GET /x: the answer is no list', JSON.stringify(answer));
});

lists('pods of one namespace, or of all, by labels', async () => {
  const { client, asked } = clientOf(() => ({ items: [{ ...named('a'), spec: { containers: [] } }, named('no pod')] }));
  assert.equal(
    (await podsOf(client, '', [], signal)).map(({ metadata }) => metadata.name),
    ['a'],
  );
  await podsOf(client, 'n', ['a=b', 'c'], signal);
  assert.equal(asked(), [
    'GET /api/v1/pods?limit=500',
    'GET /api/v1/namespaces/n/pods?limit=500&labelSelector=a%3Db%2Cc',
  ]);
});

lists('a pod has what is read of one', () => {
  const spec = { containers: [{ name: 'c' }] };
  const good: object[] = [
    { spec },
    { spec: { containers: [] } },
    { spec: { ...spec, initContainers: [{ name: 'i' }] }, status: null },
    { spec, status: { containerStatuses: [{ name: 'c' }] } },
  ];
  const bad: object[] = [
    {},
    { spec: null },
    { spec: {} },
    { spec: { containers: 'c' } },
    { spec: { containers: [null] } },
    { spec: { containers: [{}] } },
    { spec: { ...spec, initContainers: [{}] } },
    { spec: { ...spec, ephemeralContainers: {} } },
    { spec, status: { containerStatuses: [{}] } },
    { spec, status: { initContainerStatuses: 'x' } },
    { spec, status: { ephemeralContainerStatuses: [null] } },
  ];
  for (const object of good) assert.ok(isPod(object as never), JSON.stringify(object));
  for (const object of bad) assert.not(isPod(object as never), JSON.stringify(object));
});

lists.run();
