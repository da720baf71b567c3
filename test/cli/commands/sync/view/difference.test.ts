// Differences of a fleet: put together over clusters, and cut where nobody asked for all.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Differences,
  differenceText,
  differencesOf,
} from '../../../../../scripts/cli/commands/sync/view/difference.ts';
import type { ClusterRecord } from '../../../../../scripts/fleet/runner.ts';
import { styleFor } from '../../../../../scripts/progress/style.ts';

const test = suite('cli/commands/sync/view/difference');
const style = styleFor({ colour: false, unicode: true });

const ref = (name: string): object => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'n', name });
const change = (action: string, name: string, more: object = {}): object => ({
  action,
  ref: ref(name),
  sets: ['s'],
  ...more,
});
const record = (id: string, result?: object, more: object = {}): ClusterRecord =>
  ({ cluster: { id }, state: 'synced', result: result && { changes: [], held: [], ...result }, ...more }) as never;

const text = (differences: Differences, more: object = {}): string[] =>
  differenceText(differences, { style, quiet: false, verbose: false, ...more });

test('the same change on several clusters is one; another action, set or field makes it another', () => {
  const one = change('update', 'b');
  const found = differencesOf([
    record('c1', { changes: [one, change('create', 'a')] }),
    record('c2', { changes: [one] }),
    record('c3', {
      changes: [
        { ...one, sets: ['t'] },
        { ...one, fields: [] },
      ],
    }),
    record('c4', {}),
    record('c5'),
  ]);
  assert.equal(
    found.changes.map(({ action, ref: { name }, clusters }) => `${action} ${name} ${clusters.join()}`),
    ['create a c1', 'update b c1,c2', 'update b c3', 'update b c3'],
  );
  assert.equal([found.clusters, found.differing], [5, 3]);
});

test('what is held, and what could not be looked at', () => {
  const held = { ref: ref('x'), reason: 'why' };
  const found = differencesOf([
    record('c1', { held: [held, { ...held, reason: 'other' }] }),
    record('c2', { held: [held] }),
    record('c3', undefined, { state: 'failed', reason: 'broken' }),
    record('c4', undefined, { state: 'unreachable' }),
  ]);
  assert.equal(
    found.held.map(({ reason, clusters }) => `${reason} ${clusters.join()}`),
    ['why c1,c2', 'other c1'],
  );
  assert.equal(found.failed, [
    { cluster: 'c3', reason: 'broken' },
    { cluster: 'c4', reason: 'unreachable' },
  ]);
  assert.equal(
    text(found),
    [
      '! ConfigMap n/x is not deleted: why [c1, c2]',
      '! ConfigMap n/x is not deleted: other [c1]',
      '✗ broken [c3]',
      '✗ unreachable [c4]',
      '4 clusters: 2 deletions held, 2 failed',
    ].map((line) => line.replace('!', style.marks.warning).replace('✗', style.marks.failed)),
  );
});

test('actions, their sets, and the first three clusters', () => {
  const on = (count: number): Differences =>
    differencesOf(
      Array.from({ length: count }, (_, at) =>
        record(`c${at}`, { changes: [change('create', 'a', { sets: ['s', 't'] })] }),
      ),
    );
  assert.equal(text(on(3)), ['+ ConfigMap n/a s, t [c0, c1, c2]', '3 clusters: 3 differ, 1 difference']);
  assert.equal(text(on(5))[0], '+ ConfigMap n/a s, t [c0, c1, c2 and 2 more]');
  assert.equal(text(on(5), { verbose: true })[0], '+ ConfigMap n/a s, t [c0, c1, c2, c3, c4]');
  assert.equal(text(on(5), { quiet: true }), ['5 clusters: 5 differ, 1 difference']);
  const marks = ['create', 'update', 'patch', 'delete'].map(
    (action) => text(differencesOf([record('c', { changes: [change(action, 'a')] })]))[0]?.[0],
  );
  assert.equal(marks, ['+', '~', '~', '-']);
});

test('fields: new ones, removed ones, changed ones, and those of a Secret', () => {
  const fields = [
    { path: 'data.a', after: 1 },
    { path: 'data.b', before: 'x' },
    { path: 'data.c', before: [1], after: [2] },
    { path: 'data.d', before: '***', after: '***' },
  ];
  const lines = text(differencesOf([record('c', { changes: [change('update', 'a', { fields })] })]));
  assert.equal(lines.slice(1, -1), [
    '    data.a: 1',
    '    data.b: "x" is removed',
    '    data.c: [1] → [2]',
    '    data.d differs',
  ]);
});

test('twenty fields, and 120 characters of a value; all of them where that is asked for', () => {
  const of = (count: number, value: string): Differences =>
    differencesOf([
      record('c', {
        changes: [
          change('update', 'a', {
            fields: Array.from({ length: count }, (_, at) => ({ path: `p${at}`, after: value })),
          }),
        ],
      }),
    ]);
  assert.is(text(of(20, 'x')).length, 22);
  const cut = text(of(22, 'x'));
  assert.equal([cut.length, cut.at(-2)], [23, '    and 2 more fields']);
  assert.is(text(of(22, 'x'), { verbose: true }).length, 24);
  assert.is(text(of(1, 'x'.repeat(118)))[1], `    p0: "${'x'.repeat(118)}"`);
  assert.is(text(of(1, 'x'.repeat(119)))[1], `    p0: "${'x'.repeat(119)}… (121 characters)`);
  assert.is(text(of(1, 'x'.repeat(119)), { verbose: true })[1], `    p0: "${'x'.repeat(119)}"`);
});

test('the last line names what there is, and nothing else', () => {
  const last = (...records: ClusterRecord[]): string | undefined =>
    text(differencesOf(records), { quiet: true }).at(-1);
  const bad = { state: 'failed', reason: 'broken' };
  assert.is(last(record('a', {})), '1 cluster: nothing differs');
  assert.is(last(record('a', undefined, bad)), '1 cluster: 1 failed');
  assert.is(last(record('a', { changes: [change('update', 'x')] })), '1 cluster: 1 differ, 1 difference');
  assert.is(last(record('a', { held: [{ ref: ref('x'), reason: 'why' }] })), '1 cluster: 1 deletion held');
  // Two sets of one cluster are one cluster.
  const sets = ['s', 't'].map((id) => ({ id, ok: false, message: 'm' }));
  assert.is(last(record('a', { sets }, bad), record('b', {})), '2 clusters: 1 failed');
});

test('a set without words has the state of its cluster', () => {
  const sets = [
    { id: 's', ok: false },
    { id: 't', ok: true, message: 'fine' },
  ];
  assert.equal(differencesOf([record('a', { sets }, { state: 'failed', reason: 'r' })]).failed, [
    { cluster: 'a', set: 's', reason: 'failed' },
  ]);
});

test('changes are sorted by kind and name', () => {
  const names = ['b', 'a', 'c'].map((name) => change('update', name));
  assert.equal(
    differencesOf([record('x', { changes: names })]).changes.map(({ ref: { name } }) => name),
    ['a', 'b', 'c'],
  );
});

test.run();
