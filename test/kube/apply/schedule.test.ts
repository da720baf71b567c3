// Running tasks by their order, for any order without cycles.

import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Needs } from '../../../scripts/kube/apply/order.ts';
import { runTasks } from '../../../scripts/kube/apply/schedule.ts';
import { thrown } from '../helpers.ts';

const schedule = suite('kube: schedule');

type Fate = 'well' | 'fails' | 'waits' | 'waits and fails';

interface Plan {
  order: Needs[];
  fates: Fate[];
  concurrency: number;
}

/** Tasks wait for earlier ones only, so there is no cycle. */
const anyPlan: fc.Arbitrary<Plan> = fc.integer({ min: 0, max: 25 }).chain((count) =>
  fc.record({
    order: fc.tuple(
      ...Array.from({ length: count }, (_, at) => {
        const earlier = at === 0 ? fc.constant([]) : fc.uniqueArray(fc.nat(at - 1), { maxLength: 3 });
        return fc.record({ needs: earlier, after: earlier });
      }),
    ),
    fates: fc.array(fc.constantFrom<Fate>('well', 'well', 'fails', 'waits', 'waits and fails'), {
      minLength: count,
      maxLength: count,
    }),
    concurrency: fc.integer({ min: 1, max: 5 }),
  }),
);

/** Runs a plan and keeps account; throws where a rule is broken. */
async function play({ order, fates, concurrency }: Plan, signal?: AbortSignal) {
  const ended = new Map<number, 'well' | 'failed' | 'skipped'>();
  const started = new Set<number>();
  let running = 0;
  const end = (at: number, well: boolean): void => {
    assert.not(ended.has(at), `task ${at} ended twice`);
    ended.set(at, well ? 'well' : 'failed');
  };
  await runTasks({
    order,
    concurrency,
    signal,
    skip(at, because) {
      assert.ok(order[at]?.needs.includes(because));
      assert.is.not(ended.get(because), 'well');
      assert.not(started.has(at));
      assert.not(ended.has(at));
      ended.set(at, 'skipped');
    },
    async run(at) {
      started.add(at);
      running += 1;
      assert.ok(running <= concurrency, 'over the limit');
      const { needs, after } = order[at] ?? { needs: [], after: [] };
      assert.ok(needs.every((need) => ended.get(need) === 'well'));
      assert.ok(after.every((other) => ended.has(other)));
      await turn();
      running -= 1;
      const fate = fates[at];
      if (fate === 'waits' || fate === 'waits and fails') {
        const wait = turn().then(() => {
          end(at, fate === 'waits');
          if (fate === 'waits and fails') throw new Error('no');
        });
        return { wait };
      }
      end(at, fate === 'well');
      if (fate === 'fails') throw new Error('no');
      return undefined;
    },
  });
  return { ended, running: () => running, started };
}

schedule('gives every task one end, in order, within the limit', () =>
  fc.assert(
    fc.asyncProperty(anyPlan, async (plan) => {
      const { ended, running } = await play(plan);
      assert.is(ended.size, plan.order.length);
      assert.is(running(), 0);
      plan.order.forEach(({ needs }, at) => {
        const hopeless = needs.some((need) => ended.get(need) !== 'well');
        assert.is(ended.get(at) === 'skipped', hopeless);
      });
    }),
  ),
);

schedule('takes no place while a task only waits', async () => {
  const order = [
    { needs: [], after: [] },
    { needs: [], after: [] },
  ];
  let release: () => void = () => undefined;
  const wait = new Promise<void>((resolve) => (release = resolve));
  await runTasks({
    order,
    concurrency: 1,
    skip: () => assert.unreachable(),
    run(at) {
      if (at === 1) release();
      return Promise.resolve(at === 0 ? { wait } : undefined);
    },
  });
});

schedule('starts nothing after an abort, and ends when the last running task has', async () => {
  const stop = new AbortController();
  const started: number[] = [];
  let ended = 0;
  const error = await thrown(
    Error,
    runTasks({
      order: Array.from({ length: 10 }, () => ({ needs: [], after: [] })),
      concurrency: 2,
      signal: stop.signal,
      skip: () => assert.unreachable(),
      async run(at) {
        started.push(at);
        if (at === 1) stop.abort(new Error('enough'));
        await turn();
        ended += 1;
        return undefined;
      },
    }),
  );
  assert.is(error.message, 'enough');
  assert.equal(started, [0, 1]);
  assert.is(ended, 2);
});

schedule('runs 50,000 tasks that wait for one', async () => {
  const order = Array.from({ length: 50_000 }, (_, at) => ({ needs: at === 0 ? [] : [0], after: [] }));
  let count = 0;
  await runTasks({
    order,
    concurrency: 32,
    skip: () => assert.unreachable(),
    run: () => {
      count += 1;
      return Promise.resolve(undefined);
    },
  });
  assert.is(count, 50_000);
});

schedule.run();
