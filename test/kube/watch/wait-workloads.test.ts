// The wait for workloads: which are waited for, how far they are, and why those that are late are.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HealthError } from '../../../scripts/base/errors.ts';
import type { ObjectRef } from '../../../scripts/kube/object.ts';
import { waitWorkloads, workloadsAmong } from '../../../scripts/kube/watch/wait-workloads.ts';
import { answer, type Arrived, statusObject } from '../../doubles/kube-server.ts';
import { givingUp, thrown, withClient } from '../helpers.ts';

const test = suite('kube/watch/wait-workloads');

const deployment = (name: string, namespace = 'default'): ObjectRef => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  name,
  namespace,
});
const live = (name: string, available: number, more: object = {}): object => ({
  metadata: { name, namespace: 'default', uid: name, generation: 1 },
  spec: { replicas: 1, selector: { matchLabels: { app: name } } },
  status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: available, ...more },
});

interface Objects {
  deployments?: object[];
  jobs?: object[];
  pods?: object[];
  events?: object[];
  /** Later states of deployments. */
  later?: object[];
}

async function wait(
  refs: ObjectRef[],
  objects: Objects,
  timeoutMs: number,
  check: (done: Promise<void>) => Promise<void>,
): Promise<{ progress: string[]; asked: readonly Arrived[] }> {
  const progress: string[] = [];
  let asked: readonly Arrived[] = [];
  await withClient(
    ({ path, query }, response) => {
      if (query.get('watch') !== null) {
        response.writeHead(200);
        const later = path.endsWith('/deployments') ? (objects.later ?? []) : [];
        response.write(later.map((object) => `${JSON.stringify({ type: 'MODIFIED', object })}\n`).join('') || '\n');
        return;
      }
      const kind = path.split('/').at(-1) as keyof Objects;
      if (!['deployments', 'jobs', 'pods', 'events'].includes(kind))
        return answer(response, 404, statusObject(404, 'NotFound', path));
      answer(response, 200, { metadata: { resourceVersion: '1' }, items: objects[kind] ?? [] });
    },
    async (client, server) => {
      await check(
        waitWorkloads(client, refs, { timeoutMs, onProgress: ({ done, total }) => progress.push(`${done}/${total}`) }),
      );
      asked = server.arrived;
    },
  );
  return { progress, asked };
}
const lateWith = (refs: ObjectRef[], objects: Objects): Promise<string> =>
  givingUp(/no answer|does not exist/, async (ms) => {
    let message = '';
    await wait(refs, objects, ms, async (done) => void (message = (await thrown(HealthError, done)).message));
    return message;
  });

test('only kinds that can be waited for', () => {
  const refs = ['Deployment', 'StatefulSet', 'DaemonSet'].map((kind) => ({ apiVersion: 'apps/v1', kind, name: 'a' }));
  const more = [
    { apiVersion: 'batch/v1', kind: 'Job', name: 'a' },
    { apiVersion: 'v1', kind: 'Pod', name: 'a' },
  ];
  const others = [
    { apiVersion: 'v1', kind: 'ConfigMap', name: 'a' },
    { apiVersion: 'other/v1', kind: 'Job', name: 'a' },
  ];
  assert.equal(workloadsAmong([...refs, ...others, ...more]), [...refs, ...more]);
});

test('nothing to wait for ends at once', async () => {
  const { asked } = await wait([{ apiVersion: 'v1', kind: 'ConfigMap', name: 'a' }], {}, 5_000, (done) => done);
  assert.equal(asked, []);
});

test('one of a kind is asked for by its name, several by their kind; progress is of all', async () => {
  const one = await wait([deployment('a')], { deployments: [live('a', 1)] }, 5_000, (done) => done);
  assert.is(one.asked.find(({ path }) => path.endsWith('/deployments'))?.query.get('fieldSelector'), 'metadata.name=a');
  const job = {
    metadata: { name: 'j', namespace: 'default' },
    status: { conditions: [{ type: 'Complete', status: 'True' }] },
  };
  const refs = [deployment('a'), deployment('b'), { apiVersion: 'batch/v1', kind: 'Job', name: 'j' }];
  const all = await wait(
    refs,
    { deployments: [live('a', 1), live('b', 0)], later: [live('b', 1)], jobs: [job] },
    5_000,
    (done) => done,
  );
  assert.is(all.asked.find(({ path }) => path.endsWith('/deployments'))?.query.get('fieldSelector'), null);
  assert.is(all.progress.at(-1), '3/3');
  assert.is(new Set(all.progress).size, all.progress.length, 'only what changes is reported');
});

test('late ones with the reasons of their pods and the last warning', async () => {
  const pods = [
    {
      metadata: { name: 'a-1', namespace: 'default', uid: 'p1' },
      status: { containerStatuses: [{ name: 'c', state: { waiting: { reason: 'CrashLoopBackOff' } } }] },
    },
    {
      metadata: { name: 'a-2', namespace: 'default' },
      status: { containerStatuses: [{ name: 'c', state: { waiting: { reason: 'CrashLoopBackOff' } } }] },
    },
  ];
  const events = [
    { metadata: { name: '1' }, reason: 'BackOff', message: 'back-off', lastTimestamp: '2026-01-01T00:00:02Z' },
    { metadata: { name: '2' }, reason: 'Failed', message: 'older', lastTimestamp: '2026-01-01T00:00:01Z' },
    {
      metadata: { name: '3' },
      reason: 'Failed',
      message: 'Error: ErrImagePull',
      lastTimestamp: '2026-01-01T00:00:03Z',
    },
  ];
  assert.is(
    await lateWith([deployment('a')], { deployments: [live('a', 0)], pods, events }),
    'workloads not ready after N s:\n  Deployment default/a: 0 of 1 replicas are available; 2 pods, among them a-1: container c: CrashLoopBackOff; BackOff: back-off',
  );
});

test('without pods the warning is of the workload itself, or there is only its state', async () => {
  const events = [
    { metadata: { name: '1' }, reason: 'FailedCreate', message: 'quota', eventTime: '2026-01-01T00:00:02Z' },
  ];
  assert.match(
    await lateWith([deployment('a')], { deployments: [live('a', 0)], events }),
    /a: 0 of 1 replicas are available; FailedCreate: quota$/,
  );
  assert.match(await lateWith([deployment('a')], { deployments: [live('a', 0)] }), /a: 0 of 1 replicas are available$/);
});

test('one that does not exist is late; one that never will be ready ends the wait at once', async () => {
  await wait([deployment('none')], {}, 300, async (done) => {
    assert.match((await thrown(HealthError, done)).message, /Deployment default\/none: (?:does not exist|.*no answer)/);
  });
  const conditions = [
    { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'too long' },
  ];
  await wait([deployment('a')], { deployments: [live('a', 0, { conditions })] }, 60_000, async (done) => {
    assert.is(
      (await thrown(HealthError, done)).message,
      'workloads not ready and will not become so:\n  Deployment default/a: ProgressDeadlineExceeded: too long',
    );
  });
});

test.run();
