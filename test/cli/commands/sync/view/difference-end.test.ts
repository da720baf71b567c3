// What `sync diff` says at its end: every set that fails, and no word that nothing differs where that is not known.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { differencesOf, differenceText } from '../../../../../scripts/cli/commands/sync/view/difference.ts';
import type { ClusterRecord } from '../../../../../scripts/fleet/runner.ts';
import { styleFor } from '../../../../../scripts/progress/style.ts';

const test = suite('cli/sync: the end of differences');
const style = styleFor({ colour: false, unicode: true });

const record = (id: string, state: string, result: object = {}): ClusterRecord =>
  ({ cluster: { id }, state, reason: 'one of them', result: { sets: [], changes: [], held: [], ...result } }) as never;

const text = (records: ClusterRecord[]): string[] =>
  differenceText(differencesOf(records), { style, quiet: false, verbose: false });

test('all sets that fail are shown, the same failure of several clusters once', () => {
  const sets = ['a', 'b'].map((id) => ({ id, ok: false, message: `${id} is wrong` }));
  const failing = { sets: [...sets, { id: 'c', ok: true }] };
  const { failed } = style.marks;
  assert.equal(text([record('x', 'failed', failing), record('y', 'failed', failing)]), [
    `${failed} a: a is wrong [x, y]`,
    `${failed} b: b is wrong [x, y]`,
    '2 clusters: 2 failed',
  ]);
  assert.equal(text([record('x', 'unreachable')]), [`${failed} one of them [x]`, '1 cluster: 1 failed']);
});

test('a deletion that is held is a difference', () => {
  const held = [{ ref: { apiVersion: 'v1', kind: 'Namespace', name: 'n' }, reason: 'not allowed' }];
  assert.equal(text([record('x', 'held', { held })]), [
    `${style.marks.warning} Namespace n is not deleted: not allowed [x]`,
    '1 cluster: 1 deletion held',
  ]);
  assert.equal(text([record('x', 'synced')]), ['1 cluster: nothing differs']);
});

test('an object that would be created again is not shown as one that would be changed', () => {
  const changes = [{ action: 'recreate', ref: { kind: 'Job', namespace: 'n', name: 'j' }, sets: ['s'], fields: [] }];
  assert.equal(text([record('x', 'synced', { changes })]), ['± Job n/j s [x]', '1 cluster: 1 differ, 1 difference']);
});

test.run();
