// What waits judge objects by: conditions in any case, jsonpath, readiness; and their fields as the shell saw them.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { wantedOf } from '../../../scripts/tasks/wait/condition.ts';
import { parseJsonPath } from '../../../scripts/tasks/wait/jsonpath.ts';
import { shellWord } from '../../../scripts/tasks/wait/words.ts';
import { refusal } from '../world.ts';

const waits = suite('tasks: wait conditions');

const object = (status: object, metadata: object = {}) => ({ metadata: { name: 'x', ...metadata }, status });
const conditions = (...list: [type: string, status: string][]) =>
  object({ conditions: list.map(([type, status]) => ({ type, status })) });

waits('a condition in any case, with another value, and one that is old', () => {
  const { judge } = wantedOf('available');
  assert.is(judge(conditions(['Available', 'True']), 'Thing'), undefined);
  assert.is(judge(conditions(['Available', 'False']), 'Thing'), 'Available is False');
  assert.is(judge(conditions(), 'Thing'), 'has no condition available');
  assert.is(wantedOf('Ready=false').judge(conditions(['Ready', 'False']), 'Thing'), undefined);
  const old = {
    metadata: { name: 'x', generation: 2 },
    status: { conditions: [{ type: 'Available', status: 'True', observedGeneration: 1 }] },
  };
  assert.match(judge(old, 'Thing') ?? '', 'has not seen the last change');
});

waits('existence, deletion, readiness', () => {
  for (const text of ['', 'exists', 'exist']) assert.is(wantedOf(text).judge(object({}), 'Thing'), undefined);
  assert.is(wantedOf('delete').gone, true);
  assert.is(wantedOf('ready').judge(conditions(['Ready', 'True']), 'Pod'), undefined);
  assert.not.equal(wantedOf('Ready').judge(object({}), 'Pod'), undefined);
});

waits('jsonpath: fields, indexes, filters, wildcards, and values as kubectl prints them', () => {
  const value = {
    spec: { replicas: 3, 'a.b': 'dotted' },
    list: [
      { type: 'A', v: 1 },
      { type: 'B', v: 'two' },
    ],
  };
  const cases: [path: string, found: unknown[]][] = [
    ['{.spec.replicas}', [3]],
    ['.spec.replicas', [3]],
    ["{.spec['a.b']}", ['dotted']],
    ['{.spec.a\\.b}', ['dotted']],
    ['{.list[1].v}', ['two']],
    ['{.list[*].type}', ['A', 'B']],
    ['{.list[?(@.type=="B")].v}', ['two']],
    ['{.none.at.all}', []],
  ];
  for (const [path, found] of cases) assert.equal(parseJsonPath(path)(value), found, path);
  assert.is(wantedOf('{.spec.replicas}=3').judge({ metadata: { name: 'x' }, ...value }, 'Thing'), undefined);
  assert.is(
    wantedOf('{.spec.replicas}=4').judge({ metadata: { name: 'x' }, ...value }, 'Thing'),
    '{.spec.replicas} is 3',
  );
  assert.throws(() => parseJsonPath('{.a b}'), /no JSONPath/);
});

waits('fields lose the quotes that the shell took off, and unknown variables are refused', async () => {
  const lookup = (name: string): string | undefined => ({ NAME: 'web', PORT: '80' })[name];
  assert.is(shellWord('127.0.0.1:${PORT}', lookup), '127.0.0.1:80');
  assert.is(shellWord(`'{.status.phase}'=Running`, lookup), '{.status.phase}=Running');
  assert.is(shellWord(`"app=$NAME" '$NAME'`, lookup), 'app=web $NAME');
  assert.match(await refusal(Promise.resolve().then(() => shellWord('$NOPE', lookup))), '"NOPE" is not set');
});

waits.run();
