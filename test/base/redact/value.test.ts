// Values of records without their secrets: by the names of keys, by what stands below them, and by what a text says.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HIDDEN } from '../../../scripts/base/redact/redactor.ts';
import { redact } from '../../../scripts/base/redact/value.ts';

const test = suite('base/redact/value');

test('all that is no text stays as it is', () => {
  for (const value of [
    null,
    undefined,
    7,
    0,
    true,
    false,
    '',
    'text',
    [],
    {},
    [null, { a: null, token: null, pwd: 3 }],
  ])
    assert.equal(redact(value), value);
});

test('what stands below a key that names a secret', () => {
  const table: [value: unknown, expected: unknown][] = [
    [{ password: 'hunter2' }, { password: HIDDEN }],
    [{ password: '' }, { password: '' }],
    [{ password: 'true' }, { password: 'true' }],
    [{ token: '12345' }, { token: '12345' }],
    [{ token: '123456' }, { token: HIDDEN }],
    [{ tokens: ['a', 'b'] }, { tokens: ['a', 'b'] }],
    [{ secrets: ['a', 'b'] }, { secrets: [HIDDEN, HIDDEN] }],
    [
      { name: 'a', apiKey: 'b' },
      { name: 'a', apiKey: HIDDEN },
    ],
    [{ secret: { name: 'a', value: 'b' } }, { secret: { name: 'a', value: HIDDEN } }],
    [{ secret: { value: { name: 'b', value: 'c' } } }, { secret: { value: { name: 'b', value: HIDDEN } } }],
    [{ secret: { data: { name: 'b' } } }, { secret: { data: { name: HIDDEN } } }],
    [{ secret: { data: { name: { more: ['b'] } } } }, { secret: { data: { name: { more: [HIDDEN] } } } }],
    [{ secret: { data: 'b' } }, { secret: { data: HIDDEN } }],
    [{ config: { data: { name: 'b' } } }, { config: { data: { name: 'b' } } }],
    [{ secret: { kind: { value: 'b' } } }, { secret: { kind: { value: 'b' } } }],
  ];
  for (const [value, expected] of table) assert.equal(redact(value), expected, JSON.stringify(value));
});

test('texts, keys and given values', () => {
  assert.equal(redact({ a: 'password=hunter2 x' }), { a: `password=${HIDDEN} x` });
  assert.equal(redact({ a: ['x', 'it is geheim-77'], 'geheim-77': 'geheim-77' }, ['geheim-77', '']), {
    a: ['x', `it is ${HIDDEN}`],
    [HIDDEN]: HIDDEN,
  });
  assert.equal(redact('ab', ['ab']), HIDDEN, 'a short one where it is the whole text');
  assert.equal(redact(['', 'x'], ['']), ['', 'x'], 'an empty one is none');
});

test.run();
