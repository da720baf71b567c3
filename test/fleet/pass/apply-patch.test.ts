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

test('what has been done already, operation by operation', () => {
  const live = { a: { b: 1 }, list: ['x', { y: 1 }], gone: undefined };
  const cases: [op: string, path: string, value: unknown, done: boolean][] = [
    ['add', '/a/b', 1, true],
    ['add', '/a/b', 2, false],
    ['add', '/a/c', undefined, false],
    ['replace', '/a/c', undefined, false],
    ['replace', '/list/0', 'x', true],
    ['replace', '/list/2', undefined, false],
    ['replace', '/list/1/y', 1, true],
    ['replace', '/list/x/y', 1, false],
    ['add', '/list/1', { y: 1 }, true],
    ['add', '/list/0', 'y', false],
    ['add', '/list/-', { y: 1 }, true],
    ['add', '/list/-', 'z', false],
    ['remove', '/a/c', undefined, true],
    ['remove', '/a/b', undefined, false],
    ['remove', '/none/x', undefined, true],
    ['remove', '/list/7', undefined, false],
    ['move', '/a/c', undefined, false],
    ['replace', '', live, false],
    ['remove', '', undefined, false],
  ];
  for (const [op, path, value, done] of cases) {
    const patch = { patchType: 'json', value: [{ op, path, value }] } as const;
    assert.is(remaining(patch, live) === undefined, done, `${op} ${path}`);
  }
  const merges: [patch: unknown, done: boolean][] = [
    [{ a: { b: 1 } }, true],
    [{ a: { b: null } }, false],
    [{ none: null }, true],
    [{ list: ['x'] }, false],
    [{ a: 1 }, false],
    [{ list: { x: 1 } }, false],
    [{ none: {} }, false],
  ];
  for (const [value, done] of merges)
    assert.is(remaining({ patchType: 'merge', value } as never, live) === undefined, done, JSON.stringify(value));
});

test('a strategic patch is always sent: the server alone knows its keys', () => {
  const value = { spec: {} };
  assert.is(remaining({ patchType: 'strategic', value }, value), value);
});

test.run();
