// Who owns which fields of an object, and how what hive and kubectl owned becomes ours.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FIELD_MANAGER } from '../../../scripts/fleet/desired/names.ts';
import {
  type FieldsEntry,
  hasPredecessor,
  isSegment,
  ownFields,
  sound,
  takenOver,
  versionNumber,
} from '../../../scripts/fleet/ladder/listed.ts';

const listed = suite('owners of fields');

const entry = (
  manager: string,
  operation: string,
  fieldsV1: Record<string, unknown>,
  more: object = {},
): FieldsEntry => ({
  manager,
  operation,
  apiVersion: 'v1',
  fieldsType: 'FieldsV1',
  fieldsV1,
  ...more,
});
const own = (fields: Record<string, unknown>, more: object = {}): FieldsEntry =>
  entry(FIELD_MANAGER, 'Apply', fields, more);

listed('our own fields are those of our apply, not of an update nor of a subresource', () => {
  assert.is(ownFields(undefined), undefined);
  assert.is(ownFields([entry(FIELD_MANAGER, 'Update', {}), entry('other', 'Apply', {})]), undefined);
  assert.is(ownFields([own({}, { subresource: 'status' })]), undefined);
  assert.is(ownFields([entry('other', 'Apply', { a: 1 }), own({ b: {} })]), 'v1 {"b":{}}');
  assert.is(ownFields([own({ b: {} }, { apiVersion: undefined })]), ' {"b":{}}');
});

listed('predecessors are hive and kubectl’s client-side apply, where they updated the object itself', () => {
  for (const manager of ['hive-controllers', 'hive2-x', 'kubectl-client-side-apply']) {
    assert.ok(hasPredecessor([entry(manager, 'Update', {})]), manager);
    assert.not(hasPredecessor([entry(manager, 'Apply', {})]), manager);
    assert.not(hasPredecessor([entry(manager, 'Update', {}, { subresource: 'status' })]), manager);
  }
  for (const manager of ['kubectl-edit', 'beehive-x', 'kubectl-client-side-apply-2', 'hive']) {
    assert.not(hasPredecessor([entry(manager, 'Update', {})]), manager);
  }
  assert.not(hasPredecessor(undefined));
});

listed('what predecessors own is joined to ours, the time stays ours, and others keep theirs', () => {
  const other = entry('kubelet', 'Update', { z: {} });
  const moved = takenOver(
    [
      entry('hive-x', 'Update', { 'f:data': { 'f:a': {}, 'f:both': { 'f:deep': {} } } }, { time: 'then' }),
      other,
      own({ 'f:data': { 'f:b': {}, 'f:both': {} } }, { time: 'now', apiVersion: 'v2' }),
      entry('kubectl-client-side-apply', 'Update', { 'f:spec': {} }),
    ],
    'v3',
  );
  assert.equal(moved, [
    own(
      { 'f:data': { 'f:b': {}, 'f:both': { 'f:deep': {} }, 'f:a': {} }, 'f:spec': {} },
      { time: 'now', apiVersion: 'v2' },
    ),
    other,
  ]);
});

listed('without an entry of ours the first predecessor gives version and time; without a time there is none', () => {
  const [first] = takenOver([entry('hive-x', 'Update', { a: {} }, { time: 'then', apiVersion: 'v2' })], 'v3');
  assert.equal(first, own({ a: {} }, { time: 'then', apiVersion: 'v2' }));
  const [bare] = takenOver([entry('hive-x', 'Update', { a: {} }, { apiVersion: undefined })], 'v3');
  assert.equal(bare, own({ a: {} }, { apiVersion: 'v3' }));
  assert.not('time' in (bare ?? {}));
});

listed('versions have numbers that differ where they do', () => {
  const number = (uid: string, resourceVersion: string): number => versionNumber({ uid, resourceVersion });
  assert.is(number('a', '1'), number('a', '1'));
  const all = ['a', 'b'].flatMap((uid) => Array.from({ length: 500 }, (_, at) => number(uid, String(at))));
  assert.is(new Set(all).size, 1000);
  assert.ok(all.every(Number.isSafeInteger));
  assert.is.not(number('a', '1'), versionNumber({ uid: 'a' }));
});

listed('what a server answers is an object with what is read of it, or refused', () => {
  const metadata = { name: 'a', namespace: 'n', uid: 'u', resourceVersion: '1', annotations: {}, managedFields: [] };
  const wrong = (more: object): object => ({ metadata: { ...metadata, ...more } });
  const good: object[] = [
    { metadata },
    { metadata: { name: 'a' } },
    wrong({ annotations: null }),
    wrong({ managedFields: [{ manager: 'm' }] }),
  ];
  for (const object of good) assert.is(sound(object), object);
  const bad: unknown[] = [
    undefined,
    null,
    {},
    { metadata: null },
    { metadata: 'a' },
    wrong({ name: undefined }),
    wrong({ name: 'a/b' }),
    wrong({ namespace: '..' }),
    wrong({ namespace: 7 }),
    wrong({ uid: 7 }),
    wrong({ resourceVersion: 7 }),
    wrong({ annotations: [] }),
    wrong({ annotations: 'a' }),
    wrong({ managedFields: {} }),
    wrong({ managedFields: 'a' }),
    wrong({ managedFields: [null] }),
    wrong({ managedFields: ['a'] }),
    wrong({ managedFields: [{ manager: 'm' }, {}] }),
  ];
  for (const object of bad) assert.throws(() => sound(object), /no Kubernetes object/, JSON.stringify(object));
  for (const name of ['', '.', '..', 'a/b', 'a%2f', undefined]) assert.not(isSegment(name));
  for (const name of ['a', '...', 'a.b', 'system:x']) assert.ok(isSegment(name));
});

listed.run();
