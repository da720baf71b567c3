// What waits judge objects by: existence, conditions in any case, readiness, values at a path.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { wantedOf } from '../../../scripts/tasks/wait/condition.ts';

const waits = suite('tasks: wait conditions');

const object = (status: object | undefined, metadata: object = {}) => ({
  metadata: { name: 'x', ...metadata },
  status,
});
const conditions = (...list: [type: string, status: string, observedGeneration?: number][]) => ({
  conditions: list.map(([type, status, observedGeneration]) => ({ type, status, observedGeneration })),
});
const UNSEEN = 'its controller has not seen the last change yet';

waits('existence and deletion', () => {
  for (const text of ['', ' ', 'exist', 'Exists', 'create']) {
    const { gone, judge } = wantedOf(text);
    assert.is(gone, false, text);
    assert.is(judge(object(undefined), 'Thing'), undefined, text);
  }
  for (const text of ['delete', 'Deleted']) {
    assert.is(wantedOf(text).gone, true, text);
    assert.is(wantedOf(text).judge(object(undefined), 'Thing'), 'still exists');
  }
  for (const text of ['ready', 'Available', '{.a}', 'jsonpath={.a}']) assert.is(wantedOf(text).gone, false, text);
});

waits('conditions by their name in any case, their value, and whether they are of the last change', () => {
  const cases: [condition: string, status: object, generation: number | undefined, why: string | undefined][] = [
    ['available', conditions(['Available', 'True']), undefined, undefined],
    ['condition=AVAILABLE', conditions(['Other', 'False'], ['Available', 'true']), undefined, undefined],
    ['available', conditions(['Available', 'False']), undefined, 'Available is False'],
    ['available=false', conditions(['Available', 'False']), undefined, undefined],
    ['available', conditions(), undefined, 'has no condition available'],
    ['available', {}, undefined, 'has no condition available'],
    ['ready=false', conditions(['Ready', 'False']), undefined, undefined],
    ['ready=false', conditions(['Ready', 'True']), undefined, 'Ready is True'],
    ['available', conditions(['Available', 'True', 1]), 2, UNSEEN],
    ['available', conditions(['Available', 'True', 2]), 2, undefined],
    ['available', conditions(['Available', 'True', 0]), undefined, undefined],
    ['available', conditions(['Available', 'True']), 2, undefined],
    ['available', { ...conditions(['Available', 'True']), observedGeneration: 1 }, 2, UNSEEN],
    ['available', { ...conditions(['Available', 'True', 2]), observedGeneration: 1 }, 2, undefined],
  ];
  for (const [condition, status, generation, why] of cases)
    assert.is(
      wantedOf(condition).judge(object(status, { generation }), 'Thing'),
      why,
      JSON.stringify([condition, status]),
    );
});

waits('readiness: the condition Ready, a rollout, the condition Available, or that the last change was seen', () => {
  const cases: [kind: string, status: object | undefined, generation: number | undefined, why: string | undefined][] = [
    ['Pod', conditions(['Ready', 'True']), undefined, undefined],
    ['Pod', conditions(['Initialized', 'True'], ['Ready', 'False']), undefined, 'Ready is False'],
    ['Pod', conditions(['Initialized', 'True']), undefined, 'is Pending'],
    ['Node', {}, undefined, 'has not reported its state'],
    ['Thing', undefined, undefined, undefined],
    ['Thing', conditions(['Other', 'False']), undefined, undefined],
    ['Thing', conditions(['Other', 'True'], ['Available', 'False']), undefined, 'Available is False'],
    ['Thing', conditions(['Available', 'True']), undefined, undefined],
    ['Thing', conditions(['Ready', 'False'], ['Available', 'True']), undefined, 'Ready is False'],
    ['Thing', { observedGeneration: 1 }, 2, UNSEEN],
    ['Thing', { observedGeneration: 2 }, 2, undefined],
    ['Thing', { observedGeneration: 0 }, undefined, undefined],
    ['Thing', {}, 2, undefined],
    ['Deployment', conditions(['Available', 'True']), undefined, '0 of 1 updated'],
  ];
  for (const [kind, status, generation, why] of cases) {
    const own = wantedOf('Ready').judge(object(status, { generation }), kind);
    if (kind === 'Deployment') assert.ok(own !== undefined, 'a rollout is judged by its replicas');
    else assert.is(own, why, JSON.stringify([kind, status]));
  }
  assert.is(wantedOf('ready=TRUE').judge(object({}), 'Node'), 'has not reported its state');
});

waits('values at a path, as kubectl prints them', () => {
  const value = {
    ...object({ phase: 'Running', n: [1, 2] }),
    spec: { replicas: 3, o: { a: 1 }, list: [{ a: 'b', n: 1 }] },
  };
  const cases: [condition: string, why: string | undefined][] = [
    ['{.spec.replicas}=3', undefined],
    ['{.spec.replicas}=4', '{.spec.replicas} is 3'],
    ['{.spec.replicas}', undefined],
    ['{.spec.none}', 'has nothing at {.spec.none}'],
    ['{.spec.none}=', 'has nothing at {.spec.none}'],
    ['{.status.phase} = Running', '{.status.phase} is Running'],
    ['jsonpath=.status.phase=Running', undefined],
    ['jsonpath=.status.phase=Pending', '.status.phase is Running'],
    ['{.spec.list[?(@.a=="b")].n}=1', undefined],
    ['jsonpath=.spec.list[?(@.a=="b")].n', undefined],
    ['jsonpath={.status.phase}=Running', undefined],
    ['JSONPATH=.status.phase', undefined],
    ['{.status.n[*]}=2', undefined],
    ['{.status.n[*]}=3', '{.status.n[*]} is 1, 2'],
    ['{.spec.o}={"a":1}', undefined],
  ];
  for (const [condition, why] of cases) assert.is(wantedOf(condition).judge(value, 'Thing'), why, condition);
});

waits.run();
