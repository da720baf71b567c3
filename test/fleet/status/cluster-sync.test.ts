// A ClusterSync's status: small, stable, and as hive writes it.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../scripts/kube/object.ts';
import { normalised, type PassResult, type SetResult } from '../../../scripts/fleet/pass/result.ts';
import { type ClusterSyncStatus, nextStatus, readStatus } from '../../../scripts/fleet/status/cluster-sync.ts';

const test = suite('fleet/status/cluster-sync');

function setResult(name: string, message?: string): SetResult {
  return {
    id: `SelectorSyncSet/${name}`,
    kind: 'SelectorSyncSet',
    name,
    generation: 2,
    ok: message === undefined,
    message,
    toDelete: [{ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name }],
    warnings: [],
    retry: true,
    ms: 1,
  };
}

function pass(sets: readonly SetResult[]): PassResult {
  const counts = { wanted: sets.length, unchanged: 0, confirmed: 0, requests: 1, ms: 1 };
  return { cluster: 'a/b', sets, ...counts, changes: [], held: [], unreachable: false };
}

const [early, late] = ['2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z'];

test('480 sets that all fail with long messages stay below 100 kB', () => {
  const sets = Array.from({ length: 480 }, (_, at) => setResult(`set-${at}`, normalised(`${at} `.repeat(1_000))));
  const status = nextStatus({}, pass(sets), { now: early });
  assert.ok(JSON.stringify(status).length < 100_000, String(JSON.stringify(status).length));
  assert.is(status.selectorSyncSets?.length, 480);
});

test('the same failure from another address changes nothing; a mended one changes its times', () => {
  const first = nextStatus({}, pass([setResult('a', normalised('dial 10.0.0.1:6443 refused'))]), { now: early });
  const again = nextStatus(first, pass([setResult('a', normalised('dial 10.9.9.9:6443 refused'))]), { now: late });
  assert.equal(again, first);
  const mended: ClusterSyncStatus = nextStatus(again, pass([setResult('a')]), { now: late });
  assert.is(mended.selectorSyncSets?.[0]?.lastTransitionTime, late);
  assert.is(mended.firstSuccessTime, late);
  assert.is(mended.conditions?.[0]?.status, 'False');
});

test('an address is left out of a message, and the number of an item is not', () => {
  assert.is(
    normalised('secretMappings[0]: dial [fe80::1]:6443 or 10.0.0.1'),
    'secretMappings[0]: dial ADDRESS or ADDRESS',
  );
});

test('a set that was deleted and made again has its own first success, also where its generation is not lower', () => {
  const first = nextStatus({}, pass([{ ...setResult('a'), created: early }]), { now: early });
  const again = pass([{ ...setResult('a'), created: late }]);
  const [ahead] = nextStatus(first, again, { now: early }).selectorSyncSets ?? [];
  assert.is(ahead?.firstSuccessTime, late, 'the clock of the hub is ahead');
  const next = nextStatus(first, again, { now: '2026-01-01T02:00:00Z' });
  assert.is(next.selectorSyncSets?.[0]?.firstSuccessTime, '2026-01-01T02:00:00Z');
  assert.equal(nextStatus(next, again, { now: '2026-01-01T03:00:00Z' }), next);
});

test('what a hub has lost stays in the status until that is confirmed', () => {
  const first = nextStatus({}, pass([setResult('a'), setResult('b', 'x')]), { now: early });
  const names = (status: ClusterSyncStatus): string[] => (status.selectorSyncSets ?? []).map(({ name }) => name);
  const kept = nextStatus(first, pass([setResult('b')]), { now: late, keeps: true });
  assert.equal(names(kept), ['a', 'b']);
  assert.equal(kept.selectorSyncSets?.[0], first.selectorSyncSets?.[0]);
  assert.equal(names(nextStatus(kept, pass([setResult('b')]), { now: late })), ['b']);
});

test('a set that is gone stays while an object of it is still to be deleted, as in hive', () => {
  const first = nextStatus({}, pass([setResult('a'), setResult('b'), setResult('c')]), { now: early });
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'b' };
  const held = [{ ref, reason: 'refused', sets: ['SelectorSyncSet/b', 'SyncSet/a/c'] }];
  const kept = nextStatus(first, { ...pass([setResult('a')]), held }, { now: late });
  assert.equal(
    kept.selectorSyncSets?.map(({ name }) => name),
    ['a', 'b'],
  );
  const done = nextStatus(kept, pass([setResult('a')]), { now: late });
  assert.is(done.selectorSyncSets?.length, 1);
});

test('the condition names what fails, as hive does', () => {
  const status = nextStatus({}, pass([setResult('a', 'x'), setResult('b', 'y'), setResult('c')]), { now: early });
  assert.is(status.conditions?.[0]?.message, 'SelectorSyncSets a, b are failing');
});

const named = (status: unknown): KubeObject =>
  ({ metadata: { name: 'c', namespace: 'fleet' }, status }) as unknown as KubeObject;

test('a status is taken as it is, without the nulls of empty lists', () => {
  for (const none of [undefined, null, {}]) assert.equal(readStatus(named(none)), {});
  const written = nextStatus({}, pass([setResult('a'), setResult('b', 'x')]), { now: early });
  assert.equal(readStatus(named(JSON.parse(JSON.stringify({ ...written, syncSets: null })))), written);
});

for (const wrong of [
  5,
  'a',
  [],
  { syncSets: 'abc' },
  { selectorSyncSets: { a: 1 } },
  { selectorSyncSets: [null] },
  { selectorSyncSets: [{}] },
  { syncSets: [{ name: 5 }] },
  { syncSets: [{ name: 'a', observedGeneration: 'x' }] },
  { syncSets: [{ name: 'a', resourcesToDelete: [5] }] },
  { syncSets: [{ name: 'a', failureMessage: {} }] },
  { conditions: 5 },
  { conditions: [null] },
  { conditions: [{ type: 'Failed', message: ['a'] }] },
]) {
  test(`${JSON.stringify(wrong)} is no status`, () => {
    assert.throws(() => readStatus(named(wrong)), /^the status of ClusterSync fleet\/c is none/);
  });
}

test('what is to be deleted is written as long as it is not too much; sets by name, and kinds that there are', () => {
  const sets = Array.from({ length: 451 }, (_, at) => setResult(`s${at}`));
  const written = (count: number): boolean =>
    nextStatus({}, pass(sets.slice(0, count)), { now: early }).selectorSyncSets?.[0]?.resourcesToDelete !== undefined;
  assert.equal([written(450), written(451)], [true, false]);
  const names = ['b', 'a', 'c'];
  const status = nextStatus({}, pass(names.map((name) => setResult(name))), { now: early });
  assert.equal(
    status.selectorSyncSets?.map(({ name }) => name),
    ['a', 'b', 'c'],
  );
  assert.not.ok('syncSets' in status);
  assert.not.ok('selectorSyncSets' in nextStatus({}, pass([]), { now: early }));
});

test.run();
