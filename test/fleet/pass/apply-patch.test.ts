// What of a patch is still to be sent: patches are looked at again in each pass.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { remaining } from '../../../scripts/fleet/pass/apply-patch.ts';

const test = suite('fleet/pass/apply-patch');

test('a merge patch is sent only where it would change something', () => {
  const patch = { patchType: 'merge', value: { spec: { a: 1, gone: null, list: [1] } } } as const;
  assert.is(remaining(patch, { spec: { a: 1, b: 2, list: [1] } }), undefined);
  assert.is(remaining(patch, { spec: { a: 1, gone: 'here', list: [1] } }), patch.value);
  assert.is(remaining(patch, { spec: { a: 1, list: [1, 2] } }), patch.value);
  assert.is(remaining(patch, {}), patch.value);
  // A name of Object's prototype is no field of the object.
  assert.ok(remaining({ patchType: 'merge', value: { constructor: {} } }, {}));
});

test('a JSON patch appends once, and what is done is left out of it', () => {
  const append = { op: 'add', path: '/spec/args/-', value: '-v' };
  const replace = { op: 'replace', path: '/spec/a~1b', value: 2 };
  const guard = { op: 'test', path: '/spec/kind', value: 'x' };
  const patch = { patchType: 'json', value: [guard, append, replace] } as const;
  assert.equal(remaining(patch, { spec: { args: [], 'a/b': 1 } }), [guard, append, replace]);
  assert.equal(remaining(patch, { spec: { args: ['-v'], 'a/b': 1 } }), [guard, replace]);
  assert.is(remaining(patch, { spec: { args: ['-v'], 'a/b': 2 } }), undefined);
  assert.is(remaining({ patchType: 'json', value: [{ op: 'remove', path: '/spec/x' }] }, { spec: {} }), undefined);
  assert.ok(remaining({ patchType: 'json', value: [{ op: 'remove', path: '/list/0' }] }, { list: [] }));
});

test('a strategic patch is always sent: the server alone knows its keys', () => {
  const value = { spec: {} };
  assert.is(remaining({ patchType: 'strategic', value }, value), value);
});

test.run();
