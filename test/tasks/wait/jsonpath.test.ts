// The JSONPath of waits: fields, indexes, wildcards, filters, and what it refuses.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseJsonPath, textOf } from '../../../scripts/tasks/wait/jsonpath.ts';

const paths = suite('tasks/wait/jsonpath');

const VALUE = {
  a: { b: [1, 2, 3], 'x.y': 'dotted', n: null, z: 0 },
  list: [
    { type: 'Ready', status: 'True', n: 1 },
    { type: 'Other', status: 'False', deep: { n: 1 } },
  ],
  map: { p: { on: true }, q: { on: false } },
};

paths('what each path finds', () => {
  const table: [path: string, found: unknown[]][] = [
    ['{.a.z}', [0]],
    ['.a.z', [0]],
    ['a.z', [0]],
    ['{$.a.z}', [0]],
    ['{.a.n}', []],
    ['{.a.missing}', []],
    ['{.a.missing.x}', []],
    ['{.a.z.x}', []],
    ['{.a.toString}', []],
    ['{.a.b[0]}', [1]],
    ['{.a.b[-1]}', [3]],
    ['{.a.b[3]}', []],
    ['{.a[0]}', []],
    ['{.a.b.length}', []],
    ['{.a.b[*]}', [1, 2, 3]],
    ['{.a.b.*}', [1, 2, 3]],
    ["{.a['x.y']}", ['dotted']],
    ['{.a["x.y"]}', ['dotted']],
    ['{.a.x\\.y}', ['dotted']],
    ['{.list[*].type}', ['Ready', 'Other']],
    ['{.list[?(@.type=="Ready")].status}', ['True']],
    ["{.list[?(@.type == 'Other')].status}", ['False']],
    ['{.list[?(@.type!="Ready")].type}', ['Other']],
    ['{.list[?(@.n==1)].type}', ['Ready']],
    ['{.list[?(@.deep.n==1)].type}', ['Other']],
    ['{.list[?(@.n!=1)].type}', ['Other']],
    ['{.map[?(@.on==true)].on}', [true]],
    ['{.}', [VALUE]],
    ['{}', [VALUE]],
    ['', [VALUE]],
  ];
  for (const [path, found] of table) assert.equal(parseJsonPath(path)(VALUE), found, path);
  assert.equal(parseJsonPath('{.a}')(null), []);
  assert.equal(parseJsonPath('{.a}')('text'), []);
});

paths('what waits do not understand is refused where it begins', () => {
  for (const [path, rest] of [
    ['{.a[}', '['],
    ['{.a[1:2]}', '[1:2]'],
    ['{.a b}', ' b'],
    ['{..a}', '..a'],
    ['{..a.b.c.d.e.f.g.h.i.j}', '..a.b.c.d.e.f.g.h.i.'],
    ['{.a[?(@.b<1)]}', '[?(@.b<1)]'],
  ] as const)
    assert.throws(
      () => parseJsonPath(path),
      new RegExp(`"${path.replace(/[^\w]/g, '\\$&')}" is no JSONPath.*unexpected "${rest.replace(/[^\w]/g, '\\$&')}"$`),
      path,
    );
});

paths('values as kubectl prints them', () => {
  assert.is(textOf('a'), 'a');
  assert.is(textOf(1), '1');
  assert.is(textOf({ a: [true] }), '{"a":[true]}');
});

paths.run();
