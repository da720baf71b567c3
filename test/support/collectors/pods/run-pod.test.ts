// Pods of the spec's own: what is made, what is collected of them, and that nothing stays behind.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { run, runPod } from '../../../../scripts/support/collectors/pods/run-pod.ts';
import { type Asked, clusterDouble } from '../cluster-double.ts';
import { type Ran, runCollector } from '../running.ts';

const test = suite('support/collectors/pods/run-pod');

type Json = Record<string, unknown>;

const ENDED = { phase: 'Succeeded' };
const PODS = '/api/v1/namespaces/[^/]+/pods';

async function made(
  spec: Json,
  {
    status = ENDED,
    collector = run,
    log = 'wrote',
    pulls = false,
  }: { status?: object; collector?: typeof run; log?: string | undefined; pulls?: boolean } = {},
): Promise<{ ran: Ran; asked: Asked[]; error: string; pod: { metadata: Json; spec: Json } }> {
  let pod: Json = {};
  const { cluster, asked } = clusterDouble({
    [`POST ${PODS}`]: ({ body = {} }) => (pod = body),
    [`GET ${PODS}/[^/]+/log`]: () => log,
    [`GET ${PODS}/[^/]+`]: () => ({ ...pod, status }),
    'GET /api/v1/namespaces/[^/]+/events': { items: [] },
    [`DELETE ${PODS}/.*`]: {},
    ...(pulls ? { 'POST .*/secrets': {}, 'DELETE .*/secrets/.*': {} } : {}),
  });
  const ran: Ran = { files: {}, notes: [], problems: [], progress: [] };
  let error = '';
  try {
    Object.assign(ran, await runCollector(collector, spec, { cluster, keep: ran.files }));
  } catch (cause) {
    error = (cause as Error).message;
  }
  return { ran, asked, error, pod: pod as never };
}

test('an image with its command: the pod, its log, its state without the spec, and its removal', async () => {
  const { ran, asked, pod, error } = await made({
    name: 'probe',
    image: 'busybox',
    command: ['sh'],
    args: ['-c', 'x'],
  });
  assert.is(error, '');
  assert.equal(pod.spec, {
    restartPolicy: 'Never',
    containers: [{ name: 'collector', image: 'busybox', command: ['sh'], args: ['-c', 'x'] }],
  });
  const name = String(pod.metadata['name']);
  assert.match(name, /^probe-[0-9a-z]{8}$/);
  assert.is(ran.files['cluster-resources/pods/logs/default/probe/collector.log'], 'wrote');
  assert.equal((JSON.parse(ran.files['probe/probe.json'] ?? '{}') as Json)['spec'], { containers: null });
  assert.ok('probe/probe-events.json' in ran.files);
  assert.equal(ran.notes, [`in pod ${name}`]);
  assert.is(asked.at(-1)?.what, `DELETE /api/v1/namespaces/default/pods/${name}`);
  assert.equal(asked.at(-1)?.body, { gracePeriodSeconds: 0, propagationPolicy: 'Background' });
});

test('only what is given is in the pod', async () => {
  const bare = await made({ name: 'p', image: 'i' });
  assert.equal(bare.pod.spec, { restartPolicy: 'Never', containers: [{ name: 'collector', image: 'i' }] });
  const more = await made({
    name: 'p',
    image: 'i',
    imagePullPolicy: 'Never',
    serviceAccountName: 'sa',
    annotations: { a: 'b' },
  });
  assert.equal(more.pod.spec, {
    restartPolicy: 'Never',
    serviceAccountName: 'sa',
    containers: [{ name: 'collector', image: 'i', imagePullPolicy: 'Never' }],
  });
  assert.equal(more.pod.metadata['annotations'], { a: 'b' });
});

test('a pod as the spec writes it; its names are those of pods', async () => {
  const podSpec = { restartPolicy: 'OnFailure', containers: [{ name: 'c' }], imagePullSecrets: [{ name: 'given' }] };
  const { pod } = await made(
    { collectorName: `--My_Pod ${'x'.repeat(60)}`, namespace: 'shop', podSpec },
    { collector: runPod },
  );
  assert.equal(pod.spec, podSpec);
  assert.match(String(pod.metadata['name']), /^my-pod-x{43}-[0-9a-z]{8}$/);
  assert.is(pod.metadata['namespace'], 'shop');
  assert.match(
    String((await made({ name: '___', podSpec }, { collector: runPod })).pod.metadata['name']),
    /^run-pod-[0-9a-z]{8}$/,
  );
});

test('pull secrets: one by its name, or one that is made and removed again', async () => {
  const podSpec = { containers: [{ name: 'c' }], imagePullSecrets: [{ name: 'given' }] };
  const named = await made({ name: 'p', podSpec, imagePullSecret: { name: 'mine' } }, { collector: runPod });
  assert.equal(named.pod.spec['imagePullSecrets'], [{ name: 'given' }, { name: 'mine' }]);
  const data = { '.dockerconfigjson': 'e30=' };
  const own = await made({ name: 'p', podSpec, imagePullSecret: { data } }, { collector: runPod, pulls: true });
  const secret = own.asked.find(({ what }) => what.includes('/secrets'))?.body;
  assert.equal([secret?.['type'], secret?.['data']], ['kubernetes.io/dockerconfigjson', data]);
  const { name } = secret?.['metadata'] as { name: string };
  assert.match(name, /^hoist-pull-/);
  assert.equal(own.pod.spec['imagePullSecrets'], [{ name: 'given' }, { name }]);
  // The pod before what it uses.
  assert.equal(
    own.asked.slice(-2).map(({ what }) => what.replace(/\/[^/]+$/, '')),
    ['DELETE /api/v1/namespaces/default/pods', 'DELETE /api/v1/namespaces/default/secrets'],
  );
});

test('it has ended when its first container has, or when it has run once', async () => {
  const container = (more: object): object => ({
    phase: 'Running',
    containerStatuses: [
      { name: 'side', restartCount: 0 },
      { name: 'collector', restartCount: 0, ...more },
    ],
  });
  for (const status of [{ phase: 'Failed' }, container({ state: { terminated: {} } }), container({ restartCount: 1 })])
    assert.is((await made({ name: 'p', image: 'i' }, { status })).error, '');
});

test('one that cannot run is a failure with the reason; what there is of it is kept, and it goes', async () => {
  const waiting = (reason: string): object => ({
    containerStatuses: [{ name: 'collector', restartCount: 0, state: { waiting: { reason, message: 'm' } } }],
  });
  for (const reason of ['ErrImageNeverPull', 'ImagePullBackOff', 'ErrImagePull', 'CreateContainerConfigError']) {
    const { ran, asked, error } = await made({ name: 'p', image: 'i' }, { status: waiting(reason) });
    assert.match(error, new RegExp(`^the pod p-\\w+ cannot run: container collector: ${reason} m$`));
    assert.ok('p/p.json' in ran.files);
    assert.match(asked.at(-1)?.what ?? '', /^DELETE/);
  }
});

test('the paths of two items that collide', () => {
  const item = { spec: { name: 'n', collectorName: 'c' } } as never;
  assert.is(run.claim(item, ''), 'n/default/c.log');
  assert.is(run.claim(item, 'shop'), 'n/shop/c.log');
  assert.is(run.claim({ spec: {} } as never, ''), '/default/run-pod.log');
});

test.run();
