// When nodes, pods, workloads and definitions count as ready, and what is said of those that are not.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { definitionVerdict, type Definition } from '../../../scripts/kube/apply/established.ts';
import { podVerdict, type Pod } from '../../../scripts/kube/watch/pod.ts';
import { parseChecks } from '../../../scripts/kube/watch/readyz.ts';
import { nodeVerdict } from '../../../scripts/kube/watch/verdict.ts';
import {
  selectorQuery,
  workloadVerdict,
  type Workload,
  type WorkloadKind,
} from '../../../scripts/kube/watch/workload.ts';

const verdicts = suite('kube: verdicts');
const metadata = { name: 'x', generation: 2 };

function node(...conditions: { type: string; status: string; reason?: string; message?: string }[]) {
  return nodeVerdict({ metadata, status: { conditions } })?.why;
}

verdicts('a node is ready by its Ready condition', () => {
  assert.is(node({ type: 'Ready', status: 'True' }), undefined);
  assert.is(nodeVerdict({ metadata })?.why, 'has not reported its state');
  const message = 'container runtime network not ready';
  assert.is(
    node({ type: 'Ready', status: 'False', reason: 'KubeletNotReady', message }),
    `KubeletNotReady: ${message}`,
  );
  assert.is(node({ type: 'Ready', status: 'Unknown' }), 'Ready is Unknown');
});

verdicts('what a node said in an earlier life counts for nothing', () => {
  const ready = { type: 'Ready', status: 'True', lastHeartbeatTime: '2026-01-01T10:00:05Z' };
  const since = (time: string) => nodeVerdict({ metadata, status: { conditions: [ready] } }, Date.parse(time))?.why;
  assert.is(since('2026-01-01T10:00:04.9Z'), undefined);
  assert.is(since('2026-01-01T10:00:05.9Z'), undefined, 'reports have whole seconds');
  assert.match(since('2026-01-01T10:00:06Z') ?? '', /has not reported its state since it was started/);
});

function workload(kind: WorkloadKind, spec: Workload['spec'], status: Workload['status']): string | undefined {
  const verdict = workloadVerdict(kind, { metadata, spec: spec ?? {}, status: { observedGeneration: 2, ...status } });
  return verdict && `${verdict.final === true ? 'final: ' : ''}${verdict.why}`;
}

verdicts('a status from before the last change counts for nothing', () => {
  const full = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet'] as const) {
    assert.match(workload(kind, {}, full) ?? '', /not seen the last change/);
  }
});

verdicts('a deployment is rolled out when all replicas are new and available', () => {
  const deployment = (status: Workload['status']) => workload('Deployment', { replicas: 3 }, status);
  assert.is(deployment({}), '0 of 3 replicas are updated');
  assert.is(deployment({ replicas: 4, updatedReplicas: 3, availableReplicas: 4 }), '1 old replicas have not ended');
  assert.is(deployment({ replicas: 3, updatedReplicas: 3, availableReplicas: 2 }), '2 of 3 replicas are available');
  assert.is(deployment({ replicas: 3, updatedReplicas: 3, availableReplicas: 3 }), undefined);
  assert.is(workload('Deployment', { replicas: 0 }, {}), undefined);
  const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'late' }];
  assert.is(deployment({ conditions }), 'final: ProgressDeadlineExceeded: late');
  const failure = [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' }];
  assert.is(deployment({ conditions: failure }), 'FailedCreate: exceeded quota');
});

verdicts('a stateful set minds partitions and revisions', () => {
  const ready = { readyReplicas: 3, updatedReplicas: 1 };
  const revisions = { currentRevision: 'a', updateRevision: 'b' };
  assert.is(workload('StatefulSet', { replicas: 3 }, { readyReplicas: 2 }), '2 of 3 replicas are ready');
  assert.is(workload('StatefulSet', { replicas: 3 }, { ...ready, ...revisions }), '1 of 3 replicas are updated');
  assert.is(workload('StatefulSet', { replicas: 3 }, ready), undefined);
  const partition = (at: number) => ({ replicas: 3, updateStrategy: { rollingUpdate: { partition: at } } });
  assert.is(workload('StatefulSet', partition(1), { ...ready, ...revisions }), '1 of 2 replicas are updated');
  assert.is(workload('StatefulSet', partition(2), { ...ready, ...revisions }), undefined);
  const onDelete = { replicas: 3, updateStrategy: { type: 'OnDelete' } };
  assert.is(workload('StatefulSet', onDelete, { ...ready, ...revisions }), undefined);
});

verdicts('a daemon set is on all nodes that want it', () => {
  const status = { desiredNumberScheduled: 3, updatedNumberScheduled: 2, numberAvailable: 2 };
  assert.is(workload('DaemonSet', {}, status), '2 of 3 pods are updated');
  assert.is(workload('DaemonSet', { updateStrategy: { type: 'OnDelete' } }, status), '2 of 3 pods are available');
  assert.is(workload('DaemonSet', {}, { ...status, updatedNumberScheduled: 3 }), '2 of 3 pods are available');
  assert.is(workload('DaemonSet', {}, { ...status, updatedNumberScheduled: 3, numberAvailable: 3 }), undefined);
  assert.is(workload('DaemonSet', {}, {}), undefined);
});

verdicts('a job is complete, failed, suspended or under way', () => {
  const condition = (type: string) => ({ conditions: [{ type, status: 'True', reason: 'R', message: 'm' }] });
  assert.is(workload('Job', {}, condition('Complete')), undefined);
  assert.is(workload('Job', {}, condition('Failed')), 'final: R: m');
  assert.is(workload('Job', { suspend: true }, {}), 'is suspended');
  assert.is(workload('Job', { completions: 5 }, { succeeded: 2 }), '2 of 5 completions');
});

verdicts('what is not said counts as one replica, and as none that is there', () => {
  const bare = (kind: WorkloadKind): string | undefined => workloadVerdict(kind, { metadata: { name: 'x' } })?.why;
  assert.is(bare('Deployment'), '0 of 1 replicas are updated');
  assert.is(bare('StatefulSet'), '0 of 1 replicas are ready');
  assert.is(bare('DaemonSet'), undefined);
  assert.is(bare('Job'), '0 of 1 completions');
  assert.is(bare('Pod'), 'is Pending');
  const one = { metadata: { name: 'x', generation: 1 } };
  assert.match(workloadVerdict('Deployment', one)?.why ?? '', /not seen the last change/);
  assert.is(workload('Deployment', {}, { updatedReplicas: 1 }), '0 of 1 replicas are available');
  assert.is(workload('Deployment', {}, { updatedReplicas: 1, availableReplicas: 1 }), undefined);
  assert.is(workload('StatefulSet', {}, { readyReplicas: 1 }), undefined);
  assert.is(workload('StatefulSet', {}, { readyReplicas: 1, updateRevision: 'b' }), '0 of 1 replicas are updated');
  const partition = { updateStrategy: { rollingUpdate: { partition: 1 } }, replicas: 2 };
  assert.is(workload('StatefulSet', partition, { readyReplicas: 2 }), '0 of 1 replicas are updated');
  assert.is(workload('DaemonSet', {}, { desiredNumberScheduled: 1 }), '0 of 1 pods are updated');
  assert.is(
    workload('DaemonSet', {}, { desiredNumberScheduled: 1, updatedNumberScheduled: 1 }),
    '0 of 1 pods are available',
  );
});

verdicts('a condition that is false, or about something else, says nothing', () => {
  const conditions = (...types: string[]) => ({
    conditions: types.map((type) => ({ type, status: 'False', reason: 'R', message: 'm' })),
  });
  const rolledOut = { replicas: 1, updatedReplicas: 1, availableReplicas: 1 };
  assert.is(workload('Deployment', {}, { ...rolledOut, ...conditions('Progressing', 'ReplicaFailure') }), undefined);
  assert.is(workload('Job', { suspend: false }, conditions('Complete', 'Failed')), '0 of 1 completions');
  const others = [
    { type: 'Suspended', status: 'True' },
    { type: 'FailureTarget', status: 'True' },
  ];
  assert.is(workload('Job', {}, { conditions: others }), '0 of 1 completions');
  assert.is(workload('Job', { completions: 2 }, { succeeded: 1, ...conditions('Failed') }), '1 of 2 completions');
});

function pod(status: Pod['status'], more: object = {}): string | undefined {
  const verdict = podVerdict({ metadata: { name: 'p', ...more }, status: status ?? {} });
  return verdict && `${verdict.final === true ? 'final: ' : ''}${verdict.why}`;
}

verdicts('a pod is ready by its condition or when it has succeeded', () => {
  assert.is(pod({ phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }), undefined);
  assert.is(pod({ phase: 'Succeeded' }), undefined);
  assert.is(pod({}), 'is Pending');
  assert.is(pod({ phase: 'Running' }, { deletionTimestamp: 'now' }), 'is being deleted');
});

verdicts('a pod tells of its scheduling, its containers and its end', () => {
  const message = '0/1 nodes are available';
  const unschedulable = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }];
  assert.is(pod({ conditions: unschedulable }), `Unschedulable: ${message}`);
  const pulling = {
    name: 'c',
    state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "x"' } },
  };
  assert.is(pod({ containerStatuses: [pulling] }), 'container c: ImagePullBackOff: Back-off pulling image "x"');
  const crashing = {
    name: 'c',
    restartCount: 3,
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } },
  };
  assert.is(
    pod({ initContainerStatuses: [crashing] }),
    'container c: CrashLoopBackOff (restarted 3 times; last: OOMKilled, exit code 137)',
  );
  const ended = { name: 'c', state: { terminated: { reason: 'Error', exitCode: 2 } } };
  assert.is(
    pod({ phase: 'Failed', reason: 'Evicted', message: 'disk', containerStatuses: [ended] }),
    'final: has failed; Evicted: disk; container c: Error, exit code 2',
  );
  const starting = { name: 'c', state: { waiting: { reason: 'ContainerCreating' } } };
  const unready = [{ type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: 'unready: [c]' }];
  assert.is(pod({ containerStatuses: [starting], conditions: unready }), 'ContainersNotReady: unready: [c]');
});

verdicts('a definition is served once Established, and never with names that are taken', () => {
  const definition = (...conditions: object[]) => definitionVerdict({ metadata, status: { conditions } } as Definition);
  assert.is(definition({ type: 'Established', status: 'True' }), undefined);
  assert.equal(definition(), { why: 'is not Established yet', final: false });
  const taken = { type: 'NamesAccepted', status: 'False', reason: 'PluralConflict', message: '"foos" is taken' };
  assert.equal(definition(taken), { why: 'PluralConflict: "foos" is taken', final: true });
});

verdicts('a selector becomes a query', () => {
  const matchExpressions = [
    { key: 'b', operator: 'In', values: ['1', '2'] },
    { key: 'c', operator: 'NotIn', values: ['3'] },
    { key: 'd', operator: 'Exists' },
    { key: 'e', operator: 'DoesNotExist' },
  ];
  assert.is(selectorQuery({ matchLabels: { a: 'x' }, matchExpressions }), 'a=x,b in (1,2),c notin (3),d,!e');
  assert.is(selectorQuery({}), '');
});

verdicts('the single checks of a verbose answer are read', () => {
  const text = '[+]ping ok\n[-]etcd failed: reason withheld\n[+]poststarthook/rbac excluded: ok\nreadyz check failed\n';
  assert.equal(parseChecks(text), [
    { name: 'ping', ok: true, detail: 'ok' },
    { name: 'etcd', ok: false, detail: 'failed: reason withheld' },
    { name: 'poststarthook/rbac', ok: true, detail: 'excluded: ok' },
  ]);
  assert.equal(parseChecks('<html>'), []);
});

verdicts.run();
