// What is written to the hub of a pass: once where it says something new, never over what another process knows better.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failureOf } from '../../failure.ts';
import type { PassResult, SetResult } from '../../../scripts/fleet/pass/result.ts';
import type { ClusterSyncStatus } from '../../../scripts/fleet/status/cluster-sync.ts';
import { StatusWriter } from '../../../scripts/fleet/status/writer.ts';
import { cluster } from '../objects.ts';
import { type Answer, type Scripted, refused, scriptedClient } from '../scripted.ts';

const writing = suite('fleet/status/writer');

const SYNC = '/apis/hiveinternal.openshift.io/v1alpha1/namespaces/fleet/clustersyncs';
const { signal } = new AbortController();
const one = cluster('c', { server: 'https://c.invalid' });

const set = (name: string, ok = true, generation = 1, kind: SetResult['kind'] = 'SelectorSyncSet'): SetResult => ({
  id: `${kind}/${name}`,
  kind,
  name,
  generation,
  ok,
  ...(ok ? {} : { message: 'no' }),
  toDelete: [],
  warnings: [],
  retry: true,
  ms: 1,
});
const pass = (sets: readonly SetResult[], more: Partial<PassResult> = {}): PassResult => ({
  cluster: one.id,
  sets,
  wanted: 0,
  unchanged: 0,
  confirmed: 0,
  requests: 0,
  ms: 0,
  changes: [],
  held: [],
  unreachable: false,
  ...more,
});

/** A hub with one ClusterSync, whose version changes with each write. */
function hub(first?: ClusterSyncStatus): Scripted & {
  writer: StatusWriter;
  status: () => ClusterSyncStatus | undefined;
  writeElsewhere: (status: ClusterSyncStatus) => void;
  remove: () => void;
} {
  let version = 1;
  let status = first;
  let exists = first !== undefined;
  const metadata = () => ({ name: 'c', namespace: 'fleet', uid: 'sync-uid', resourceVersion: String(version) });
  const scripted = scriptedClient(({ method, path, body }): Answer => {
    if (path.includes('clustersyncleases')) return {};
    if (method === 'POST') {
      exists = true;
      return { status: 201, body: { metadata: metadata() } };
    }
    if (!exists) return refused(404, 'not found');
    if (method === undefined) return { body: { metadata: metadata(), status } };
    const patch = body as { metadata: { resourceVersion: string }; status: Record<string, unknown> };
    if (patch.metadata.resourceVersion !== String(version)) return refused(409, 'changed');
    version++;
    const merged: Record<string, unknown> = { ...status, ...patch.status };
    status = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
    return { body: { metadata: metadata() } };
  });
  let seconds = 0;
  const writer = new StatusWriter(scripted.client, {
    now: () => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds++, 500)),
    replica: 1,
  });
  return {
    ...scripted,
    writer,
    status: () => status,
    writeElsewhere(next) {
      version++;
      status = next;
    },
    remove: () => void (exists = false),
  };
}

writing('a ClusterSync is made where there is none, owned by its ClusterDeployment', async () => {
  const { writer, asked, requests, status } = hub();
  const written = await writer.write(one, pass([set('a'), set('b', false), set('a', true, 1, 'SyncSet')]), signal);
  assert.equal(written, { firstSuccesses: ['SyncSet/a', 'SelectorSyncSet/a'], allForTheFirstTime: false });
  assert.equal(asked, [`GET ${SYNC}/c`, `POST ${SYNC}`, `PATCH ${SYNC}/c/status`]);
  const { metadata } = requests[1]?.body as { metadata: { ownerReferences: object[] } };
  assert.equal(metadata.ownerReferences, [
    {
      apiVersion: 'hive.openshift.io/v1',
      kind: 'ClusterDeployment',
      name: 'c',
      uid: one.uid,
      blockOwnerDeletion: true,
    },
  ]);
  assert.is(status()?.controlledByReplica, 1);
  assert.is(status()?.selectorSyncSets?.[0]?.lastTransitionTime, '2026-01-01T00:00:00Z');
});

writing('nothing is read again, nor written where it would say the same', async () => {
  const { writer, asked, status } = hub({});
  await writer.write(one, pass([set('a')]), signal);
  const before = status();
  assert.equal(await writer.write(one, pass([set('a')]), signal), { firstSuccesses: [], allForTheFirstTime: false });
  assert.is(status(), before);
  assert.is(asked.length, 2);
  const failed = await writer.write(one, pass([set('a', false)]), signal);
  assert.equal(failed.firstSuccesses, []);
  assert.is(asked.length, 3);
  writer.forget(one.id);
  await writer.write(one, pass([set('a', false)]), signal);
  assert.is(asked.length, 4);
});

writing('a set, and all of them, succeed for the first time once', async () => {
  const { writer } = hub({});
  const news = (...sets: SetResult[]) => writer.write(one, pass(sets), signal);
  assert.equal(await news(set('a', false), set('b')), {
    firstSuccesses: ['SelectorSyncSet/b'],
    allForTheFirstTime: false,
  });
  assert.equal(await news(set('a'), set('b')), { firstSuccesses: ['SelectorSyncSet/a'], allForTheFirstTime: true });
  assert.equal(await news(set('a', false), set('b')), { firstSuccesses: [], allForTheFirstTime: false });
  assert.equal(await news(set('a'), set('b')), { firstSuccesses: [], allForTheFirstTime: false });
});

writing('a pass that was given up as a whole writes nothing', async () => {
  const { writer, asked } = hub({});
  await writer.write(one, pass([set('a')], { error: 'unreachable' }), signal);
  assert.equal(asked, [`GET ${SYNC}/c`]);
});

writing('lists that are gone are removed, and kept where the hub has lost them', async () => {
  const { writer, status, requests } = hub({});
  await writer.write(one, pass([set('a'), set('b', true, 1, 'SyncSet')]), signal);
  await writer.write(one, pass([set('a')]), signal);
  assert.is(status()?.syncSets, undefined);
  assert.is((requests.at(-1)?.body as { status: { syncSets: unknown } }).status.syncSets, null);
  const keeping = hub({});
  const writer2 = new StatusWriter(keeping.client, { now: () => new Date(0), keeps: () => true });
  await writer2.write(one, pass([set('a')]), signal);
  await writer2.write(one, pass([]), signal);
  assert.is(keeping.status()?.selectorSyncSets?.length, 1);
});

writing('what another process wrote is read again, and not overwritten by what is older', async () => {
  const times = { lastTransitionTime: '2025-01-01T00:00:00Z', firstSuccessTime: '2025-01-01T00:00:00Z' };
  const written = (observedGeneration: number): ClusterSyncStatus => ({
    selectorSyncSets: [{ name: 'a', observedGeneration, result: 'Success', ...times }],
  });
  const cases: [elsewhere: number, own: number, observed: number][] = [
    [1, 1, 1],
    [1, 2, 2],
    [2, 2, 2],
    [3, 2, 3],
  ];
  for (const [elsewhere, own, observed] of cases) {
    const { writer, status, writeElsewhere } = hub(written(1));
    await writer.applied(one, signal);
    writeElsewhere(written(elsewhere));
    await writer.write(one, pass([set('a', false, own)]), signal);
    const [first] = status()?.selectorSyncSets ?? [];
    assert.is(first?.observedGeneration, observed, `${elsewhere} ${own}`);
    assert.is(first?.result, elsewhere > own ? 'Success' : 'Failure');
  }
  // The set was made again, and counts from 1 again: what was known before is no newer.
  const again = hub(written(5));
  await again.writer.applied(one, signal);
  again.writeElsewhere(written(5));
  await again.writer.write(one, pass([set('a', true, 1)]), signal);
  assert.is(again.status()?.selectorSyncSets?.[0]?.observedGeneration, 1);
});

writing('one that was deleted is made by the next pass; other refusals are thrown', async () => {
  const { writer, remove, asked, status } = hub({});
  await writer.applied(one, signal);
  remove();
  assert.equal((await writer.write(one, pass([set('a')]), signal)).firstSuccesses, ['SelectorSyncSet/a']);
  assert.is(status()?.selectorSyncSets, undefined);
  await writer.write(one, pass([set('a')]), signal);
  assert.equal(asked.slice(2), [`GET ${SYNC}/c`, `POST ${SYNC}`, `PATCH ${SYNC}/c/status`]);
  const closed = new StatusWriter(scriptedClient(() => refused(403, 'not allowed')).client, { now: () => new Date(0) });
  assert.match(await failureOf(closed.write(one, pass([set('a')]), signal)), 'not allowed');
});

writing('what was applied last is known by kind and name', async () => {
  const entry = (name: string, observedGeneration: number) => ({
    name,
    observedGeneration,
    result: 'Success' as const,
    lastTransitionTime: '',
  });
  const { writer } = hub({ syncSets: [entry('a', 1)], selectorSyncSets: [entry('a', 2)] });
  const applied = await writer.applied(one, signal);
  assert.equal(
    [...applied].map(([key, { observedGeneration }]) => `${key} ${observedGeneration}`),
    ['SyncSet/a 1', 'SelectorSyncSet/a 2'],
  );
});

writing('the time of a look is kept in a lease that goes with the ClusterSync', async () => {
  const { writer, requests } = hub({});
  await writer.renew(one, signal);
  const { path, query, body } = requests[1] ?? {};
  assert.is(path, '/apis/hiveinternal.openshift.io/v1alpha1/namespaces/fleet/clustersyncleases/c');
  assert.equal(query, { fieldManager: 'hoist-sync', force: true });
  const { metadata, spec } = body as {
    metadata: { ownerReferences: { uid: string; blockOwnerDeletion: boolean }[] };
    spec: object;
  };
  assert.is(metadata.ownerReferences[0]?.uid, 'sync-uid');
  assert.ok(metadata.ownerReferences[0]?.blockOwnerDeletion);
  assert.equal(spec, { renewTime: '2026-01-01T00:00:00.500000Z' });
});

writing.run();
