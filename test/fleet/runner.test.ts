// Which clusters are worked on at a time: as many as there are workers while they answer, and silent ones hold up nobody.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ClusterRecord, Runner, type RunnerOptions } from '../../scripts/fleet/runner.ts';
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

/** A runner over one cluster that cannot be reached, with a clock that jumps until it is done. */
async function tried(options: Partial<RunnerOptions>, until?: (runner: Runner) => boolean) {
  const clock = new FakeClock();
  const waits: number[] = [];
  let asked = 0;
  const broken = {
    ...cluster('a', { server: 'https://none.invalid' }),
    connection: () => {
      asked += 1;
      waits.push(clock.now());
      return Promise.reject(new Error('no kubeconfig'));
    },
  };
  const runner = new Runner(fleetOf([], [broken]), { ...defaults, clock, random: () => 0.5, ...options });
  const stop = new AbortController();
  const ended = { over: false };
  const running = (until === undefined ? runner.once(stop.signal) : runner.forever(stop.signal))
    .catch(() => undefined)
    .then(() => (ended.over = true));
  while (!ended.over) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.jump();
    if (until?.(runner) === true) stop.abort(new Error('enough'));
  }
  await running;
  const [record] = [...runner.records.values()];
  return { runner, record, asked, waits, broken };
}

test('a pass that fails is made again as often as is asked for, each time after a longer wait', async () => {
  for (const attempts of [1, 3]) {
    const { record, asked, waits } = await tried({ attempts });
    assert.equal([asked, record?.failures, record?.passes], [attempts, attempts, attempts]);
    assert.equal([record?.state, record?.reason, record?.unreachable], ['failed', 'no kubeconfig', false]);
    assert.is(record?.failingSince, waits[0]);
    const [first = 0, second = 0, third = 0] = waits;
    if (attempts > 1) assert.ok(third - second > second - first && second > first, waits.join());
  }
});

test('kept, it is tried again for as long as it fails', async () => {
  const { record } = await tried({ attempts: 1 }, (runner) => [...runner.records.values()][0]?.failures === 4);
  assert.equal([record?.failures, record?.failingSince], [4, 0]);
});

test('a change of the fleet makes due what it is about, without a memory of failures', async () => {
  const { runner, record, broken } = await tried({ attempts: 1 });
  const fleet = fleetOf([], [broken]);
  runner.update(fleet, () => false);
  assert.equal([record?.failures, runner.load.depth], [1, 0]);
  runner.update(fleet, ({ id }) => id === broken.id);
  assert.equal([record?.failures, runner.load.depth], [0, 1]);
  runner.now('none');
  assert.is(await runner.inspect('none', () => Promise.resolve(1)), undefined);
  assert.is(runner.load.depth, 1);
  runner.close();
});

test.run();
