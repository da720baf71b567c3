// Cases that others have reported of tools like this one, with values of our own: what the right outcome is.

import { createServer, type AddressInfo, type Server } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { suite, type Callback } from 'uvu';
import * as assert from 'uvu/assert';
import { Runner, type RunnerOptions } from '../../scripts/fleet/runner.ts';
import { connect, type KubeClient } from '../../scripts/kube/client/client.ts';
import { binaries, sharedCluster, type TestCluster } from '../doubles/apiserver.ts';
import { FakeClock } from '../doubles/clock.ts';
import { answer } from '../doubles/kube-server.ts';
import { startSpokes } from '../doubles/spokes.ts';
import { cluster, configMap, copies, defaults, fleetOf, selectorSet, syncOne, syncOnce } from './world.ts';

interface Context {
  server: TestCluster;
  client: KubeClient;
}

const test = suite<Context>('fleet/cases');
const check = (name: string, callback: Callback<Context>): void => {
  if (binaries() !== undefined) test(name, callback);
  else test.skip(name, callback);
};

test.before(async (context) => {
  if (binaries() === undefined) return;
  context.server = await sharedCluster();
  context.client = connect(context.server.connection);
});
test.after(({ client, server }: Partial<Context>) => {
  client?.close();
  server?.stop();
});

const maps = '/api/v1/namespaces/default/configmaps';

/** A runner that keeps its fleet; the callback waits until its one cluster has had another pass. */
async function keeping(
  fleet: Parameters<typeof fleetOf>,
  work: (runner: Runner, passed: () => Promise<void>) => Promise<void>,
  more: Partial<RunnerOptions> = {},
): Promise<void> {
  const stop = new AbortController();
  let notify: (() => void) | undefined;
  const runner = new Runner(fleetOf(...fleet), {
    ...defaults,
    ...more,
    onChange({ state }) {
      if (state === 'pending' || state === 'running') return;
      notify?.();
      notify = undefined;
    },
  });
  const passed = (): Promise<void> => new Promise((resolve) => (notify = resolve));
  const first = passed();
  const running = runner.forever(stop.signal).catch(() => undefined);
  try {
    await first;
    await work(runner, passed);
  } finally {
    stop.abort(new Error('done'));
    await running;
    runner.close();
  }
}

/** kustomize-controller#90 */
check('an object whose kind has gone from the cluster counts as deleted', async ({ client, server }) => {
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'kettles.kitchen.test' },
    spec: {
      group: 'kitchen.test',
      scope: 'Namespaced',
      names: { kind: 'Kettle', plural: 'kettles' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  };
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const kettle = { apiVersion: 'kitchen.test/v1', kind: 'Kettle', metadata: { name: 'k1', namespace: 'default' } };
  const clusters = copies(server.connection);
  const both = selectorSet('kitchen', { resources: [definition, kettle, configMap('stove', { k: 'v' })] });
  const without = selectorSet('kitchen', { resources: [configMap('stove', { k: 'v' })] });
  await keeping([[both], clusters], async (runner, passed) => {
    const [record] = runner.records.values();
    assert.is(record?.state, 'synced', record?.reason);
    await client.json({ method: 'DELETE', path: `${definitions}/kettles.kitchen.test` });
    while ((await client.request({ path: '/apis/kitchen.test/v1/kettles' })).status !== 404)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const again = passed();
    runner.update(fleetOf([without], clusters));
    await again;
    assert.is(record?.state, 'synced', record?.reason);
    assert.equal(record?.result?.held, []);
  });
  // And by a process that starts later.
  const { state, reason, result } = await syncOne(fleetOf([without], clusters));
  assert.is(state, 'synced', reason);
  assert.equal(result.changes, []);
  await syncOne(fleetOf([], clusters));
});

/** OCM#632 */
check('an object that left its set before a pass was written down is deleted by the next process', async (context) => {
  const { client, server } = context;
  const clusters = copies(server.connection);
  const set = (...names: string[]): ReturnType<typeof selectorSet> =>
    selectorSet('brief', { resources: names.map((name) => configMap(name, { k: 'v' })) });
  // Killed right after the last write, whose answer it does not see; nothing of it is written anywhere else.
  const stop = new AbortController();
  const killed = new Runner(fleetOf([set('brief-a', 'brief-b')], clusters), {
    ...defaults,
    perCluster: 1,
    observer: {
      request({ method, path }) {
        if (method === 'PATCH' && path.endsWith('brief-b')) stop.abort(new Error('killed'));
      },
      applied: () => undefined,
    },
  });
  await killed.once(stop.signal).catch(() => undefined);
  killed.close();
  assert.is((await client.request({ path: `${maps}/brief-a` })).status, 200);
  const { state, reason } = await syncOne(fleetOf([set('brief-b')], clusters));
  assert.is(state, 'synced', reason);
  assert.is((await client.request({ path: `${maps}/brief-a` })).status, 404);
  assert.is((await client.request({ path: `${maps}/brief-b` })).status, 200);
  await syncOne(fleetOf([], clusters));
});

/** fleet#2521 */
check('what an operator writes beside our fields is no drift, and costs no write', async ({ client, server }) => {
  const limits = { hard: { pods: '10' } };
  const quota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'busy', namespace: 'default' },
    spec: limits,
  };
  const path = '/api/v1/namespaces/default/resourcequotas/busy';
  const written: string[] = [];
  const observer: RunnerOptions['observer'] = {
    request({ method, path: to }) {
      if (method !== 'GET') written.push(`${method} ${to}`);
    },
    applied: () => undefined,
  };
  const sets = [selectorSet('busy', { resources: [quota] })];
  const clusters = copies(server.connection);
  await keeping(
    [sets, clusters],
    async (runner, passed) => {
      const [record] = runner.records.values();
      assert.is(record?.state, 'synced', record?.reason);
      written.length = 0;
      for (let second = 0; second < 5; second++) {
        const contentType = 'application/merge-patch+json';
        const metadata = { annotations: { 'operator.test/seen': String(second) } };
        await client.json({ method: 'PATCH', path, contentType, body: { metadata } });
        const status = { ...limits, used: { pods: String(second) } };
        await client.json({ method: 'PATCH', path: `${path}/status`, contentType, body: { status } });
        const again = passed();
        runner.now(record?.cluster.id ?? '');
        await again;
        assert.equal(record?.result?.changes, []);
      }
    },
    { observer },
  );
  assert.equal(written, []);
  await syncOne(fleetOf([], clusters));
});

/** A server that takes connections and says nothing. */
async function silent(): Promise<{ port: number; server: Server }> {
  const server = createServer((socket) => void socket.on('error', () => undefined));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, server };
}

/** argo-cd#19816, rancher#37021, karmada#894 */
test('a cluster that takes no connection and one that stalls in the middle of an answer hold up nobody', async () => {
  const { port, server } = await silent();
  const spokes = await startSpokes({
    intercept(spoke, { method }, response) {
      if (spoke !== 's1' || method !== 'GET') return false;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"kind":"List","items":[');
      return true;
    },
  });
  const names = Array.from({ length: 20 }, (_, at) => `s${at}`);
  const clusters = names.map((name) => {
    const url = name === 's0' ? `https://127.0.0.1:${port}` : spokes.server(name);
    return cluster(name, { ...spokes.connection, server: url });
  });
  const sets = [selectorSet('s', { resources: [configMap('a', { k: 'v' })] })];
  const order: string[] = [];
  const records = await syncOnce(fleetOf(sets, clusters), {
    workers: 2,
    requestMs: 2_000,
    onChange({ state, cluster: { name } }) {
      if (state !== 'running') order.push(`${name} ${state}`);
    },
  });
  await spokes.close();
  server.close();
  const states = new Map(records.map(({ cluster: { name }, state }) => [name, state]));
  assert.equal([states.get('s0'), states.get('s1')], ['unreachable', 'unreachable']);
  assert.is([...states.values()].filter((state) => state === 'synced').length, 18);
  assert.equal(
    order.slice(-2).sort(),
    ['s0 unreachable', 's1 unreachable'],
    'all others are done before those are given up',
  );
});

test('a cluster that answers without end is given up, and others are not held up', async () => {
  let sent = 0;
  const spokes = await startSpokes({
    intercept(spoke, { method }, response) {
      if (spoke !== 's0' || method !== 'GET') return false;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"kind":"List","items":["');
      const chunk = 'x'.repeat(2 ** 20);
      const more = (): void => {
        if (response.stream.destroyed) return;
        sent += 1;
        response.write(chunk, more);
      };
      more();
      return true;
    },
  });
  const clusters = ['s0', 's1'].map((name) => cluster(name, { ...spokes.connection, server: spokes.server(name) }));
  const records = await syncOnce(
    fleetOf([selectorSet('s', { resources: [configMap('a', { k: 'v' })] })], clusters),
    {},
  );
  await spokes.close();
  const [endless, other] = records;
  assert.is(endless?.state, 'unreachable');
  assert.match(endless?.reason ?? '', /answers with more than 32 MiB at once/);
  assert.is(other?.state, 'synced');
  assert.ok(sent < 200, `${sent} MiB`);
});

test('what is only to be created is left alone where it is, on emulated clusters as on real ones', async () => {
  const spokes = await startSpokes();
  const target = cluster('s0', { ...spokes.connection, server: spokes.server('s0') });
  const set = (k: string): ReturnType<typeof selectorSet> =>
    selectorSet('s', { applyBehavior: 'CreateOnly', resources: [configMap('a', { k })] });
  const first = await syncOne(fleetOf([set('1')], [target]));
  const again = await syncOne(fleetOf([set('2')], [target]));
  const { writes } = spokes.spoke('s0');
  await spokes.close();
  assert.equal([first.state, first.result.changes.map(({ action }) => action)], ['synced', ['create']], first.reason);
  assert.equal([again.state, again.result.changes], ['synced', []], again.reason);
  assert.is(writes, 2, 'the object, and the list of kinds');
});

/** What a server may say that is broken, or means harm: to a list, and to a write. */
const strange: readonly [string, number, unknown][] = [
  ['GET', 200, { items: [{ metadata: {} }] }],
  ['GET', 200, { items: [{ metadata: { name: 7, namespace: ['x'], uid: {}, resourceVersion: {} } }] }],
  ['GET', 200, { items: [{ metadata: { name: 'a', annotations: 'x', labels: 3, managedFields: { a: 1 } } }] }],
  [
    'GET',
    200,
    { items: [{ metadata: { name: 'a', namespace: 'default', managedFields: [null, 7, { manager: 3 }] } }] },
  ],
  [
    'GET',
    200,
    { items: [{ metadata: { name: '../../secrets/x', annotations: { 'sync.hoist.dev/sets': 'SelectorSyncSet/s' } } }] },
  ],
  ['GET', 200, { metadata: { continue: { a: 1 } }, items: [] }],
  ['GET', 200, { metadata: { continue: 'again' }, items: [] }],
  ['GET', 500, { kind: 'Status', message: { a: 1 }, reason: [], details: 'x', code: 'y' }],
  ['GET', 302, {}],
  ['PATCH', 200, { metadata: { managedFields: 'x', resourceVersion: 7 } }],
  ['PATCH', 200, { metadata: null }],
  ['PATCH', 200, []],
  ['PATCH', 422, { kind: 'Status', message: 7, details: { causes: 'x' }, code: 422 }],
  ['PATCH', 422, { kind: 'Status', message: 'immutable', details: { causes: [null, 3] }, code: 422 }],
  ['PATCH', 409, 'no JSON'],
  ['PATCH', 99, {}],
];

test('answers of any shape are the fault of their cluster alone', async () => {
  const deleted: string[] = [];
  const spokes = await startSpokes({
    intercept(spoke, { method, path }, response) {
      if (method === 'DELETE') deleted.push(path);
      const [of, status, body] = strange[Number(spoke.slice(1))] ?? [];
      if (of !== method || status === undefined || path.endsWith('/api') || path.endsWith('/apis')) return false;
      if (status < 200) response.stream.close(2);
      else answer(response, status, body);
      return true;
    },
  });
  const names = [...strange.keys(), strange.length].map((at) => `s${at}`);
  const clusters = names.map((name) => cluster(name, { ...spokes.connection, server: spokes.server(name) }));
  const sets = [selectorSet('s', { resources: [configMap('a', { k: 'v' })] })];
  const records = await syncOnce(fleetOf(sets, clusters), { requestMs: 3_000, passMs: 20_000 });
  await spokes.close();
  assert.is(records.at(-1)?.state, 'synced', 'the one that answers well');
  for (const { cluster: one, state, reason = '' } of records) {
    assert.ok(['synced', 'held', 'failed', 'unreachable'].includes(state), `${one.name} ${state}`);
    assert.not.match(reason, /TypeError|undefined|Cannot read/, `${one.name}: ${reason}`);
  }
  // Behind a proxy, another path may be another cluster.
  for (const path of deleted) assert.not.match(path, /\.\./);
});

test('a name that would be a path is refused before anything is sent there', async () => {
  const paths: string[] = [];
  const spokes = await startSpokes({
    intercept(_, { method, path }) {
      if (method !== 'GET') paths.push(path);
      return false;
    },
  });
  const target = cluster('s0', { ...spokes.connection, server: spokes.server('s0') });
  const sets = [
    selectorSet('name', { resources: [configMap('..', { k: 'v' })] }),
    selectorSet('namespace', { resources: [configMap('a', { k: 'v' }, '..')] }),
    selectorSet('patch', {
      patches: [{ apiVersion: 'v1', kind: 'ConfigMap', name: '..', patch: '{"data":{"a":"b"}}', patchType: 'merge' }],
    }),
  ];
  const [record] = await syncOnce(fleetOf(sets, [target]));
  await spokes.close();
  assert.equal(
    record?.result?.sets.map(({ message = '' }) => message.replace(/^.*: /, '')),
    Array.from({ length: 3 }, () => '".." can be no name of an object'),
  );
  assert.equal(
    paths.filter((path) => !path.includes('/kube-system/')),
    [],
  );
});

function heapMiB(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

test('a thousand attempts at a cluster that is not there leave nothing in memory', async () => {
  const { port, server } = await silent();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  const clock = new FakeClock();
  const stop = new AbortController();
  const target = cluster('gone', { server: `https://127.0.0.1:${port}` });
  const runner = new Runner(fleetOf([selectorSet('s', { resources: [configMap('a', {})] })], [target]), {
    ...defaults,
    clock,
  });
  const running = runner.forever(stop.signal).catch(() => undefined);
  const record = [...runner.records.values()][0];
  const attempts = async (count: number): Promise<number> => {
    while ((record?.passes ?? 0) < count) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(300_000);
    }
    return heapMiB();
  };
  const early = await attempts(200);
  const late = await attempts(1_200);
  stop.abort(new Error('enough'));
  await running;
  runner.close();
  assert.ok((record?.failures ?? 0) >= 1_200, 'each of them failed');
  assert.ok(late < early + 2, `${early.toFixed(1)} MiB, then ${late.toFixed(1)} MiB`);
});

test.run();
