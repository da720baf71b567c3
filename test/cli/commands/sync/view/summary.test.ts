// The end of a run over a fleet: what is counted, and that many clusters with one trouble are one row.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { summaryOf, summaryText } from '../../../../../scripts/cli/commands/sync/view/summary.ts';
import type { ClusterRecord, ClusterState } from '../../../../../scripts/fleet/runner.ts';
import { styleFor } from '../../../../../scripts/progress/style.ts';

const summaries = suite('summary of a sync');
const style = styleFor({ colour: false, unicode: true });

const record = (id: string, state: ClusterState, result: object = {}, more: object = {}): ClusterRecord =>
  ({
    cluster: { id },
    state,
    result: { sets: [], changes: [], held: [], unchanged: 0, confirmed: 0, requests: 0, ...result },
    ...more,
  }) as unknown as ClusterRecord;
const change = (action: string, name: string): object => ({
  action,
  ref: { kind: 'ConfigMap', namespace: 'n', name },
  sets: ['s'],
});

const text = (records: ClusterRecord[], { dryRun = false, quiet = false, verbose = false } = {}): string[] =>
  summaryText(summaryOf(records, 1234.4, dryRun), records, { style, quiet, verbose });

summaries('what was done is added up over all clusters', () => {
  const changes = ['create', 'create', 'update', 'recreate', 'patch', 'delete'].map((action) => change(action, 'x'));
  const summary = summaryOf(
    [
      record('a', 'synced', { changes, unchanged: 2, confirmed: 3, requests: 5 }),
      record('b', 'held', { held: [{}, {}], unchanged: 1, requests: 1 }),
      { ...record('c', 'skipped'), result: undefined },
    ],
    1234.4,
    false,
  );
  assert.equal(summary, {
    clusters: 3,
    states: { pending: 0, running: 0, synced: 1, held: 1, failed: 0, unreachable: 0, skipped: 1 },
    created: 2,
    updated: 1,
    recreated: 1,
    patched: 1,
    deleted: 1,
    held: 2,
    unchanged: 6,
    requests: 6,
    ms: 1234,
    dryRun: false,
  });
});

summaries('clusters that are left alone are named, those of one reason in one line', () => {
  const records = ['b', 'c'].map((id) => record(id, 'skipped', {}, { reason: 'not installed' }));
  const [first, ...others] = text([record('a', 'synced'), ...records]);
  assert.is(first, `${style.marks.warning} skipped: not installed [b, c]`);
  assert.is(others.length, 1);
});

summaries('a fleet without clusters is no success in disguise', () => {
  assert.equal(text([]), [`${style.marks.warning} 0 clusters: there is nothing to keep`]);
});

summaries('the last line names what there is and nothing else, and its mark says how it went', () => {
  const { marks } = style;
  assert.equal(text([record('a', 'synced', { unchanged: 1, requests: 2 })]), [
    `${marks.done} 1 cluster: 1 synced in 1.2 s (1 as wanted, 2 requests)`,
  ]);
  const dry = text([record('a', 'synced', { changes: [change('create', 'x')] })], { dryRun: true });
  assert.match(dry.at(-1) ?? '', '(1 would be created, 0 as wanted, 0 requests)');
  const mark = (...states: ClusterState[]): string =>
    text(
      states.map((state, at) => record(`c${at}`, state)),
      { quiet: true },
    )[0]
      ?.split(' 1 ')[0]
      ?.split(' ')[0] ?? '';
  assert.is(mark('unreachable'), marks.failed);
  assert.is(mark('failed', 'held'), marks.failed);
  assert.is(mark('held', 'synced'), marks.warning);
  assert.is(mark('skipped'), marks.done);
});

summaries('one failure of many clusters is one row, which names three', () => {
  const failed = {
    sets: [
      { id: 's', ok: false, message: 'no room', warnings: [] },
      { id: 't', ok: true, warnings: [] },
    ],
  };
  const records = ['a', 'b', 'c', 'd', 'e'].map((id) => record(id, 'failed', failed));
  const rows = text([
    ...records,
    record('f', 'unreachable', {}, { reason: 'no answer' }),
    record('g', 'synced', failed),
  ]);
  assert.equal(rows.slice(0, -1), [
    `${style.marks.failed} s: no room [a, b, c and 2 more]`,
    `${style.marks.failed} unreachable: no answer [f]`,
  ]);
  const three = text(records.slice(0, 3));
  assert.equal(three.slice(0, -1), [`${style.marks.failed} s: no room [a, b, c]`]);
});

summaries('held deletions, warnings, and changes where they are asked for', () => {
  const result = {
    held: [{ ref: { kind: 'Namespace', name: 'x' }, reason: 'too many at once' }],
    sets: [{ id: 's', ok: true, warnings: ['old field'] }],
    changes: [change('update', 'm')],
  };
  const records = [record('a', 'held', result)];
  const { warning } = style.marks;
  const plain = [`${warning} Namespace x is not deleted: too many at once [a]`, `${warning} s: old field [a]`];
  assert.equal(text(records).slice(0, -1), plain);
  const [first, ...others] = plain;
  const changed = [first, '~ update ConfigMap n/m (s) [a]', ...others];
  assert.equal(text(records, { verbose: true }).slice(0, -1), changed);
  assert.equal(text(records, { dryRun: true }).slice(0, -1), changed);
  assert.is(text(records, { quiet: true, verbose: true }).length, 1);
});

summaries('what was held names the flags that delete it, where a flag can', () => {
  const of = (kind: string, name: string, allowedBy?: string): object => ({
    ref: { kind, name },
    reason: 'r',
    allowedBy,
  });
  const line = (...held: object[]): string[] =>
    text([record('a', 'held', { held })]).filter((one) => one.startsWith('  to delete'));
  assert.equal(line(of('ConfigMap', 'x')), []);
  const kinds = [of('Namespace', 'x', 'kind'), of('Namespace', 'y', 'kind'), of('PersistentVolume', 'z', 'kind')];
  const allowed =
    '  to delete them all the same, run it again with --allow-delete Namespace --allow-delete PersistentVolume';
  assert.equal(line(...kinds), [allowed]);
  assert.equal(line(...kinds, of('ConfigMap', 'x', 'confirmation')), [`${allowed} --confirm-deletes`]);
});

summaries.run();
