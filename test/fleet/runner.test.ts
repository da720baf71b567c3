// Which clusters are worked on at a time: as many as there are workers while they answer, and silent ones hold up nobody.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ClusterRecord, Runner } from '../../scripts/fleet/runner.ts';
import { FakeClock } from '../doubles/clock.ts';
import { startSpokes } from '../doubles/spokes.ts';
import { cluster, configMap, defaults, fleetOf, selectorSet } from './world.ts';

const test = suite('fleet/runner');

const resources = [configMap('a', { k: 'v' }), configMap('b', { k: 'v' })];
const name = (at: number): string => String(at).padStart(2, '0');

test('a fleet does not begin all at once, although nothing is known of its clusters yet', async () => {
  const spokes = await startSpokes();
  const clusters = Array.from({ length: 40 }, (_, at) =>
    cluster(name(at), { ...spokes.connection, server: spokes.server(name(at)) }),
  );
  // A clock that stands still: however busy this machine is, no cluster is silent for long.
  let most = 0;
  const runner: Runner = new Runner(fleetOf([selectorSet('s', { resources })], clusters), {
    ...defaults,
    clock: new FakeClock(),
    workers: 4,
    onChange: () => (most = Math.max(most, runner.load.running)),
  });
  await runner.once(new AbortController().signal);
  runner.close();
  await spokes.close();
  assert.equal(new Set([...runner.records.values()].map(({ state }) => state)), new Set(['synced']));
  assert.is(most, 4);
});

test('clusters that do not answer leave their places to others', async () => {
  const isDead = (spoke: string): boolean => Number(spoke) < 10;
  const spokes = await startSpokes({ intercept: (spoke) => isDead(spoke) });
  const clusters = Array.from({ length: 30 }, (_, at) =>
    cluster(name(at), { ...spokes.connection, server: spokes.server(name(at)) }),
  );
  const clock = new FakeClock();
  const stop = new AbortController();
  let [synced, silent] = [0, 0];
  const runner: Runner = new Runner(fleetOf([selectorSet('s', { resources })], clusters), {
    ...defaults,
    clock,
    workers: 4,
    onChange({ state }: ClusterRecord) {
      if (state === 'synced') synced += 1;
      silent = Math.max(silent, runner.load.running);
    },
  });
  const running = runner.once(stop.signal).catch(() => undefined);
  for (let look = 0; look < 2_000 && synced < 20; look++) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    // Whoever has not answered by now is silent.
    clock.advance(300);
  }
  assert.is(synced, 20);
  assert.ok(silent > 4, `${silent} at a time`);
  stop.abort(new Error('enough'));
  await running;
  runner.close();
  await spokes.close();
});

test('a pass over a cluster that leaves the fleet ends there, and nothing more is written to it', async () => {
  const written: string[] = [];
  let hold = (): void => undefined;
  const held = new Promise<void>((resolve) => (hold = resolve));
  const spokes = await startSpokes({
    // The first write is never answered.
    intercept(_, { method, path }) {
      if (method !== 'PATCH' || path.includes('kube-system')) return false;
      written.push(path);
      hold();
      return true;
    },
  });
  const clusters = [cluster('moves', { ...spokes.connection, server: spokes.server('moves') })];
  const stop = new AbortController();
  const results: string[] = [];
  const runner: Runner = new Runner(fleetOf([selectorSet('s', { resources })], clusters), {
    ...defaults,
    perCluster: 1,
    onPass: ({ cluster: { name: of } }) => Promise.resolve(void results.push(of)),
  });
  const running = runner.forever(stop.signal).catch(() => undefined);
  await held;
  runner.update(fleetOf([], []));
  while (runner.load.running > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  stop.abort(new Error('enough'));
  await running;
  runner.close();
  await spokes.close();
  assert.is(written.length, 1);
  assert.equal(results, [], 'what became of it is not written down');
});

test('a cluster that another process found as wanted so long ago is that old here, and due when that one said', () => {
  const clock = new FakeClock();
  clock.advance(60_000);
  const clusters = [cluster('a', { server: 'https://none.invalid' }), cluster('b', { server: 'https://none.invalid' })];
  const runner = new Runner(fleetOf([], clusters), { ...defaults, clock });
  const [a, b] = [...runner.records.values()];
  if (a === undefined || b === undefined) throw new Error('no records');
  runner.verified(a.cluster.id, 10_000, 5_000);
  assert.equal([a.state, a.verifiedAt], ['synced', 50_000]);
  assert.is(runner.load.depth, 1, 'the other one');
  b.state = 'failed';
  runner.verified(b.cluster.id, 10_000, 5_000);
  runner.verified('none', 0, 0);
  assert.equal([b.state, b.verifiedAt], ['failed', undefined], 'what is known here counts more');
  runner.close();
});

test.run();
