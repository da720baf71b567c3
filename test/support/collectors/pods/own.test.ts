// Objects that a collector makes: named apart, removed in any case, and pods that will not run.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failureOf } from '../../../failure.ts';
import type { PodObject } from '../../../../scripts/support/collectors/cluster/lists.ts';
import type { Running } from '../../../../scripts/support/collectors/collector.ts';
import { hopeless, pullSecretsOf, waitForPod, withOwn } from '../../../../scripts/support/collectors/pods/own.ts';
import { clusterDouble } from '../cluster-double.ts';

const own = suite('support/collectors/pods/own');

const POD = '/api/v1/namespaces/n/pods/p';

function world(table: Parameters<typeof clusterDouble>[0], { spec = {}, random = 0.5 } = {}) {
  const { cluster, asked } = clusterDouble(table);
  const problems: string[] = [];
  const running = {
    item: { kind: 'run', host: false, spec },
    signal: new AbortController().signal,
    cluster: () => Promise.resolve(cluster),
    random: () => random,
    problem: (text: string) => problems.push(text),
  } as unknown as Running;
  return { running, asked, problems, what: () => asked.map((one) => one.what.replace(/\?.*/, '')) };
}

own('what was made is removed, the last one first, also after a failure and where the answer got lost', async () => {
  const { running, problems, what, asked } = world({ 'POST .*/pods': {}, 'DELETE .*': {} });
  const used = withOwn(running, 'n', async ({ create, id, labels }) => {
    assert.equal([id, labels], ['i0000000', { 'app.kubernetes.io/managed-by': 'hoist', 'hoist.dev/collector': id }]);
    await create('/api/v1/namespaces/n/pods', { metadata: { name: 'a:b' } });
    await create('/api/v1/namespaces/n/secrets', { metadata: { name: 's' } });
  });
  assert.match(await failureOf(used), 'secrets was not found');
  assert.equal(what(), [
    'POST /api/v1/namespaces/n/pods',
    'POST /api/v1/namespaces/n/secrets',
    'DELETE /api/v1/namespaces/n/secrets/s',
    'DELETE /api/v1/namespaces/n/pods/a%3Ab',
  ]);
  assert.equal(asked[2]?.body, { gracePeriodSeconds: 0, propagationPolicy: 'Background' });
  assert.equal(problems, []);
  for (const [random, id] of [
    [0, '00000000'],
    [1 - 2 ** -50, 'zzzzzzzz'],
  ] as const)
    assert.is(await withOwn(world({}, { random }).running, 'n', (one) => Promise.resolve(one.id)), id);
});

own('one that has gone is fine, one that may be left behind is a problem; pods of a set go with it', async () => {
  const gone = world({ 'POST .*': {} });
  await withOwn(gone.running, 'n', ({ create }) => create('/x', { metadata: { name: 'a' } }));
  assert.equal(gone.problems, []);
  const refuse = (): never => {
    throw new Error('not allowed');
  };
  const left = world({ 'POST .*': {}, 'DELETE .*': refuse });
  await withOwn(left.running, 'n', ({ create }) => create('/x', { metadata: { name: 'a' } }));
  assert.equal(left.problems, ['/x/a may be left behind']);
  const sets = world({ 'POST .*': {}, 'DELETE .*/daemonsets/.*': {}, 'DELETE .*/pods': refuse });
  await withOwn(sets.running, 'n', ({ create }) =>
    create('/apis/apps/v1/namespaces/n/daemonsets', { metadata: { name: 'd' } }),
  );
  assert.is(
    sets.asked.at(-1)?.what,
    'DELETE /api/v1/namespaces/n/pods?labelSelector=app.kubernetes.io%2Fmanaged-by%3Dhoist%2Choist.dev%2Fcollector%3Di0000000&gracePeriodSeconds=0',
  );
  assert.equal(sets.problems, []);
});

own('pull secrets: one that exists is named, one whose content is given is made', async () => {
  const named = async (imagePullSecret: object) => {
    const { running, asked } = world({ 'POST .*': {}, 'DELETE .*': {} }, { spec: { imagePullSecret } });
    const names = await withOwn(running, 'n', (one) => pullSecretsOf(running, one));
    return { names: names.map(({ name }) => name), made: asked.find(({ what }) => what.startsWith('POST'))?.body };
  };
  assert.equal(await named({}), { names: [], made: undefined });
  assert.equal(await named({ name: 'x' }), { names: ['x'], made: undefined });
  const { names, made } = await named({ name: 'x', data: { a: 'b' } });
  assert.equal(names, ['x-i0000000']);
  assert.equal([made?.['type'], made?.['data']], ['kubernetes.io/dockerconfigjson', { a: 'b' }]);
  const typed = await named({ data: { a: 'b' }, type: 'Opaque' });
  assert.equal([typed.names, typed.made?.['type']], [['hoist-pull-i0000000'], 'Opaque']);
});

const pod = (statuses: object, more: object = {}): PodObject => ({
  metadata: { name: 'p', namespace: 'n' },
  spec: { containers: [] },
  status: { ...statuses, ...more },
});
const waiting = (reason: string, message?: string) => [
  { name: 'c', ready: false, restartCount: 0, state: { waiting: { reason, message } } },
];

own('containers that will not start by themselves', () => {
  const cases: [pod: PodObject, retryPulls: boolean, why: string | undefined][] = [
    [pod({}), false, undefined],
    [pod({ containerStatuses: waiting('ContainerCreating') }), false, undefined],
    [
      pod({ containerStatuses: waiting('InvalidImageName', 'no such thing') }),
      true,
      'container c: InvalidImageName no such thing',
    ],
    [pod({ initContainerStatuses: waiting('CreateContainerError') }), true, 'container c: CreateContainerError'],
    [pod({ containerStatuses: waiting('ErrImagePull') }), false, 'container c: ErrImagePull'],
    [pod({ containerStatuses: waiting('ImagePullBackOff') }), true, undefined],
  ];
  for (const [one, retryPulls, why] of cases) assert.is(hopeless(one, retryPulls), why, JSON.stringify(one.status));
});

own('a pod is waited for until it is as wanted, or cannot become so', async () => {
  const creating = pod({ containerStatuses: waiting('ContainerCreating') });
  const event = (reason: string) => ({ items: [{ reason, message: `${reason} it was` }] });
  const wanted = ({ status }: PodObject): boolean => status?.phase === 'Running';
  const good = world({ [`GET ${POD}`]: pod({}, { phase: 'Running' }) });
  assert.is((await waitForPod(good.running, POD, { wanted })).metadata.name, 'p');
  const failed = async (table: Parameters<typeof clusterDouble>[0]): Promise<string> =>
    failureOf(waitForPod(world(table).running, POD, { wanted }));
  assert.match(
    await failed({ [`GET ${POD}`]: creating, 'GET .*/events': event('FailedCreatePodSandBox') }),
    'the pod p cannot run: FailedCreatePodSandBox it was',
  );
  assert.match(
    await failed({ [`GET ${POD}`]: pod({ containerStatuses: waiting('ErrImagePull') }) }),
    'the pod p cannot run: container c: ErrImagePull',
  );
  let asked = 0;
  const later = world({
    [`GET ${POD}`]: () => (asked++ === 0 ? creating : pod({}, { phase: 'Running' })),
    'GET .*/events': event('Scheduled'),
  });
  await waitForPod(later.running, POD, { wanted });
  assert.is(asked, 2);
});

own.run();
