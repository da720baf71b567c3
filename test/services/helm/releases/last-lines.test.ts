// The last lines of pods that fail: of the container that does, and of the life before where this one has said nothing yet.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ObjectRef } from '../../../../scripts/kube/object.ts';
import { lastLogLines } from '../../../../scripts/services/helm/releases/last-lines.ts';
import { answer, type Arrived } from '../../../doubles/kube-server.ts';
import { withClient } from '../../../kube/helpers.ts';

const test = suite('services/helm/releases/last-lines');

const WEB: ObjectRef = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'web', name: 'shop' };
const pod = (name: string, status: object): object => ({ metadata: { name, namespace: 'web' }, status });
const crashed = (name: string, more: object = {}): object =>
  pod(name, {
    containerStatuses: [
      { name: 'side', ready: true },
      { name: 'main', ready: false, state: { terminated: { exitCode: 1 } }, ...more },
    ],
  });

async function lines(
  paths: Record<string, object | string>,
  refs: readonly ObjectRef[] = [WEB],
): Promise<{ found: string[]; logs: Arrived[] }> {
  let found: string[] = [];
  let logs: Arrived[] = [];
  await withClient(
    ({ path }, response) => {
      const known = paths[path];
      answer(response, known === undefined ? 404 : 200, known ?? '{}');
    },
    async (client, { arrived }) => {
      found = await lastLogLines(client, refs, new AbortController().signal);
      logs = arrived.filter(({ path }) => path.endsWith('/log'));
    },
  );
  return { found, logs };
}
const deployment = { metadata: { name: 'shop' }, spec: { selector: { matchLabels: { app: 'shop' } } } };
const withPods = (...items: object[]): Record<string, object> => ({
  '/apis/apps/v1/namespaces/web/deployments/shop': deployment,
  '/api/v1/namespaces/web/pods': { items },
});
const log = (name: string): string => `/api/v1/namespaces/web/pods/${name}/log`;

test('of the container that failed, headed by its pod', async () => {
  const { found, logs } = await lines({ ...withPods(crashed('a')), [log('a')]: 'one\n\n  \ntwo\n' });
  assert.equal(found, ['last lines of a:', '  one', '  two']);
  assert.equal(Object.fromEntries(logs[0]?.query ?? []), { container: 'main', tailLines: '5' });
});

test('of the life before, where it is about to be started again', async () => {
  const again = { restartCount: 2, state: { waiting: { reason: 'CrashLoopBackOff' } } };
  const { logs } = await lines({ ...withPods(crashed('a', again)), [log('a')]: 'x' });
  assert.is(logs[0]?.query.get('previous'), 'true');
  const first = { restartCount: 0, state: { waiting: { reason: 'ErrImagePull' } } };
  assert.is((await lines({ ...withPods(crashed('a', first)), [log('a')]: 'x' })).logs[0]?.query.get('previous'), null);
  const runs = { restartCount: 2, state: { running: {} } };
  assert.is((await lines({ ...withPods(crashed('a', runs)), [log('a')]: 'x' })).logs[0]?.query.get('previous'), null);
});

test('an init container that failed comes first, one that has succeeded does not count', async () => {
  const status = (exitCode: number): object => ({
    initContainerStatuses: [{ name: 'init', ready: false, state: { terminated: { exitCode } } }],
    containerStatuses: [{ name: 'main', ready: false, state: { waiting: { reason: 'PodInitializing' } } }],
  });
  const of = async (exitCode: number): Promise<unknown> =>
    (await lines({ ...withPods(pod('a', status(exitCode))), [log('a')]: 'x' })).logs[0]?.query.get('container');
  assert.equal([await of(1), await of(0)], ['init', 'main']);
});

test('of two pods at most, and of those that fail', async () => {
  const ready = pod('ready', { conditions: [{ type: 'Ready', status: 'True' }] });
  const paths = {
    ...withPods(ready, crashed('a'), crashed('b'), crashed('c')),
    [log('a')]: 'x',
    [log('b')]: 'y',
    [log('c')]: 'z',
  };
  assert.equal((await lines(paths)).found, ['last lines of a:', '  x', 'last lines of b:', '  y']);
});

test('a pod itself; nothing for kinds without pods, silent pods and what cannot be read', async () => {
  const ref: ObjectRef = { apiVersion: 'v1', kind: 'Pod', name: 'p' };
  const own = '/api/v1/namespaces/default/pods/p';
  const failing = { ...crashed('p'), metadata: { name: 'p' } };
  assert.equal((await lines({ [own]: failing, [`${own}/log`]: 'x' }, [ref])).found, ['last lines of p:', '  x']);
  assert.equal((await lines({ [own]: { metadata: { name: 'p' }, status: { phase: 'Succeeded' } } }, [ref])).found, []);
  assert.equal((await lines({ ...withPods(crashed('a')), [log('a')]: '\n' })).found, []);
  assert.equal((await lines(withPods(crashed('a')))).found, [], 'an answer of 404 is no log');
  assert.equal((await lines({})).found, []);
  assert.equal((await lines({}, [{ apiVersion: 'x/v1', kind: 'Thing', name: 'a' }])).found, []);
});

test.run();
