// Which fields of an object would change, by its form on the server before and after.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fieldChanges } from '../../../scripts/fleet/difference/fields.ts';

const test = suite('fleet/difference/fields');

test('every leaf that differs is named by its path, with both values', () => {
  const before = { spec: { a: 1, list: [{ x: 1 }, { x: 2 }], gone: { deep: true }, same: [1, 2] } };
  const after = { spec: { a: 2, list: [{ x: 1 }, { x: 3 }, 'more'], 'a/b': null, same: [1, 2] } };
  assert.equal(fieldChanges(before, after), [
    { path: 'spec.a', before: 1, after: 2 },
    { path: 'spec.list[1].x', before: 2, after: 3 },
    { path: 'spec.list[2]', after: 'more' },
    { path: 'spec.gone.deep', before: true },
    { path: 'spec["a/b"]', after: null },
  ]);
});

test('a value that becomes of another shape is one change, and what is empty is a value', () => {
  assert.equal(fieldChanges({ spec: { a: { b: 1 } } }, { spec: { a: [1] } }), [
    { path: 'spec.a', before: { b: 1 }, after: [1] },
  ]);
  assert.equal(fieldChanges({ spec: {} }, { spec: { a: {} } }), [{ path: 'spec.a', after: {} }]);
});

test('what servers write by themselves is no difference: versions, owners of fields, status, the hash of what was applied', () => {
  const object = (version: string): object => ({
    metadata: {
      name: 'x',
      resourceVersion: version,
      managedFields: [version],
      generation: Number(version),
      annotations: { 'sync.hoist.dev/hash': version, own: 'same' },
    },
    status: { seen: version },
  });
  assert.equal(fieldChanges(object('1'), object('2')), []);
});

test('of a Secret it is told which keys differ, and nothing of what they hold', () => {
  const secret = (value: string, more: object = {}): object => ({
    kind: 'Secret',
    type: 'Opaque',
    metadata: { name: 's', annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `{"${value}"}` } },
    data: { token: value, ...more },
  });
  const changes = fieldChanges(secret('one'), secret('two', { new: 'three' }));
  assert.equal(
    changes.map(({ path }) => path),
    ['metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]', 'data.token', 'data.new'],
  );
  assert.not.match(JSON.stringify(changes), /one|two|three/);
  assert.not.match(JSON.stringify(fieldChanges(undefined, secret('one'))), /one/);
});

test.run();
