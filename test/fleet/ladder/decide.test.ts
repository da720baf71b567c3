// Whether an object has to be applied, from its metadata alone.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeItem } from '../../../scripts/fleet/desired/item.ts';
import { decide } from '../../../scripts/fleet/ladder/decide.ts';
import { type Listed, ownFields, versionNumber } from '../../../scripts/fleet/ladder/listed.ts';
import { configMap } from '../objects.ts';

const test = suite('fleet/ladder/decide');

const item = makeItem(configMap('a', { k: 'v' }), { behavior: 'Apply', owners: [], recreate: false });
const OWN = { manager: 'hoist-sync', operation: 'Apply', apiVersion: 'v1', fieldsV1: { 'f:data': { 'f:k': {} } } };

const listed = (metadata: object = {}): Listed => ({
  metadata: {
    name: 'a',
    resourceVersion: '7',
    annotations: { 'sync.hoist.dev/hash': item.hash },
    managedFields: [OWN],
    ...metadata,
  },
});

test('what is not there is applied, and so is what nobody has seen yet', () => {
  assert.is(decide(item, undefined, 7), 'apply');
  assert.is(decide(item, listed(), undefined), 'apply');
});

test('the version that was seen is as wanted; another one is looked at', () => {
  const seen = versionNumber(listed().metadata);
  assert.is(decide(item, listed(), seen), 'same-version');
  assert.is(decide(item, listed({ resourceVersion: '8' }), seen), 'apply');
  assert.is(decide(item, listed({ deletionTimestamp: 'x', resourceVersion: '8' }), seen), 'terminating');
});

test('our fields as they were after an apply of this body are enough', () => {
  const known = makeItem(configMap('a', { k: 'v' }), { behavior: 'Apply', owners: [], recreate: false });
  known.known.add(ownFields(listed().metadata.managedFields) ?? '');
  assert.is(decide(known, listed(), undefined), 'same-fields');
  assert.is(decide(known, listed({ annotations: {} }), undefined), 'apply', 'another body');
  const fewer = { ...OWN, fieldsV1: { 'f:data': {} } };
  assert.is(decide(known, listed({ managedFields: [fewer] }), undefined), 'apply', 'somebody took one');
  assert.is(decide(known, listed({ managedFields: [] }), undefined), 'apply');
});

test('CreateOnly is not looked at again', () => {
  const once = makeItem(configMap('a', {}), { behavior: 'CreateOnly', owners: [], recreate: false });
  assert.is(decide(once, listed({ deletionTimestamp: 'x' }), undefined), 'exists');
  assert.is(decide(once, undefined, undefined), 'apply');
});

test.run();
