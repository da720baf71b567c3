// The waits of a cluster: who is late is named with the reason, and progress is reported when it changes.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HealthError } from '../../../scripts/base/errors.ts';
import type { KubeClient } from '../../../scripts/kube/client/client.ts';
import { KubeApiError } from '../../../scripts/kube/client/errors.ts';
import {
  waitEndpoints,
  waitNodesReady,
  type WaitOptions,
  waitServiceAccounts,
} from '../../../scripts/kube/watch/wait.ts';
import { answer, type Arrived, statusObject } from '../../doubles/kube-server.ts';
import { givingUp, thrown, withClient } from '../helpers.ts';

const test = suite('kube/watch/wait');

/** What a wait says that is given up. */
async function lateWith(items: object[], start: Start): Promise<{ error: string; progress: string[] }> {
  let progress: string[] = [];
  const error = await givingUp(/: no answer$/, async (ms) => {
    const result = await wait(items, [], start, ms);
    ({ progress } = result);
    return result.error ?? '';
  });
  return { error, progress };
}

type Start = (client: KubeClient, options: WaitOptions) => Promise<void>;

/** Waits on a collection of these items, to which these come later; the progress as `done/total`. */
async function wait(
  items: object[],
  later: object[],
  start: Start,
  timeoutMs = 5_000,
): Promise<{ progress: string[]; list: Arrived | undefined; error: string | undefined }> {
  const progress: string[] = [];
  let list: Arrived | undefined;
  let error: string | undefined;
  await withClient(
    ({ query }, response) => {
      if (query.get('watch') === null) answer(response, 200, { metadata: { resourceVersion: '1' }, items });
      else {
        response.writeHead(200);
        // One line after the other, so that each is judged by itself.
        for (const object of later) response.write(`${JSON.stringify({ type: 'MODIFIED', object })}\n`);
      }
    },
    async (client, server) => {
      const waiting = start(client, { timeoutMs, onProgress: ({ done, total }) => progress.push(`${done}/${total}`) });
      if (timeoutMs < 5_000) error = (await thrown(HealthError, waiting)).message;
      else await waiting;
      list = server.arrived[0];
    },
  );
  return { progress, list, error };
}

const node = (name: string, status?: string, more: object = {}): object => ({
  metadata: { name, resourceVersion: '2' },
  ...(status === undefined ? {} : { status: { conditions: [{ type: 'Ready', status, ...more }] } }),
});

test('a number of nodes', async () => {
  const start: Start = (client, options) => waitNodesReady(client, { count: 2 }, options);
  assert.equal((await wait([node('a', 'True'), node('b', 'True')], [], start)).progress, ['2/2']);
  assert.equal((await wait([node('a', 'True'), node('b', 'True'), node('c', 'False')], [], start)).progress, ['2/2']);
  const { progress } = await wait([node('a', 'True')], [node('b', 'True')], start);
  assert.equal(progress, ['1/2', '2/2']);
});

test('nodes that are late: which, and how many have not come at all', async () => {
  const start: Start = (client, options) => waitNodesReady(client, { count: 3 }, options);
  const late = await lateWith(
    [node('a', 'True'), node('b', 'False', { reason: 'KubeletNotReady', message: 'no CNI' })],
    start,
  );
  assert.is(late.error, 'nodes not ready after N s:\n  b: KubeletNotReady: no CNI\n  node 3 of 3: has not registered');
  assert.equal(late.progress, ['1/3']);
  const none = await lateWith([], start);
  assert.is(
    none.error.split('\n').slice(1).join(),
    '  node 1 of 3: has not registered,  node 2 of 3: has not registered,  node 3 of 3: has not registered',
  );
  // Of more nodes than are wanted only as many are late as are missing.
  const more = await lateWith(
    ['a', 'b', 'c', 'd'].map((name) => node(name, name < 'c' ? 'True' : 'False')),
    start,
  );
  assert.is(more.error, 'nodes not ready after N s:\n  c: Ready is False');
});

test('named nodes, with what they say since they were started', async () => {
  const names = ['a', 'b'];
  const startedAt = new Map([['a', Date.parse('2026-01-01T00:00:10Z')]]);
  const start: Start = (client, options) => waitNodesReady(client, { names, startedAt }, options);
  const fresh = node('a', 'True', { lastHeartbeatTime: '2026-01-01T00:00:10Z' });
  await wait([fresh, node('b', 'True')], [], start);
  const stale = node('a', 'True', { lastHeartbeatTime: '2026-01-01T00:00:09Z' });
  assert.is(
    (await lateWith([stale, node('c', 'True')], start)).error,
    'nodes not ready after N s:\n  a: has not reported its state since it was started\n  b: has not registered',
  );
  assert.equal((await lateWith([stale, node('b')], start)).progress, ['0/2']);
});

test('service accounts: of one namespace it is asked for alone, of several all at once', async () => {
  const account = (namespace: string): object => ({ metadata: { name: 'default', namespace } });
  const one = await wait([account('web')], [], (client, options) => waitServiceAccounts(client, ['web'], options));
  assert.is(one.list?.path, '/api/v1/namespaces/web/serviceaccounts');
  assert.is(one.list?.query.get('fieldSelector'), 'metadata.name=default');
  const two = await wait([account('web'), account('x')], [account('db')], (client, options) =>
    waitServiceAccounts(client, ['web', 'db'], options),
  );
  assert.is(two.list?.path, '/api/v1/serviceaccounts');
  assert.equal(two.progress, ['1/2', '2/2']);
  const late = await lateWith([account('web')], (client, options) =>
    waitServiceAccounts(client, ['web', 'db'], options),
  );
  assert.match(late.error, /^service accounts not ready after N s:\n {2}db: has no default service account/);
});

test('an endpoint counts as ready unless it says that it is not', async () => {
  const slice = (...ready: (boolean | undefined)[]): object => ({
    metadata: { name: 's', namespace: 'web' },
    endpoints: ready.map((one) => ({ conditions: one === undefined ? {} : { ready: one } })),
  });
  const start: Start = (client, options) => waitEndpoints(client, { namespace: 'web', name: 'shop' }, options);
  const { list } = await wait([slice(false, true)], [], start);
  assert.equal(
    [list?.path, list?.query.get('labelSelector')],
    ['/apis/discovery.k8s.io/v1/namespaces/web/endpointslices', 'kubernetes.io/service-name=shop'],
  );
  await wait([slice(undefined)], [], start);
  const error = async (...items: object[]): Promise<string | undefined> => (await lateWith(items, start)).error;
  assert.is(await error(), 'service not ready after N s:\n  web/shop: no pod stands behind it');
  assert.is(await error({ metadata: { name: 's', namespace: 'web' } }), await error());
  assert.is(
    await error(slice(false, false)),
    'service not ready after N s:\n  web/shop: none of its 2 endpoints is ready',
  );
});

test('a server that never answers is itself the one that is late; a refusal stays one', async () => {
  await withClient(
    () => undefined,
    async (client) => {
      const error = await thrown(HealthError, waitNodesReady(client, { count: 1 }, { timeoutMs: 60 }));
      assert.is(error.message, `nodes not ready after 0.06 s:\n  ${client.server}: no answer`);
    },
  );
  await withClient(
    (_, response) => answer(response, 403, statusObject(403, 'Forbidden', 'no')),
    async (client) =>
      assert.is((await thrown(KubeApiError, waitNodesReady(client, { count: 1 }, { timeoutMs: 5_000 }))).status, 403),
  );
  await withClient(
    (_, response) => answer(response, 500, statusObject(500, 'InternalError', 'etcd is away')),
    async (client) => {
      const message = await givingUp(/no answer/, async (timeoutMs) => {
        const waiting = waitNodesReady(client, { count: 1 }, { timeoutMs });
        return (await thrown(HealthError, waiting)).message;
      });
      assert.match(message, /etcd is away$/);
    },
  );
});

test.run();
