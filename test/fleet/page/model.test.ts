// What the page of a fleet is sent: states, sums, the slowest, and failures put together.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pageCluster, pageNames, pageState } from '../../../scripts/fleet/page/model.ts';
import type { ClusterRecord, ClusterState, Runner } from '../../../scripts/fleet/runner.ts';

const test = suite('fleet/page/model');

function record(id: string, state: ClusterState, result?: object, more: object = {}): ClusterRecord {
  const whole = { sets: [], changes: [], held: [], wanted: 0, requests: 0, ms: 0, ...result };
  return {
    cluster: { id, labels: { l: id } },
    state,
    failures: 0,
    passes: 1,
    result: result === undefined ? undefined : whole,
    ...more,
  } as never;
}

const runner = (...records: ClusterRecord[]): Runner =>
  ({ records: new Map(records.map((one) => [one.cluster.id, one])), load: { depth: 1 } }) as never;
const state = (...records: ClusterRecord[]): ReturnType<typeof pageState> =>
  pageState(runner(...records), 't', new Date(0));

test('a letter for each cluster in order of its name, and sums', () => {
  const all = ['synced', 'pending', 'running', 'held', 'failed', 'unreachable', 'skipped'] as const;
  const records = all.map((one, at) => record(`c${9 - at}`, one, { wanted: 5, changes: [1, 2], held: [1] }));
  const shown = state(...records, record('a', 'pending'));
  assert.is(shown.cells, 'pkufhrps');
  assert.equal(shown.states, { pending: 2, running: 1, synced: 1, held: 1, failed: 1, unreachable: 1, skipped: 1 });
  assert.equal([shown.clusters, shown.objects, shown.changes, shown.held], [8, 35, 14, 7]);
  assert.equal([shown.time, shown.title], ['1970-01-01T00:00:00.000Z', 't']);
  assert.equal(pageNames(runner(...records)), ['c3', 'c4', 'c5', 'c6', 'c7', 'c8', 'c9']);
});

test('the ten slowest, slowest first', () => {
  const records = Array.from({ length: 12 }, (_, at) =>
    record(`c${at}`, 'synced', { ms: at * 10 + 0.4, requests: at }),
  );
  const { slowest } = state(...records, record('none', 'pending'));
  assert.equal(
    slowest.map(({ ms }) => ms),
    [110, 100, 90, 80, 70, 60, 50, 40, 30, 20],
  );
  assert.equal(slowest[0], { cluster: 'c11', ms: 110, requests: 11 });
});

test('the same failure of the same set is one row, the most frequent first; without a set it is the cluster', () => {
  const bad = (id: string, message?: string): object => ({ id, ok: false, message });
  const good = { id: 'good', ok: true };
  const { failing } = state(
    record('a', 'failed', { sets: [bad('s', 'x'), good] }),
    record('b', 'failed', { sets: [bad('s', 'y')] }),
    record('c', 'failed', { sets: [bad('s', 'y'), bad('t')] }),
    record('d', 'unreachable', { sets: [] }, { reason: 'no answer' }),
    record('e', 'unreachable'),
    record('f', 'synced', { sets: [bad('s', 'old')] }),
  );
  assert.equal(failing, [
    { set: 's', message: 'y', clusters: 2, example: 'b' },
    { set: 's', message: 'x', clusters: 1, example: 'a' },
    { set: 't', message: '', clusters: 1, example: 'c' },
    { set: 'unreachable', message: 'no answer', clusters: 1, example: 'd' },
    { set: 'unreachable', message: '', clusters: 1, example: 'e' },
  ]);
  const many = Array.from({ length: 12 }, (_, at) => record(`c${at}`, 'failed', { sets: [bad(`s${at}`)] }));
  assert.is(state(...many).failing.length, 10);
});

test('one cluster: its sets, and the first hundred of what was done and held', () => {
  const long = Array.from({ length: 101 }, (_, at) => at);
  const sets = [{ id: 's', ok: false, message: 'm', warnings: ['w'], retry: true }];
  const one = pageCluster(
    record('a', 'failed', { sets, changes: long, held: long, requests: 7, ms: 1.6 }, { reason: 'r' }),
  ) as Record<string, unknown>;
  assert.equal(one['sets'], [{ id: 's', ok: false, message: 'm', warnings: ['w'] }]);
  assert.equal([(one['changes'] as []).length, (one['held'] as []).length], [100, 100]);
  assert.equal([one['cluster'], one['reason'], one['requests'], one['ms'], one['passes']], ['a', 'r', 7, 2, 1]);
  const none = pageCluster(record('b', 'pending')) as Record<string, unknown>;
  assert.equal([none['sets'], none['changes'], none['held'], none['requests'], none['ms']], [[], [], [], 0, 0]);
});

test.run();
