// How objects do, as the page of a bundle says it.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stateOf } from '../../../scripts/support/page/states.ts';

const test = suite('support/page/states');

const says = (kind: string, object: object): string => {
  const { state, bad } = stateOf(kind, object);
  return `${state}${bad ? ' !' : ''}`;
};
const pod = (status: object): string => says('Pod', { status });
const ok = { ready: true, restartCount: 0, state: { running: {} } };

test('pods', () => {
  assert.is(pod({ phase: 'Running', containerStatuses: [ok, ok] }), 'Running 2/2');
  assert.is(pod({ phase: 'Running', containerStatuses: [ok, { ready: false }] }), 'Running 1/2 !');
  assert.is(
    pod({ phase: 'Succeeded', containerStatuses: [{ ready: false, state: { terminated: { reason: 'Completed' } } }] }),
    'Succeeded',
  );
  assert.is(pod({ phase: 'Pending' }), 'Pending 0/0 !');
  assert.is(says('Pod', {}), 'Unknown 0/0 !');
  assert.is(pod({ phase: 'Failed', reason: 'Evicted' }), 'Evicted 0/0 !');
  const waiting = { ready: false, restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } } };
  assert.is(
    pod({ phase: 'Running', containerStatuses: [{ ...ok, restartCount: 1 }, waiting] }),
    'CrashLoopBackOff 1/2, 4 restarts !',
  );
  const ended = { ready: false, state: { terminated: { reason: 'OOMKilled', exitCode: 137 } } };
  assert.is(pod({ phase: 'Running', reason: 'x', containerStatuses: [ended] }), 'OOMKilled 0/1 !');
  assert.is(pod({ phase: 'Running', reason: 'x', containerStatuses: [{ ready: false }] }), 'x 0/1 !');
  // What has ended once, and is ready again, is not stuck.
  assert.is(
    pod({ phase: 'Running', containerStatuses: [{ ...ok, state: { terminated: { reason: 'Error' } } }] }),
    'Running 1/1',
  );
});

test('what has replicas', () => {
  for (const kind of ['Deployment', 'StatefulSet', 'ReplicaSet']) {
    assert.is(says(kind, { spec: { replicas: 3 }, status: { readyReplicas: 3 } }), '3/3 ready');
    assert.is(says(kind, { spec: { replicas: 3 }, status: { readyReplicas: 2 } }), '2/3 ready !');
    assert.is(says(kind, {}), '0/1 ready !', 'one is wanted where nothing is said');
    assert.is(says(kind, { spec: { replicas: 0 } }), '0/0 ready');
  }
  assert.is(says('DaemonSet', { status: { numberReady: 1, desiredNumberScheduled: 2 } }), '1/2 ready !');
  assert.is(says('DaemonSet', {}), '0/0 ready');
});

test('jobs, nodes, volumes and namespaces', () => {
  const failed = {
    conditions: [
      { type: 'Complete', status: 'False' },
      { type: 'Failed', status: 'True' },
    ],
  };
  assert.is(says('Job', { spec: { completions: 2 }, status: { succeeded: 1 } }), '1/2 succeeded');
  assert.is(says('Job', { status: failed }), '0/1 succeeded !');
  assert.is(
    says('Job', {
      status: {
        conditions: [
          { type: 'Failed', status: 'False' },
          { type: 'Complete', status: 'True' },
        ],
      },
    }),
    '0/1 succeeded',
  );
  const node = (status: string, reason?: string): string =>
    says('Node', {
      status: {
        conditions: [
          { type: 'Disk', status: 'False' },
          { type: 'Ready', status, reason },
        ],
      },
    });
  assert.is(node('True'), 'Ready');
  assert.is(node('False', 'KubeletNotReady'), 'KubeletNotReady !');
  assert.is(node('Unknown'), 'NotReady !');
  assert.is(says('Node', {}), 'NotReady !');
  for (const kind of ['PersistentVolumeClaim', 'PersistentVolume', 'Namespace']) {
    for (const phase of ['Bound', 'Available', 'Released', 'Active', ''])
      assert.is(says(kind, { status: { phase } }), phase);
    assert.is(says(kind, { status: { phase: 'Lost' } }), 'Lost !');
    assert.is(says(kind, {}), '');
  }
  assert.is(says('Service', { status: { phase: 'odd' } }), '');
});

test.run();
