// The notation of keys, and how a spec is compared with it.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keySchema, mismatches, parseBool } from '../../../scripts/support/spec/schema.ts';

const test = suite('support/spec/schema');

const wrong = (notation: string, value: unknown): string[] =>
  mismatches(value, keySchema(notation)).map(
    ({ path, kind, expected }) => `${path.join('.')} ${kind} ${expected.join('|')}`,
  );

test('each type of the notation', () => {
  const notation = 'name count:int on:bool any* list[] nested{a b:int} rows[]{x:bool} grid[][]:int';
  const good = {
    name: 'x',
    count: '7',
    on: 'T',
    any: { a: [1] },
    list: ['a', 7],
    nested: { a: 1, b: 2 },
    rows: [{ x: false }],
    grid: [[1], ['2']],
  };
  assert.equal(wrong(notation, good), []);
  assert.equal(
    wrong(notation, {
      name: {},
      count: 1.5,
      on: 'yes',
      list: 'a',
      nested: [],
      rows: [{ x: 2 }, 'y'],
      grid: [[1, 'z'], 3],
    }),
    [
      'name type a text',
      'count type a whole number',
      'on type true or false',
      'list type a list',
      'nested type a mapping',
      'rows.0.x type true or false',
      'rows.1 type a mapping',
      'grid.0.1 type a whole number',
      'grid.1 type a list',
    ],
  );
});

test('unknown keys are named with those that there are; null is not given', () => {
  assert.equal(wrong('a b{c d}', { a: null, e: 1, b: { f: 1 } }), ['e key a|b', 'b.f key c|d']);
  assert.equal(wrong('a', null), []);
  assert.equal(wrong('a', undefined), []);
  assert.equal(wrong('a', [1]), [' type a mapping']);
});

test('texts that YAML 1.1 takes for booleans', () => {
  for (const word of ['no', 'Yes', 'ON', 'y']) assert.equal(wrong('a', { a: word }), ['a word '], word);
  for (const text of ['none', 'nO', 'yes!', '']) assert.equal(wrong('a', { a: text }), [], text);
});

test('a boolean that is a template is not wrong yet', () => {
  assert.equal(wrong('on:bool', { on: '{{ .x }}' }), ['on template ']);
});

test('several notations are one; a broken one is a mistake of the program', () => {
  assert.equal(mismatches({ a: 1, b: 1 }, keySchema('a', 'b')), []);
  assert.throws(() => keySchema('a =b'), 'no key at 2 of "a =b"');
});

test('words of Go for booleans', () => {
  for (const yes of [true, 1, '1', 't', 'T', 'TRUE', 'true', 'True']) assert.is(parseBool(yes), true, String(yes));
  for (const no of [false, 0, '0', 'f', 'F', 'FALSE', 'false', 'False', ''])
    assert.is(parseBool(no), false, String(no));
  for (const none of ['yes', 2, null, undefined, {}, 'tRUE'])
    assert.is(parseBool(none), undefined, JSON.stringify(none));
});

test.run();
