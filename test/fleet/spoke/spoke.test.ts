// Requests to a cluster: patience with one that asks for it, lanes by its speed, limits of time, what is observed.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Clock } from '../../../scripts/engine/clock.ts';
import { isClusterFault, silentAfterMs, type WireObserver } from '../../../scripts/fleet/spoke/spoke.ts';
import type { KubeRequest } from '../../../scripts/kube/client/client.ts';
import { KubeApiError, KubeConnectionError } from '../../../scripts/kube/client/errors.ts';
import { type Answer, scriptedSpoke } from '../scripted.ts';

const spokes = suite('fleet/spoke');

const { signal } = new AbortController();
const broken = (): KubeConnectionError => new KubeConnectionError('cut', 'ECONNRESET', { unsent: true });

/** A clock that a test moves while requests are under way. */
function movable(): Clock & { move: (ms: number) => void } {
  let time = 0;
  return {
    now: () => time,
    after: () => () => undefined,
    sleep: () => Promise.resolve(),
    move: (ms) => void (time += ms),
  };
}

spokes('an answer that asks to come back later is followed for a while, each time for longer', async () => {
  const later = (status: number, after?: string): Answer => ({
    status,
    headers: after === undefined ? {} : { 'retry-after': after },
  });
  const cases: [answers: Answer[], waits: number[], end: number | 'given up'][] = [
    [[{}], [], 200],
    [[later(429)], [1000], 200],
    [[later(503)], [], 503],
    [[later(503, '2')], [2000], 200],
    [[later(429, '0')], [0], 200],
    [[later(429, '-1')], [0], 200],
    [[later(429, 'soon')], [], 429],
    [[later(400, '1')], [], 400],
    [[later(429, '5')], [5000], 200],
    [[later(429, '5.001')], [], 'given up'],
    [[later(429), later(429), later(503, '1')], [1000, 2000, 3000], 200],
    [[later(429), later(429), later(429), later(429)], [1000, 2000, 3000], 'given up'],
  ];
  for (const [answers, waits, end] of cases) {
    const world = scriptedSpoke((_, at) => answers[at] ?? {});
    let ended: unknown;
    try {
      ended = (await world.spoke.request({ path: '/x', signal })).status;
    } catch (error) {
      ended = 'given up';
      assert.ok(isClusterFault(error));
      assert.match(String(error), /^ThrottledError: https:\/\/scripted asks to come back later \(status 429\)/);
    }
    assert.is(ended, end, JSON.stringify(answers));
    assert.equal(world.waits, waits, JSON.stringify(answers));
    assert.is(world.spoke.limiter.active, 0);
  }
  const random = scriptedSpoke((_, at) => (at === 0 ? later(429) : {}), { random: () => 0.5 });
  await random.spoke.request({ path: '/x' });
  assert.equal(random.waits, [1125]);
  const lowered = scriptedSpoke((_, at) => (at === 0 ? later(429) : {}));
  const before = lowered.spoke.limiter.limit;
  await lowered.spoke.request({ path: '/x' });
  assert.ok(lowered.spoke.limiter.limit < before);
});

spokes('latency is a mean in which new answers weigh a fifth; a broken connection forgets it', async () => {
  const clock = movable();
  const ms = [100, 200, 0];
  const { spoke } = scriptedSpoke(
    (_, at) => {
      clock.move(ms[at] ?? 0);
      return at === 3 ? broken() : at === 2 ? new Error('aborted') : {};
    },
    { clock },
  );
  const ask = (): Promise<unknown> => spoke.request({ path: '/x' }).catch((error: unknown) => error);
  assert.is(spoke.latencyMs, undefined);
  await ask();
  assert.is(spoke.latencyMs, 100);
  await ask();
  assert.is(spoke.latencyMs, 120);
  await ask();
  assert.is(spoke.latencyMs, 120);
  assert.ok(isClusterFault(await ask()));
  assert.is(spoke.latencyMs, undefined);
  assert.is(spoke.requests, 4);
  assert.is(spoke.limiter.active, 0);
});

spokes('the first request, those of a fast and those of a slow cluster have lanes of their own', async () => {
  const cases: [latencyMs: number | undefined, typical: number, lane: 'first' | 'fast' | 'slow'][] = [
    [undefined, 0, 'first'],
    [300, 0, 'fast'],
    [301, 0, 'slow'],
    [301, 100, 'fast'],
    [400, 100, 'fast'],
    [401, 100, 'slow'],
  ];
  for (const [latencyMs, typical, lane] of cases) {
    const used: string[] = [];
    const world = scriptedSpoke(() => {
      for (const name of ['first', 'fast', 'slow'] as const) if (world.lanes[name].active > 0) used.push(name);
      return {};
    });
    if (typical > 0) world.lanes.typical.answered(typical);
    world.spoke.latencyMs = latencyMs;
    assert.is(world.spoke.isSlow, lane === 'slow', `${latencyMs} ${typical}`);
    await world.spoke.request({ path: '/x' });
    assert.equal(used, [lane]);
    assert.is(world.lanes[lane].active, 0);
    assert.is(silentAfterMs(world.lanes), Math.max(250, typical === 0 ? 4 : 4 * world.lanes.typical.ms));
  }
});

spokes('a request has its own limit of time, and a write no more than the time for which it may be made', async () => {
  const cases: [
    method: KubeRequest['method'],
    own: number | undefined,
    may: number | undefined,
    timeoutMs: number | undefined,
  ][] = [
    ['GET', undefined, 10, 1000],
    [undefined, 50, 10, 50],
    ['PATCH', undefined, undefined, 1000],
    ['PATCH', undefined, 10, 10],
    ['PATCH', 5, 10, 5],
    ['DELETE', undefined, 1, 1],
    ['DELETE', undefined, 0, undefined],
    ['POST', undefined, -1, undefined],
    ['GET', undefined, 0, 1000],
  ];
  for (const [method, own, may, timeoutMs] of cases) {
    const { spoke, requests } = scriptedSpoke(() => ({}), may === undefined ? {} : { mayWriteMs: () => may });
    const failure = await spoke.request({ ...(method && { method }), path: '/x', timeoutMs: own }).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.is(failure === undefined, timeoutMs !== undefined, `${method} ${may}`);
    assert.is(requests[0]?.timeoutMs, timeoutMs);
    if (failure !== undefined) assert.match((failure as Error).message, 'does not hold its Lease any more');
    else assert.equal([requests[0]?.attempts, requests[0]?.patient, requests[0]?.maxChars], [1, false, 2 ** 24]);
  }
});

spokes('what happens on the wire is observed, also where no answer comes', async () => {
  const clock = movable();
  const seen: Parameters<WireObserver['request']>[0][] = [];
  const { spoke } = scriptedSpoke(
    (_, at) => {
      clock.move(7);
      return at === 0 ? { status: 404 } : broken();
    },
    { clock, observer: { request: (one) => void seen.push(one) } },
  );
  await spoke.request({ path: '/a' });
  await spoke.request({ path: '/b', method: 'PATCH' }).catch(() => undefined);
  assert.equal(seen, [
    { method: 'GET', path: '/a', status: 404, ms: 7, remote: true },
    { method: 'PATCH', path: '/b', status: 0, ms: 7, remote: true },
  ]);
});

spokes('one that was given up is not begun, and a refusal is no fault of the cluster', async () => {
  const { spoke, asked } = scriptedSpoke(() => ({ status: 403, body: { message: 'no' } }));
  const stopped = await spoke.request({ path: '/x', signal: AbortSignal.abort(new Error('over')) }).catch(String);
  assert.is(stopped, 'Error: over');
  assert.equal(asked, []);
  const error: unknown = await spoke.json({ path: '/x' }).catch((thrown: unknown) => thrown);
  assert.instance(error, KubeApiError);
  assert.not(isClusterFault(error));
});

spokes('no more requests are under way at first than four, or than the limit', () => {
  assert.is(scriptedSpoke(() => ({}), { maxInFlight: 8 }).spoke.limiter.limit, 4);
  assert.is(scriptedSpoke(() => ({}), { maxInFlight: 2 }).spoke.limiter.limit, 2);
});

spokes.run();
