// Waves of clusters: who comes when, and that a wave that fails or does not run ends the rollout.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { rollOut, type RolloutOptions, type RolloutResult } from '../../../scripts/fleet/rollout/rollout.ts';
import { cut } from '../../../scripts/fleet/rollout/waves.ts';
import { Runner } from '../../../scripts/fleet/runner.ts';
import type { FleetCluster } from '../../../scripts/fleet/targets/types.ts';
import { answer, statusObject } from '../../doubles/kube-server.ts';
import { type Spokes, type SpokesOptions, startSpokes } from '../../doubles/spokes.ts';
import { cluster, configMap, defaults, fleetOf, selectorSet } from '../world.ts';

const test = suite('fleet/rollout');

function fleet(spokes: Spokes | undefined, count: number): FleetCluster[] {
  const connection = spokes?.connection ?? { server: 'https://none.invalid' };
  return Array.from({ length: count }, (_, at) =>
    cluster(
      `c${at}`,
      { ...connection, server: `${connection.server}/spokes/c${at}` },
      at < 2 ? { canary: 'true' } : {},
    ),
  );
}

test('a fleet is cut by label, share and number, each cluster once, the same way each time', () => {
  const clusters = fleet(undefined, 20);
  const waves = [{ label: 'canary', value: 'true' }, { share: 0.2 }, { count: 10 }] as const;
  const parts = cut(clusters, waves);
  assert.equal(
    parts.map((part) => part.length),
    [2, 2, 6, 10],
  );
  assert.equal(new Set(parts.flat().map(({ name }) => name)).size, 20);
  assert.equal(parts[0]?.map(({ name }) => name).sort(), ['c0', 'c1']);
  assert.equal(cut(clusters.toReversed(), waves), parts);
  const numbers = (parts[3] ?? []).map(({ name }) => Number(name.slice(1)));
  assert.not.equal(
    numbers,
    numbers.toSorted((a, b) => a - b),
    'names do not decide',
  );
});

test('a wave that others have gone beyond is empty, and no wave names more than there are', () => {
  const sizes = (...waves: Parameters<typeof cut>[1]): number[] =>
    cut(fleet(undefined, 10), waves).map(({ length }) => length);
  assert.equal(sizes({ count: 5 }, { count: 3 }, { share: 0.1 }, { count: 6 }), [5, 0, 0, 1, 4]);
  assert.equal(sizes({ count: 20 }), [10]);
  assert.equal(sizes({ share: 1 }), [10]);
  assert.equal(sizes({ share: 0.01 }), [1, 9]);
  assert.equal(sizes(), [10]);
});

test('workloads have a time to run in; what will never run is not waited for', async () => {
  const [only] = fleet(undefined, 1);
  if (only === undefined) throw new Error('no cluster');
  const looks = async (final: boolean, becomesWell: number): Promise<[looks: number, failed: number]> => {
    let [time, count] = [5_000, 0];
    const runner = {
      records: new Map([[only.id, { state: 'synced' }]]),
      update: () => undefined,
      once: () => Promise.resolve(),
      inspect: () => Promise.resolve(++count > becomesWell ? undefined : { why: 'does not run', final }),
    } as unknown as Runner;
    const clock = { ...defaults.clock, now: () => time, sleep: (ms: number) => Promise.resolve(void (time += ms)) };
    const options = { waves: [], maxFailures: { count: 0 }, healthMs: 3_000, clock, onWave: () => undefined };
    const { waves } = await rollOut(runner, fleetOf([], [only]), options, new AbortController().signal);
    return [count, waves[0]?.failed.length ?? 0];
  };
  assert.equal(await looks(false, 0), [1, 0]);
  assert.equal(await looks(false, 2), [3, 0]);
  assert.equal(await looks(false, 9), [4, 1], 'at 0, 1, 2 and 3 s');
  assert.equal(await looks(true, 9), [1, 1]);
});

test('each wave is a part of the fleet; where two clusters may be one server, all of it counts', async () => {
  const clusters = fleet(undefined, 4);
  const given: [clusters: number, everyone: number | undefined][] = [];
  const runner = {
    records: new Map(clusters.map(({ id }) => [id, { state: 'synced' }])),
    update: (part: { clusters: unknown[]; everyone?: unknown[] }) =>
      given.push([part.clusters.length, part.everyone?.length]),
    once: () => Promise.resolve(),
    inspect: () => Promise.resolve(undefined),
  } as unknown as Runner;
  const options = {
    waves: [{ count: 1 }, { count: 1 }],
    maxFailures: { count: 0 },
    healthMs: 0,
    clock: defaults.clock,
    onWave: () => undefined,
  };
  const { signal } = new AbortController();
  const result = await rollOut(runner, fleetOf([], clusters), options, signal);
  await rollOut(runner, { ...fleetOf([], clusters), everyone: fleet(undefined, 9) }, options, signal);
  assert.equal(given, [
    [1, 4],
    [4, 4],
    [1, 9],
    [4, 9],
  ]);
  assert.equal(
    result.waves.map(({ number, of, clusters: count }) => [number, of, count]),
    [
      [1, 2, 1],
      [2, 2, 3],
    ],
  );
});

async function rolled(
  resources: readonly object[],
  options: Partial<RolloutOptions>,
  spokesOptions: SpokesOptions = {},
): Promise<{ result: RolloutResult; touched: string[] }> {
  const spokes = await startSpokes(spokesOptions);
  const clusters = fleet(spokes, 10);
  const whole = fleetOf([selectorSet('s', { resources })], clusters);
  const runner = new Runner({ ...whole, clusters: [] }, defaults);
  const { clock } = defaults;
  try {
    const waves = [{ label: 'canary', value: 'true' }, { share: 0.5 }];
    const all = { waves, maxFailures: { count: 0 }, healthMs: 0, clock, onWave: () => undefined, ...options };
    const result = await rollOut(runner, whole, all, new AbortController().signal);
    const touched = clusters.filter(({ name }) => spokes.spoke(name).writes > 0).map(({ name }) => name);
    return { result, touched };
  } finally {
    runner.close();
    await spokes.close();
  }
}

test('it goes through wave by wave where all is well', async () => {
  const seen: number[] = [];
  const { result, touched } = await rolled([configMap('a', {})], { onWave: ({ clusters }) => seen.push(clusters) });
  assert.equal(seen, [2, 3, 5]);
  assert.is(result.stopped, undefined);
  assert.is(touched.length, 10);
});

const refusing: SpokesOptions = {
  intercept(spoke, { method, body }, response) {
    if (spoke !== 'c1' || method !== 'PATCH' || !body.includes('"a"')) return false;
    answer(response, 403, statusObject(403, 'Forbidden', 'no'));
    return true;
  },
};

test('a failed cluster of the first wave ends it, and the others are left as they were', async () => {
  const { result, touched } = await rolled([configMap('a', {})], {}, refusing);
  assert.is(result.stopped, '1 of 2 clusters failed, more than 0');
  assert.is(result.left, 8);
  assert.equal(
    result.waves[0]?.failed.map(({ cluster: id }) => id),
    ['fleet/c1'],
  );
  assert.ok(
    touched.every((name) => ['c0', 'c1'].includes(name)),
    touched.join(' '),
  );
});

test('as many failures as are allowed do not end it', async () => {
  const { result } = await rolled([configMap('a', {})], { maxFailures: { count: 1 } }, refusing);
  assert.is(result.stopped, undefined);
  assert.is(result.waves.length, 3);
  const share = await rolled([configMap('a', {})], { maxFailures: { share: 0.4 } }, refusing);
  assert.is(share.result.stopped, '1 of 2 clusters failed, more than 0');
});

test('a Deployment that was applied and does not run ends it as well', async () => {
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'app', namespace: 'default' },
    spec: { replicas: 2 },
  };
  const { result } = await rolled([deployment], {});
  assert.equal(
    result.waves[0]?.failed.map(({ reason }) => reason),
    Array.from({ length: 2 }, () => 'Deployment default/app: 0 of 2 replicas are updated'),
  );
  assert.is(result.left, 8);
});

test.run();
