// The whole of scripts/kube against a real API server with its controllers and simulated nodes.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError, HealthError } from '../../scripts/base/errors.ts';
import { apply, ApplyError, type ApplyOptions, type ApplyResult } from '../../scripts/kube/apply/apply.ts';
import { connect, type KubeClient } from '../../scripts/kube/client/client.ts';
import { discoveryOf } from '../../scripts/kube/discovery.ts';
import { KubeApiError } from '../../scripts/kube/client/errors.ts';
import { assertHealthy, checkHealth, waitApiReady } from '../../scripts/kube/watch/health.ts';
import type { Manifest } from '../../scripts/kube/manifests/manifest.ts';
import type { KubeObject } from '../../scripts/kube/object.ts';
import { builtinResources, kindKey } from '../../scripts/kube/resources.ts';
import { waitEndpoints, waitNodesReady, waitServiceAccounts } from '../../scripts/kube/watch/wait.ts';
import { waitWorkloads } from '../../scripts/kube/watch/wait-workloads.ts';
import { watchUntil } from '../../scripts/kube/watch/watch.ts';
import { binaries, sharedCluster, startCluster, suspend, type TestCluster } from '../doubles/apiserver.ts';
import { thrown } from './helpers.ts';

const cluster = suite('kube: cluster');
const isMissing = binaries() === undefined;

let shared: TestCluster;
let client: KubeClient;

/** A test with the shared cluster; started by the first one, because uvu ignores what a `before` hook throws. */
function test(name: string, run: () => Promise<void>): void {
  if (isMissing) {
    cluster.skip(name);
    return;
  }
  cluster(name, async () => {
    shared = await sharedCluster();
    client = connect(shared.connection);
    try {
      await run();
    } finally {
      client.close();
    }
  });
}

function manifest(apiVersion: string, kind: string, name: string, more: object = {}, namespace?: string): Manifest {
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  return { object: { apiVersion, kind, metadata, ...more }, where: `${name}.yaml:1:1` };
}

const space = (name: string): Manifest => manifest('v1', 'Namespace', name);
const config = (name: string, namespace: string, data: object = { a: '1' }): Manifest =>
  manifest('v1', 'ConfigMap', name, { data }, namespace);

function definition(kind: string, group: string): Manifest {
  const plural = `${kind.toLowerCase()}s`;
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const versions = [{ name: 'v1', served: true, storage: true, schema }];
  const spec = { group, scope: 'Namespaced', names: { kind, plural, singular: kind.toLowerCase() }, versions };
  return manifest('apiextensions.k8s.io/v1', 'CustomResourceDefinition', `${plural}.${group}`, { spec });
}

function deployment(name: string, namespace: string, replicas: number, pod: object = {}): Manifest {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nothing' }], ...pod } };
  return manifest(
    'apps/v1',
    'Deployment',
    name,
    { spec: { replicas, selector: { matchLabels: labels }, template } },
    namespace,
  );
}

async function outcomes(manifests: readonly Manifest[], options?: ApplyOptions): Promise<string[]> {
  const results = await apply(client, manifests, options);
  return results.map((result) => `${result.manifest.object.metadata.name} ${result.outcome}`);
}

function get(path: string): Promise<KubeObject & Record<string, unknown>> {
  return client.json({ path });
}

test('is ready and healthy, check by check', async () => {
  await waitApiReady(client, { timeoutMs: 10_000 });
  const health = await checkHealth(client);
  assert.equal(
    health.map(({ path, ok }) => `${path} ${ok}`),
    ['/readyz true', '/livez true', '/api true', '/apis true'],
  );
  assert.ok(health[0]?.checks.some(({ name }) => name === 'poststarthook/start-apiextensions-controllers'));
  assertHealthy(health);
});

test('lets nobody in without credentials', async () => {
  const { server, ca } = shared.connection;
  const stranger = connect({ server, ca });
  const error = await thrown(KubeApiError, stranger.json({ path: '/api/v1/secrets' }));
  stranger.close();
  assert.is(error.status, 403);
  const wrong = connect({ server, ca, token: 'wrong' });
  const refused = await thrown(KubeApiError, wrong.json({ path: '/api/v1/secrets' }));
  wrong.close();
  assert.is(refused.status, 401);
  assert.match(refused.hint ?? '', /expired/);
  const bearer = connect({ server, ca, token: shared.token });
  assert.is((await bearer.request({ path: '/api/v1/secrets' })).status, 200);
  bearer.close();
});

test('knows the built-in kinds as the server does', async () => {
  // An unknown kind makes it ask.
  assert.is(await discoveryOf(client).find('v1', 'NoSuchKind'), undefined);
  const lists = await Promise.all(
    [...new Set([...builtinResources.keys()].map((key) => key.split(' ')[0] ?? ''))].map(async (apiVersion) => {
      const path = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
      const list = await client.json<{ resources: { name: string; kind: string; namespaced: boolean }[] }>({ path });
      return list.resources
        .filter(({ name }) => !name.includes('/'))
        .map(
          ({ name, kind, namespaced }) =>
            [kindKey(apiVersion, kind), { base: path, plural: name, namespaced }] as const,
        );
    }),
  );
  const served = new Map(lists.flat());
  for (const [key, resource] of builtinResources) assert.equal(resource, served.get(key), key);
  assert.ok(builtinResources.size > 40);
});

test('finds kinds that are not built in, and those defined since', async () => {
  const discovery = discoveryOf(client);
  assert.equal(await discovery.find('authorization.k8s.io/v1', 'SubjectAccessReview'), {
    base: '/apis/authorization.k8s.io/v1',
    plural: 'subjectaccessreviews',
    namespaced: false,
  });
  assert.is(await discovery.find('late.example.org/v1', 'Late'), undefined);
  const late = (name: string): Manifest => manifest('late.example.org/v1', 'Late', name, {}, 'default');
  await apply(client, [definition('Late', 'late.example.org'), late('together')]);
  assert.equal(await outcomes([late('later')]), ['later created']);
});

test('tells created, unchanged and configured apart, at once and with all managers', async () => {
  const set = (value: string): Manifest[] => [
    space('outcomes'),
    config('a', 'outcomes', { a: value }),
    config('b', 'outcomes'),
  ];
  assert.equal(await outcomes(set('1')), ['outcomes created', 'a created', 'b created']);
  assert.equal(await outcomes(set('1')), ['outcomes unchanged', 'a unchanged', 'b unchanged']);
  assert.equal(await outcomes(set('2')), ['outcomes unchanged', 'a configured', 'b unchanged']);
  await apply(client, [config('b', 'outcomes', { other: 'x' })], { fieldManager: 'somebody' });
  assert.equal(await outcomes(set('2')), ['outcomes unchanged', 'a unchanged', 'b unchanged']);
  const object = await get('/api/v1/namespaces/outcomes/configmaps/b');
  assert.equal(object['data'], { a: '1', other: 'x' });
});

test('orders namespaces, definitions, accounts and pods as the server needs them', async () => {
  const seen: string[] = [];
  const set = [
    manifest('v1', 'Pod', 'bare', { spec: { containers: [{ name: 'c', image: 'x' }] } }, 'ordered'),
    manifest('order.example.org/v1', 'Thing', 'thing', {}, 'ordered'),
    manifest(
      'v1',
      'Pod',
      'own',
      { spec: { serviceAccountName: 'own', containers: [{ name: 'c', image: 'x' }] } },
      'ordered',
    ),
    manifest('v1', 'ServiceAccount', 'own', {}, 'ordered'),
    definition('Thing', 'order.example.org'),
    space('ordered'),
  ];
  const results = await outcomes(set, { onResult: ({ manifest: one }) => seen.push(one.object.metadata.name) });
  assert.equal(
    results,
    set.map(({ object }) => `${object.metadata.name} created`),
    'results come in the order given',
  );
  const place = (name: string): number => seen.indexOf(name);
  assert.ok(place('ordered') < place('own') && place('things.order.example.org') < place('thing'));
});

test('refuses unknown kinds before it applies anything', async () => {
  const set = [
    config('untouched', 'default'),
    manifest('apps/v1', 'Deploymnt', 'typo'),
    manifest('apps/v1beta1', 'Deployment', 'old'),
    manifest('nothing.example.org/v1', 'Zyzzyva', 'far'),
  ];
  const error = await thrown(ConfigError, apply(client, set));
  assert.equal(error.problems, [
    {
      where: 'typo.yaml:1:1',
      message: 'the server has no kind "apps/v1 Deploymnt"; did you mean "apps/v1 Deployment"?',
    },
    {
      where: 'old.yaml:1:1',
      message: 'the server has no kind "apps/v1beta1 Deployment"; did you mean "apps/v1 Deployment"?',
    },
    { where: 'far.yaml:1:1', message: 'the server has no kind "nothing.example.org/v1 Zyzzyva"' },
  ]);
  assert.is((await client.request({ path: '/api/v1/namespaces/default/configmaps/untouched' })).status, 404);
});

test('refuses at once a version that its definition in the same set does not serve', async () => {
  const objects = [
    definition('Quince', 'fruit.example'),
    manifest('fruit.example/v2', 'Quince', 'late', {}, 'default'),
    manifest('fruit.example/v1', 'Quince', 'right', {}, 'default'),
  ];
  const { message } = await thrown(ConfigError, apply(client, objects));
  assert.is(message, 'late.yaml:1:1: Quince: its definition in the same set serves v1, not v2');
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/quinces.fruit.example';
  assert.is((await client.request({ path })).status, 404);
});

test('tells every failure with its reason, and applies the rest', async () => {
  await apply(client, [space('faults'), config('owned', 'faults', { a: 'theirs' })], { fieldManager: 'somebody' });
  await apply(client, [deployment('fixed', 'faults', 0)]);
  const moved = deployment('fixed', 'faults', 0);
  moved.object['spec'] = { ...(moved.object['spec'] as object), selector: { matchLabels: { app: 'fixed', b: '2' } } };
  const error = await thrown(
    ApplyError,
    apply(
      client,
      [
        config('owned', 'faults', { a: 'ours' }),
        moved,
        config('lost', 'no-such-namespace'),
        space('Bad_Name'),
        config('orphan', 'Bad_Name'),
        manifest('v1', 'Secret', 'leaky', { data: { password: 8675309 } }, 'faults'),
        config('good', 'faults'),
      ],
      { onConflict: 'fail' },
    ),
  );
  assert.is(error.exitCode, 6);
  const told = new Map(error.failures.map(({ manifest: one, message }) => [one.object.metadata.name, message]));
  assert.is(told.get('owned'), 'changed by others since the last apply: .data.a (by somebody)');
  assert.match(told.get('fixed') ?? '', /cannot be changed on the existing object: spec\.selector/);
  assert.is(told.get('lost'), 'namespace no-such-namespace does not exist');
  assert.match(told.get('Bad_Name') ?? '', /RFC 1123/);
  assert.match(told.get('orphan') ?? '', /not tried, because it needs Namespace Bad_Name/);
  assert.match(told.get('leaky') ?? '', /\.data\.password: expected string/);
  assert.not(error.message.includes('8675309'));
  assert.is(told.size, 6);
  assert.match(error.message, /^6 of 7 objects could not be applied:\n {2}owned\.yaml:1:1: ConfigMap faults\/owned:/m);
  assert.is((await get('/api/v1/namespaces/faults/configmaps/good')).metadata.name, 'good');
});

test('of what others have changed, sets back what people did, and leaves what controllers did', async () => {
  const wanted = (): Manifest[] => [deployment('web', 'shared', 1), config('c', 'shared', { a: 'ours', b: 'ours' })];
  const [deploymentPath, configPath] = [
    '/apis/apps/v1/namespaces/shared/deployments/web',
    '/api/v1/namespaces/shared/configmaps/c',
  ];
  const change = (path: string, manager: string, body: object): Promise<unknown> =>
    client.json({
      method: 'PATCH',
      path,
      query: { fieldManager: manager },
      contentType: 'application/merge-patch+json',
      body,
    });
  const told = ({ taken, left }: ApplyResult): unknown[] =>
    [taken, left].map((all) => all.map(({ field, manager }) => `${field} ${manager}`));
  const state = async (): Promise<unknown[]> => [
    ((await get(deploymentPath))['spec'] as { replicas: number }).replicas,
    (await get(configPath))['data'],
  ];
  await apply(client, [space('shared'), ...wanted()]);
  const disturb = async (): Promise<void> => {
    await change(`${deploymentPath}/scale`, 'kube-controller-manager', { spec: { replicas: 3 } });
    await change(configPath, 'kubectl-edit', { data: { a: 'by hand' } });
    await change(configPath, 'some-operator', { data: { b: 'operated' } });
  };

  await disturb();
  const decided = await apply(client, wanted());
  assert.equal(decided.map(told), [
    [[], ['.spec.replicas kube-controller-manager (scale)']],
    [['.data.a kubectl-edit'], ['.data.b some-operator']],
  ]);
  assert.equal(await state(), [3, { a: 'ours', b: 'operated' }]);

  await disturb();
  const left = await apply(client, wanted(), { onConflict: 'leave' });
  assert.equal(
    left.map(({ taken }) => taken.length),
    [0, 0],
  );
  assert.equal(await state(), [3, { a: 'by hand', b: 'operated' }]);

  const taken = await apply(client, wanted(), { onConflict: 'take' });
  assert.equal(
    taken.map((result) => result.left.length),
    [0, 0],
  );
  assert.equal(await state(), [1, { a: 'ours', b: 'ours' }]);
  assert.equal(
    (await apply(client, wanted())).flatMap((result) => [...result.taken, ...result.left]),
    [],
    'and it stays so',
  );
});

test('makes again what is being deleted, or says what holds it', async () => {
  const held = config('held', 'again');
  Object.assign(held.object.metadata, { finalizers: ['hoist.test/stay'] });
  await apply(client, [space('again'), config('free', 'again'), held]);
  await client.json({ method: 'DELETE', path: '/api/v1/namespaces/again' });
  const error = await thrown(
    ApplyError,
    apply(client, [space('again'), config('free', 'again')], { patienceMs: 1500 }),
  );
  assert.match(error.failures[0]?.message ?? '', /^is being deleted, since .*, and not gone after /);
  assert.match(error.failures[1]?.message ?? '', /not tried, because it needs Namespace again/);
  const path = '/api/v1/namespaces/again/configmaps/held';
  const contentType = 'application/merge-patch+json';
  const made = apply(client, [space('again'), config('free', 'again')], { patienceMs: 60_000 });
  await client.json({ method: 'PATCH', path, contentType, body: { metadata: { finalizers: null } } });
  assert.equal(
    (await made).map(({ outcome }) => outcome),
    ['created', 'created'],
  );
  assert.is((await get('/api/v1/namespaces/again')).metadata.deletionTimestamp, undefined);
});

test('says of a namespace that it is being deleted', async () => {
  const stuck = config('stuck', 'leaving');
  Object.assign(stuck.object.metadata, { finalizers: ['hoist.test/stay'] });
  await apply(client, [space('leaving'), stuck]);
  await client.json({ method: 'DELETE', path: '/api/v1/namespaces/leaving' });
  const error = await thrown(ApplyError, apply(client, [config('late', 'leaving')]));
  assert.is(error.failures[0]?.message, 'namespace leaving is being deleted');
  const path = '/api/v1/namespaces/leaving/configmaps/stuck';
  await client.json({
    method: 'PATCH',
    path,
    contentType: 'application/merge-patch+json',
    body: { metadata: { finalizers: null } },
  });
});

test('stops where it is told to', async () => {
  const stop = new AbortController();
  const set = Array.from({ length: 200 }, (_, i) => config(`stop-${i}`, 'default'));
  const applying = apply(client, set, {
    concurrency: 4,
    signal: stop.signal,
    onResult: () => stop.abort(new Error('enough')),
  });
  assert.is((await thrown(Error, applying)).message, 'enough');
  const list = await client.json<{ items: KubeObject[] }>({ path: '/api/v1/namespaces/default/configmaps' });
  assert.ok(list.items.filter(({ metadata }) => metadata.name.startsWith('stop-')).length < 50);
});

test('watches nodes, accounts, workloads and endpoints until they are ready', async () => {
  const steps: number[] = [];
  const nodes = waitNodesReady(
    client,
    { names: ['n1', 'n2'] },
    { timeoutMs: 60_000, onProgress: ({ done }) => steps.push(done) },
  );
  const service = { spec: { selector: { app: 'd' }, ports: [{ port: 80 }] } };
  const labels = { app: 's' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'x' }] } };
  const jobTemplate = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } };
  const set = [
    manifest('v1', 'Node', 'n1'),
    manifest('v1', 'Node', 'n2'),
    space('work'),
    deployment('d', 'work', 3),
    manifest(
      'apps/v1',
      'StatefulSet',
      's',
      { spec: { replicas: 2, selector: { matchLabels: labels }, serviceName: 's', template } },
      'work',
    ),
    manifest('apps/v1', 'DaemonSet', 'ds', { spec: { selector: { matchLabels: labels }, template } }, 'work'),
    manifest('batch/v1', 'Job', 'j', { spec: { template: jobTemplate } }, 'work'),
    manifest('v1', 'Service', 'd', service, 'work'),
  ];
  await apply(client, set);
  const room = { cpu: '32', memory: '64Gi', pods: '110' };
  for (const name of ['n1', 'n2']) {
    await client.json({
      method: 'PATCH',
      path: `/api/v1/nodes/${name}/status`,
      contentType: 'application/merge-patch+json',
      body: { status: { capacity: room, allocatable: room } },
    });
  }
  await Promise.all([
    nodes,
    waitServiceAccounts(client, ['work', 'default'], { timeoutMs: 60_000 }),
    waitWorkloads(
      client,
      set.map(({ object }) => ({ ...object, ...object.metadata })),
      { timeoutMs: 60_000 },
    ),
    waitEndpoints(client, { namespace: 'work', name: 'd' }, { timeoutMs: 60_000 }),
  ]);
  assert.is(steps.at(-1), 2);
  const { status } = (await get('/apis/apps/v1/namespaces/work/deployments/d')) as {
    status?: { availableReplicas?: number };
  };
  assert.is(status?.availableReplicas, 3);
});

test('names who is late, and why', async () => {
  const ref = (kind: string, name: string) => ({ apiVersion: 'apps/v1', kind, namespace: 'late', name });
  await apply(client, [
    space('late'),
    manifest('v1', 'Node', 'n1'),
    deployment('picky', 'late', 2, { nodeSelector: { no: 'such' } }),
    deployment('poor', 'late', 1, { serviceAccountName: 'none' }),
  ]);
  // The reasons are the controllers' work: wait for them, not for a time.
  await watchUntil<KubeObject & { reason?: string }, true>(client, {
    path: '/api/v1/namespaces/late/events',
    timeoutMs: 60_000,
    until: (events) => {
      const reasons = new Set([...events.values()].map(({ reason }) => reason));
      return reasons.has('FailedScheduling') && reasons.has('FailedCreate') ? true : undefined;
    },
  });
  const error = await thrown(
    HealthError,
    waitWorkloads(client, [ref('Deployment', 'picky'), ref('Deployment', 'poor'), ref('StatefulSet', 'gone')], {
      timeoutMs: 1_000,
    }),
  );
  assert.is(error.exitCode, 3);
  assert.match(error.message, /^workloads not ready after 1 s:/);
  assert.match(
    error.message,
    /Deployment late\/picky: .*2 pods, among them picky-\S+: Unschedulable: 0\/\d+ nodes are available/,
  );
  assert.match(error.message, /Deployment late\/poor: .*serviceaccount "none" not found/);
  assert.match(error.message, /StatefulSet late\/gone: does not exist/);
  const nodes = await thrown(HealthError, waitNodesReady(client, { names: ['n1', 'n9'] }, { timeoutMs: 1_000 }));
  assert.match(nodes.message, /n9: has not registered$/);
  const accounts = await thrown(HealthError, waitServiceAccounts(client, ['default', 'nowhere'], { timeoutMs: 1_000 }));
  assert.match(accounts.message, /nowhere: has no default service account/);
  const endpoints = await thrown(
    HealthError,
    waitEndpoints(client, { namespace: 'late', name: 'x' }, { timeoutMs: 500 }),
  );
  assert.match(endpoints.message, /late\/x: no pod stands behind it/);
});

test('gives up at once on what cannot become ready', async () => {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } };
  const spec = { template, activeDeadlineSeconds: 1, backoffLimit: 0 };
  // On a node that nobody simulates the pod never starts, so that the deadline of the job strikes.
  Object.assign(template.spec, { nodeSelector: { no: 'such' } });
  await apply(client, [manifest('batch/v1', 'Job', 'doomed', { spec }, 'default')]);
  const ref = { apiVersion: 'batch/v1', kind: 'Job', namespace: 'default', name: 'doomed' };
  const error = await thrown(HealthError, waitWorkloads(client, [ref], { timeoutMs: 60_000 }));
  assert.match(
    error.message,
    /^workloads not ready and will not become so:\n {2}Job default\/doomed: DeadlineExceeded/,
  );
});

test('goes on watching a server that was suspended for a while', async () => {
  const own = await startCluster();
  const local = connect(own.connection, { silenceMs: 500 });
  try {
    const nodes = waitNodesReady(local, { names: ['n1'] }, { timeoutMs: 90_000 });
    // Awaited below; where the test fails before, its failure is the one to be told.
    nodes.catch(() => undefined);
    await waitApiReady(local, { timeoutMs: 10_000 });
    const server = own.processes['kube-apiserver'];
    if (server === undefined) throw new Error('the API server was not started');
    // Suspended it keeps its sockets, but says nothing; only the probes of the session can tell.
    await suspend(server);
    const error = await thrown(HealthError, waitApiReady(local, { timeoutMs: 2_000 }));
    assert.match(error.message, /not ready after 2000 ms/);
    server.kill('SIGCONT');
    await waitApiReady(local, { timeoutMs: 60_000 });
    await apply(local, [manifest('v1', 'Node', 'n1')]);
    await nodes;
  } finally {
    local.close();
    own.stop();
  }
});

cluster.run();
