// A hub that fails, answers half, or has suddenly nothing any more: what is handed on must not let anything be deleted.

import type { Http2ServerResponse } from 'node:http2';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HoistError } from '../../../scripts/base/errors.ts';
import { systemClock } from '../../../scripts/engine/clock.ts';
import { Hub, type HubOptions } from '../../../scripts/fleet/hub/hub.ts';
import type { Fleet } from '../../../scripts/fleet/sources/source.ts';
import { connect } from '../../../scripts/kube/client/client.ts';
import { answer, type Arrived, startKubeServer, statusObject } from '../../doubles/kube-server.ts';

const test = suite('fleet/hub');

const set = (name: string): object => ({
  metadata: { name, generation: 1, resourceVersion: '1' },
  spec: { clusterDeploymentSelector: { matchLabels: { a: 'b' } }, resourceApplyMode: 'Sync' },
});

const deployment = (name: string, labels = {}): object => ({
  metadata: { name, namespace: 'fleet', uid: name, resourceVersion: '1', labels },
  spec: { installed: true },
  status: { conditions: [{ type: 'Unreachable', status: 'False' }] },
});

const GONE = `${JSON.stringify({ type: 'ERROR', object: statusObject(410, 'Expired', 'too old resource version') })}\n`;

/** A hub with SelectorSyncSets and ClusterDeployments; a test changes what it says. */
class FakeHub {
  clusters: object[] = [];
  sets: object[] = [set('one'), set('two')];
  syncSets: object[] = [];
  /** How lists of sets are answered. */
  mode: 'whole' | 'half' | 'broken' = 'whole';
  /** Of each list. */
  version = 5;
  readonly watches: Http2ServerResponse[] = [];
  /** Those of the other kinds. */
  readonly others: Http2ServerResponse[] = [];
  readonly clusterWatches: Http2ServerResponse[] = [];
  /** Kinds of which a watch is refused until they are listed again: it may come after the call that made it so. */
  readonly #expired = new Set<string>();
  /** Lines for the next watch of sets, where there is none now: a server forgets no event between list and watch. */
  readonly #waiting: string[] = [];

  handle(arrived: Arrived, response: Http2ServerResponse): void {
    const kind = arrived.path.slice(arrived.path.lastIndexOf('/') + 1);
    const isSets = kind === 'selectorsyncsets';
    if (arrived.query.has('watch')) {
      response.writeHead(200, { 'content-type': 'application/json' });
      if (this.#expired.has(kind)) {
        response.end(GONE);
        return;
      }
      const open = isSets ? this.watches : this.others;
      open.push(response);
      // One that was cut while it came is no place for an event.
      response.on('close', () => {
        const at = open.indexOf(response);
        if (at >= 0) open.splice(at, 1);
      });
      if (kind === 'clusterdeployments') this.clusterWatches.push(response);
      if (isSets) for (const line of this.#waiting.splice(0)) response.write(line);
      return;
    }
    if (isSets && this.mode === 'broken') {
      answer(response, 500, statusObject(500, 'InternalError', 'etcd is away'));
    } else if (isSets && this.mode === 'half' && arrived.query.has('continue')) {
      answer(response, 500, statusObject(500, 'InternalError', 'etcd went away'));
    } else {
      const half = isSets && this.mode === 'half';
      const metadata = { resourceVersion: String(this.version), ...(half ? { continue: 'more' } : {}) };
      const clusters = kind === 'clusterdeployments' ? this.clusters : this.syncSets;
      if (!half) this.#expired.delete(kind);
      answer(response, 200, { metadata, items: isSets ? (half ? this.sets.slice(0, 1) : this.sets) : clusters });
    }
  }

  /** The server forgets what came before: the follower lists again. */
  expire(): void {
    this.#expired.add('selectorsyncsets');
    for (const watch of this.watches.splice(0)) watch.end(GONE);
  }

  expireOthers(): void {
    for (const kind of ['syncsets', 'clusterdeployments']) this.#expired.add(kind);
    this.clusterWatches.length = 0;
    for (const watch of this.others.splice(0)) watch.end(GONE);
  }

  event(type: string, object: object, watches = this.watches, edit = (line: string): string => line): void {
    const line = edit(`${JSON.stringify({ type, object })}\n`);
    if (watches === this.watches && watches.length === 0) this.#waiting.push(line);
    for (const watch of watches) watch.write(line);
  }
}

interface Followed {
  hub: FakeHub;
  followed: Hub;
  cut: () => void;
  /** The next state that satisfies the condition. */
  state: (is: (fleet: Fleet) => boolean) => Promise<Fleet>;
  last: () => Fleet | undefined;
  /** Names of the clusters that each state so far has touched, since this was asked last. */
  touched: () => string[][];
}

async function following(work: (followed: Followed) => Promise<void>, more: Partial<HubOptions> = {}): Promise<void> {
  const hub = new FakeHub();
  const server = await startKubeServer((arrived, response) => hub.handle(arrived, response));
  const client = connect(server.connection);
  const stop = new AbortController();
  let last: Fleet | undefined;
  const handed: string[][] = [];
  const waiting = new Set<() => void>();
  const followed = new Hub({
    client,
    clock: systemClock,
    random: () => 0,
    onProblem: () => undefined,
    onChange(fleet, touched) {
      last = fleet;
      handed.push(fleet.clusters.filter((one) => touched(one)).map(({ name }) => name));
      for (const look of waiting) look();
    },
    ...more,
  });
  const running = followed.run(stop.signal).catch(() => undefined);
  const state = (is: (fleet: Fleet) => boolean): Promise<Fleet> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (last === undefined || !is(last)) return;
        waiting.delete(look);
        resolve(last);
      };
      waiting.add(look);
      look();
    });
  const cut = (): void => {
    for (const socket of server.sockets.splice(0)) socket.destroy();
  };
  try {
    await work({ hub, followed, cut, state, last: () => last, touched: () => handed.splice(0) });
  } finally {
    stop.abort(new Error('done'));
    await running;
    client.close();
    await server.close();
  }
}

const names = (fleet: Fleet): string[] => fleet.sets.map(({ name }) => name).sort();

test('a list that fails at its second page changes nothing of what is known, and nothing may be deleted meanwhile', async () => {
  await following(async ({ hub, state }) => {
    await state((fleet) => fleet.complete && fleet.sets.length === 2);
    hub.mode = 'half';
    hub.expire();
    const doubtful = await state((fleet) => !fleet.complete);
    assert.equal(names(doubtful), ['one', 'two']);
    hub.mode = 'whole';
    await state((fleet) => fleet.complete && fleet.sets.length === 2);
  });
});

test('a hub whose sets are all gone at once is doubted until each of them is back', async () => {
  await following(async ({ hub, state }) => {
    await state((fleet) => fleet.complete && fleet.sets.length === 2);
    hub.sets = [];
    hub.expire();
    const empty = await state((fleet) => fleet.sets.length === 0);
    assert.ok(empty.lost);
    // It says so again: that is no proof.
    hub.expire();
    hub.sets = [set('one')];
    hub.expire();
    const half = await state((fleet) => fleet.sets.length === 1);
    assert.ok(half.lost, 'the other one is still missing');
    hub.event('ADDED', set('two'));
    const whole = await state((fleet) => fleet.sets.length === 2);
    assert.is(whole.lost, undefined);
  });
});

const syncSet = (name: string): object => ({
  metadata: { name, namespace: 'fleet', generation: 1, resourceVersion: '1' },
  spec: { clusterDeploymentRefs: [{ name: 'c' }], resourceApplyMode: 'Sync' },
});

for (const [what, before, selecting, lost] of [
  ['the only SyncSet, beside others that stay, was deleted by somebody', ['a'], ['one'], undefined],
  [
    'all SyncSets of several are doubted, though others stay',
    ['b', 'a'],
    ['one'],
    'the hub has suddenly no SyncSets any more (missing: fleet/a, fleet/b)',
  ],
  ['the only set of a hub is doubted', ['a'], [], 'the hub has suddenly no SyncSets any more (missing: fleet/a)'],
  [
    'of many only a few are named',
    ['a', 'b', 'c', 'd', 'e'],
    [],
    'the hub has suddenly no SyncSets any more (missing: fleet/a, fleet/b, fleet/c and 2 more)',
  ],
] as const) {
  test(`${what}: by a process that sees it, and by one that begins`, async () => {
    await following(async ({ hub, state }) => {
      hub.sets = selecting.map(set);
      hub.syncSets = before.map(syncSet);
      await state((fleet) => fleet.sets.length === before.length + selecting.length);
      hub.syncSets = [];
      hub.expireOthers();
      assert.is((await state((fleet) => fleet.sets.length === selecting.length)).lost, lost);
    });
    const expected = {
      syncSets: new Set(before.map((name) => `fleet/${name}`)),
      selectorSyncSets: new Set<string>(selecting),
      clusters: new Map(),
    };
    await following(
      async ({ hub, state }) => {
        hub.sets = selecting.map(set);
        assert.is((await state(() => true)).lost, lost);
      },
      { expected: () => expected },
    );
  });
}

test('a list that lacks most sets is doubted, though not all are gone', async () => {
  await following(async ({ hub, state }) => {
    hub.clusters = [deployment('c', { a: 'b' })];
    hub.sets = ['one', 'two', 'three'].map(set);
    await state((fleet) => fleet.sets.length === 3 && fleet.clusters.length === 1);
    hub.sets = [set('one')];
    hub.expire();
    const some = await state((fleet) => fleet.sets.length === 1);
    assert.is(some.lost, 'the hub has suddenly taken most sets from their clusters');
    for (const name of ['two', 'three']) hub.event('ADDED', set(name));
    assert.is((await state((fleet) => fleet.sets.length === 3)).lost, undefined);
  });
});

test('a hub that answers with an older state than before is doubted from then on', async () => {
  await following(async ({ hub, state }) => {
    await state((fleet) => fleet.sets.length === 2);
    hub.version = 4;
    hub.sets = [set('one')];
    hub.expire();
    const restored = await state((fleet) => fleet.sets.length === 1);
    assert.is(restored.lost, 'the hub answers with an older state than before');
    hub.version = 9;
    hub.sets = [set('one'), set('three')];
    hub.expire();
    const later = await state((fleet) => fleet.sets.length === 2);
    assert.ok(later.lost, 'it goes on from there');
  });
});

test('the first state touches all clusters, each later one those that it is about, and what changes nothing none', async () => {
  await following(async ({ hub, state, touched }) => {
    hub.clusters = [deployment('c1', { a: 'b' }), deployment('c2'), deployment('c3', { a: 'b' })];
    const labelsOf = ({ clusters }: Fleet, name: string): Record<string, string> =>
      clusters.find((one) => one.name === name)?.labels ?? {};
    await state(({ sets, clusters }) => sets.length === 2 && clusters.length === 3);
    while (hub.watches.length === 0 || hub.clusterWatches.length === 0)
      await new Promise((resolve) => setImmediate(resolve));
    assert.equal(touched(), [['c1', 'c2', 'c3']]);
    // Only what it says of itself, which the server counts.
    hub.event('MODIFIED', { ...set('one'), metadata: { name: 'one', generation: 1, resourceVersion: '6' } });
    hub.event('MODIFIED', { ...deployment('c2'), status: { other: true } }, hub.clusterWatches);
    hub.event('MODIFIED', { ...deployment('c2', { new: 'label' }) }, hub.clusterWatches);
    await state((fleet) => labelsOf(fleet, 'c2')['new'] === 'label');
    assert.equal(touched(), [['c2']]);
    hub.event('ADDED', set('three'));
    await state(({ sets }) => sets.length === 3);
    assert.equal(touched(), [['c1', 'c3']]);
    hub.event('DELETED', set('three'));
    await state(({ sets }) => sets.length === 2);
    assert.equal(touched(), [['c1', 'c3']], 'what it had applied is to go');
    hub.event('ADDED', deployment('c4'), hub.clusterWatches);
    await state(({ clusters }) => clusters.length === 4);
    assert.equal(touched(), [['c4']]);
    hub.event('DELETED', deployment('c4'), hub.clusterWatches);
    await state(({ clusters }) => clusters.length === 3);
    assert.equal(touched(), [[]]);
  });
});

test('sets that are deleted one by one are just deleted', async () => {
  await following(async ({ hub, state }) => {
    await state((fleet) => fleet.complete && fleet.sets.length === 2);
    for (const one of ['one', 'two']) hub.event('DELETED', set(one));
    const empty = await state((fleet) => fleet.sets.length === 0);
    assert.is(empty.lost, undefined);
    assert.ok(empty.complete);
  });
});

test('a process that begins with an empty hub knows by the statuses that there were sets', async () => {
  const expected = { syncSets: new Set<string>(), selectorSyncSets: new Set(['one']), clusters: new Map() };
  await following(
    async ({ hub, state }) => {
      hub.sets = [];
      const begun = await state(({ sets }) => sets.length === 0);
      assert.ok(begun.lost);
      hub.event('ADDED', set('one'));
      const back = await state((fleet) => fleet.sets.length === 1);
      assert.is(back.lost, undefined);
    },
    { expected: () => expected },
  );
});

test('a set that is wrong fails where it is for, and is said; one that does not say where is applied nowhere', async () => {
  const problems: string[] = [];
  const mapping = { sourceRef: { name: 'a' }, targetRef: { name: 'b' } };
  const selecting = (spec: object): object => ({ ...set('wrong'), spec });
  await following(
    async ({ hub, followed, state }) => {
      await state((fleet) => fleet.sets.length === 2);
      const selector = { clusterDeploymentSelector: { matchLabels: { a: 'b' } } };
      hub.event('ADDED', selecting({ ...selector, secretMappings: [mapping] }));
      const fleet = await state(({ sets }) => sets.length === 3);
      const wrong = fleet.sets.find(({ name }) => name === 'wrong');
      assert.match(wrong?.problem ?? '', /^spec\.secretMappings\[0\]\.sourceRef\.namespace is missing/);
      assert.ok(fleet.broken.has('SelectorSyncSet/wrong'), 'what it owns is left alone');
      assert.equal(followed.aimless, []);
      hub.event('MODIFIED', selecting({ matchLabels: { a: 'b' } }));
      await state(({ sets, broken }) => sets.length === 2 && broken.size === 1);
      assert.equal(followed.aimless, ['SelectorSyncSet/wrong']);
      hub.event('MODIFIED', selecting(selector));
      const mended = await state(({ broken }) => broken.size === 0);
      assert.equal([names(mended), followed.aimless], [['one', 'two', 'wrong'], []]);
    },
    { onProblem: (message) => problems.push(message) },
  );
  assert.is(problems.length, 2);
  assert.match(problems[0] ?? '', /^SelectorSyncSet\/wrong: spec\.secretMappings/);
  assert.match(problems[1] ?? '', /^SelectorSyncSet\/wrong: spec\.clusterDeploymentSelector/);
});

test('a set that is nested without an end fails as a wrong one, and the others are there', async () => {
  await following(async ({ hub, followed, state }) => {
    await state((fleet) => fleet.sets.length === 2);
    const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    // JSON.stringify cannot write it.
    hub.event('ADDED', { ...set('deep'), spec: { resources: 'HERE' } }, undefined, (line) =>
      line.replace('"HERE"', nested),
    );
    const fleet = await state(({ broken }) => broken.size === 1);
    assert.equal(names(fleet), ['one', 'two']);
    assert.equal(followed.aimless, ['SelectorSyncSet/deep']);
  });
});

for (const [what, items] of [
  ['no list', undefined],
  ['names that no object can have', [set('../../x')]],
  ['objects of another kind', [{ ...set('a'), kind: 'Pod' }]],
  ['no names', [{ metadata: {} }]],
  ['numbers for names', [{ metadata: { name: 5 } }]],
  ['namespaces that no object can have', [{ metadata: { name: 'a', namespace: '..' } }]],
] as const) {
  test(`a hub that answers with ${what} is not believed, and a run that ends gives up`, async () => {
    const problems: string[] = [];
    const server = await startKubeServer(({ query }, response) => {
      if (query.has('watch')) response.writeHead(200).write('');
      else answer(response, 200, { metadata: { resourceVersion: '1' }, ...(items === undefined ? {} : { items }) });
    });
    const client = connect(server.connection);
    const hub = new Hub({
      client,
      clock: { ...systemClock, sleep: () => Promise.resolve() },
      random: () => 0,
      onProblem: (message) => problems.push(message),
      onChange: () => assert.unreachable('nothing was read'),
    });
    hub.givesUp = true;
    try {
      await hub.run(new AbortController().signal);
      assert.unreachable();
    } catch (error) {
      assert.is((error as HoistError).exitCode, 3);
      assert.match(
        (error as HoistError).message,
        /^the hub cannot be read: .*(is no list|no name of an object|of another kind, "Pod")/,
      );
    } finally {
      client.close();
      await server.close();
    }
    assert.match(problems[0] ?? '', /\(tried 1 of 8 times\)$/);
  });
}

test('clusters that become ours are handed on only when everything was read again, and those that went at once', async () => {
  const mine = new Set(['two']);
  await following(
    async ({ hub, state, followed }) => {
      hub.clusters = ['one', 'two'].map((name) => deployment(name));
      const ids = (fleet: Fleet): string => fleet.clusters.map(({ name }) => name).join(' ');
      await state((fleet) => ids(fleet) === 'two');
      // What changes now is not seen by the watch, as if that were behind.
      hub.sets = [set('newer')];
      hub.mode = 'broken';
      mine.delete('two');
      mine.add('one');
      followed.refresh();
      assert.equal(names(await state((fleet) => ids(fleet) === '')), ['one', 'two']);
      hub.mode = 'whole';
      assert.equal(names(await state((fleet) => ids(fleet) === 'one')), ['newer']);
    },
    { mine: ({ name }) => mine.has(name) },
  );
});

test('a connection that breaks and comes back leaves no doubt behind: the watch goes on where it was', async () => {
  await following(async ({ hub, cut, state }) => {
    await state((fleet) => fleet.complete && fleet.sets.length === 2);
    cut();
    hub.watches.length = hub.others.length = 0;
    await state((fleet) => !fleet.complete);
    while (hub.watches.length + hub.others.length < 3) await new Promise((resolve) => setTimeout(resolve, 20));
    hub.event('ADDED', set('three'));
    const fleet = await state(({ sets }) => sets.length === 3);
    assert.is(fleet.complete, false, 'the other two kinds have not been heard of yet');
    const bookmark = { type: 'BOOKMARK', object: { metadata: { resourceVersion: '2' } } };
    for (const watch of hub.others) watch.write(`${JSON.stringify(bookmark)}\n`);
    await state(({ complete }) => complete);
  });
});

test.run();
