// What the records of a run say, checked against the rules of a step as docs/architecture.md gives them: random graphs with
// weak edges, retries, deadlines, optional steps, steps that always run, and pools within pools.

import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StepsFailedError } from '../../scripts/engine/errors.ts';
import type { RunRecord } from '../../scripts/engine/event.ts';
import type { Pool, Step, StepRecord } from '../../scripts/engine/step.ts';
import { FakeClock } from '../doubles/clock.ts';
import { draws } from '../draws.ts';
import { play } from './play.ts';

const rules = suite('engine: rules of a step');

interface Shape {
  needs: number[];
  /** Needs that become known only when the others have succeeded. */
  late: number[] | undefined;
  after: number[];
  pool: string | undefined;
  ms: number;
  /** Its first attempts that fail. */
  failing: number;
  attempts: number;
  backoffMs: number;
  /** Half and quarter milliseconds, so that no deadline falls together with an end. */
  timeoutMs: number | undefined;
  totalTimeoutMs: number | undefined;
  optional: boolean;
  always: boolean;
}

const LONGEST_BACKOFF_MS = 20;
const POOLS: Readonly<Record<string, Pool>> = { one: 1, outer: 2, inner: { limit: 1, within: 'outer' } };
const earlier = fc.array(fc.nat(12), { maxLength: 3 });
const rarely = fc.nat(5).map((n) => n === 0);
const maybe = (limit: number, more: number): fc.Arbitrary<number | undefined> =>
  fc.option(
    fc.nat(limit).map((ms) => ms + more),
    { freq: 3, nil: undefined },
  );
const graph = (pools: (string | undefined)[]): fc.Arbitrary<Shape[]> =>
  fc.array(
    fc.record({
      needs: earlier,
      late: fc.option(earlier, { freq: 3, nil: undefined }),
      after: earlier,
      pool: fc.constantFrom(...pools),
      ms: fc.integer({ min: 1, max: 30 }),
      failing: fc.constantFrom(0, 0, 0, 0, 1, 2, 9),
      attempts: fc.integer({ min: 1, max: 3 }),
      backoffMs: fc.constantFrom(0, 5, 15),
      timeoutMs: maybe(60, 0.5),
      totalTimeoutMs: maybe(90, 0.25),
      optional: rarely,
      always: rarely,
    }),
    { minLength: 1, maxLength: 14 },
  );

const names = (numbers: readonly number[], below: number): string[] =>
  [...new Set(numbers)].filter((n) => n < below).map((n) => `s${n}`);

function build(shapes: readonly Shape[], clock: FakeClock): Step[] {
  return shapes.map(({ needs, after, ms, failing, attempts, backoffMs, timeoutMs, totalTimeoutMs, ...shape }, i) => ({
    name: `s${i}`,
    needs: names(needs, i),
    after: names(after, i),
    ...(shape.pool === undefined || shape.always ? {} : { pool: shape.pool }),
    ...(shape.late === undefined ? {} : { lateNeeds: () => names(shape.late ?? [], i) }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(totalTimeoutMs === undefined ? {} : { totalTimeoutMs }),
    optional: shape.optional,
    always: shape.always,
    retry: { attempts, backoffMs, maxBackoffMs: LONGEST_BACKOFF_MS },
    run: async ({ signal, attempt }) => {
      await clock.sleep(ms, signal);
      if (attempt <= failing) throw new Error(`attempt ${attempt}`);
    },
  }));
}

/** What a step does that nobody disturbs. */
function alone({ ms, failing, attempts, backoffMs, ...limits }: Shape): { ms: number; ok: boolean; attempts: number } {
  const { timeoutMs = Infinity, totalTimeoutMs = Infinity } = limits;
  let at = 0;
  for (let attempt = 1; ; attempt++) {
    const limit = Math.min(timeoutMs, totalTimeoutMs - at);
    at += Math.min(ms, limit);
    if (ms < limit && attempt > failing) return { ms: at, ok: true, attempts: attempt };
    const delay = Math.min(LONGEST_BACKOFF_MS, backoffMs * 2 ** (attempt - 1));
    if (attempt === attempts || at + delay >= totalTimeoutMs) return { ms: at, ok: false, attempts: attempt };
    at += delay;
  }
}

function never(message: string): never {
  throw new Error(message);
}

interface Played {
  shapes: readonly Shape[];
  steps: readonly Step[];
  run: RunRecord;
  of: (name: string) => StepRecord;
  onFailure: 'finish' | 'cancel' | 'continue';
  /** When the first failure stopped the run. */
  stopMs: number;
}

/** The steps whose failure is the run's. */
function failuresOf({ steps, run }: Pick<Played, 'steps' | 'run'>): string[] {
  const optional = new Set(steps.filter((step) => step.optional).map(({ name }) => name));
  return run.steps
    .filter(({ name, outcome, reason = '' }) => {
      if (outcome !== 'skipped' || optional.has(name)) return outcome === 'failed';
      const [, cause = ''] = /^it needs "(.*)", which failed$/.exec(reason) ?? [];
      return optional.has(cause);
    })
    .map(({ name }) => name);
}

async function played(shapes: readonly Shape[], onFailure: Played['onFailure']): Promise<Played> {
  const clock = new FakeClock();
  const steps = build(shapes, clock);
  const { run, events, error } = await play(steps, { clock, onFailure, pools: POOLS });
  const byName = new Map(run.steps.map((record) => [record.name, record]));
  const of = (name: string): StepRecord => byName.get(name) ?? never(`${name} has no record`);
  assert.equal([run.steps.length, byName.size], [steps.length, steps.length], 'one record each');
  const times = events.map(({ atMs }) => atMs);
  assert.is(times[0], 0);
  assert.equal(
    times,
    [...times].sort((a, b) => a - b),
    'events come in order',
  );

  const failures = failuresOf({ steps, run });
  assert.is(run.outcome, failures.length > 0 ? 'failed' : 'done');
  const reported = error instanceof StepsFailedError ? error.errors.map(({ step }) => step) : [];
  assert.equal(reported.sort(), failures.sort());
  const count = (type: string, step: string): number =>
    events.filter((event) => event.type === type && 'step' in event && event.step === step).length;
  for (const { name, attempts, outcome } of run.steps) {
    assert.equal([count('step-ended', name), count('step-started', name)], [1, attempts], name);
    if (outcome !== 'cancelled') assert.is(count('step-retrying', name), Math.max(0, attempts - 1), name);
  }
  const stopMs = onFailure === 'continue' ? Infinity : Math.min(...failures.map((name) => of(name).endedMs));
  return { shapes, steps, run, of, onFailure, stopMs };
}

/** When all that it waits for had ended. */
const readyOf = ({ of }: Played, needs: readonly string[], { after = [] }: Step): number =>
  Math.max(0, ...[...needs, ...after].map((name) => of(name).endedMs));

function checkStarted(run: Played, step: Step, shape: Shape, record: StepRecord): void {
  const { of, onFailure, stopMs } = run;
  const { name, queuedMs, startedMs = NaN, endedMs, outcome, attempts } = record;
  assert.equal([...record.needs], [...new Set([...(step.needs ?? []), ...(step.lateNeeds?.() ?? [])])], name);
  assert.is(queuedMs, readyOf(run, record.needs, step), `${name} waits for what it needs, and for nothing else`);
  if (step.pool === undefined) assert.is(startedMs, queuedMs, name);
  if (!step.always) {
    assert.equal(
      record.needs.filter((need) => of(need).outcome !== 'done'),
      [],
      `${name} ran`,
    );
    assert.ok(startedMs <= stopMs, `${name} started after a failure`);
  }
  const own = alone(shape);
  if (outcome === 'cancelled') {
    assert.ok(onFailure === 'cancel' && !step.always, `${name} was cancelled`);
    assert.is(endedMs, stopMs, name);
    assert.ok(startedMs + own.ms >= stopMs, `${name} had ended already`);
    return;
  }
  assert.equal([endedMs, attempts], [startedMs + own.ms, own.attempts], name);
  assert.is(outcome, own.ok ? 'done' : shape.optional ? 'warned' : 'failed', name);
  if (onFailure === 'cancel' && !step.always) assert.ok(endedMs <= stopMs, `${name} was not cancelled`);
}

function checkSkipped(run: Played, step: Step, { name, outcome, endedMs, attempts, reason = '' }: StepRecord): void {
  const { of, stopMs } = run;
  assert.equal([outcome, attempts, step.always], ['skipped', 0, false], name);
  const { needs = [], lateNeeds } = step;
  const ofBad = (all: readonly string[]): number =>
    Math.min(...all.map((need) => (of(need).outcome === 'done' ? Infinity : of(need).endedMs)));
  // Late needs are looked at when nothing else is left to wait for.
  const late = Math.max(readyOf(run, needs, step), ofBad(lateNeeds?.() ?? []));
  assert.is(endedMs, Math.min(stopMs, ofBad(needs), late), `${name} is skipped at once`);
  const [, because = ''] = /^(?:it needs|not started because) "(.*?)",? (?:which )?failed$/.exec(reason) ?? [];
  assert.ok(of(because).endedMs <= endedMs, `${name}: ${reason}`);
  assert.is.not(of(because).outcome, 'done');
}

rules('times, outcomes and attempts of each step, whatever a failure does', async () => {
  await fc.assert(
    fc.asyncProperty(
      graph([undefined]),
      fc.constantFrom('finish' as const, 'cancel' as const, 'continue' as const),
      async (shapes, onFailure) => {
        const run = await played(shapes, onFailure);
        for (const [i, step] of run.steps.entries()) {
          const record = run.of(step.name);
          const shape = shapes[i] ?? never('a step without a shape');
          if (record.startedMs !== undefined) checkStarted(run, step, shape, record);
          else checkSkipped(run, step, record);
        }
        assert.is(run.run.wallMs, Math.max(...run.run.steps.map(({ endedMs }) => endedMs)));
      },
    ),
    { numRuns: draws(200) },
  );
});

const isWithin = (pool: string, outer: string): boolean => {
  const above = POOLS[pool];
  return pool === outer || (typeof above === 'object' && isWithin(above.within, outer));
};

/** The pools without a free slot from `ms` on, by the records alone. */
function fullAt({ run }: Played, ms: number): { name: string; used: number; limit: number }[] {
  return Object.entries(POOLS).map(([name, pool]) => ({
    name,
    limit: typeof pool === 'number' ? pool : pool.limit,
    used: run.steps.filter(
      ({ pool: own, startedMs = Infinity, endedMs }) =>
        own !== undefined && isWithin(own, name) && startedMs <= ms && ms < endedMs,
    ).length,
  }));
}

rules('a step waits for a slot only while its pool, or one around it, has none', async () => {
  await fc.assert(
    fc.asyncProperty(
      graph([undefined, ...Object.keys(POOLS)]),
      fc.constantFrom('finish' as const, 'continue' as const),
      async (shapes, onFailure) => {
        const run = await played(shapes, onFailure);
        const moments = run.run.steps.flatMap(({ queuedMs, startedMs, endedMs }) => [queuedMs, startedMs, endedMs]);
        const times = [...new Set(moments.flatMap((ms) => ms ?? []))];
        for (const ms of times)
          for (const { name, used, limit } of fullAt(run, ms)) assert.ok(used <= limit, `${used} in ${name} at ${ms}`);
        for (const { name, pool, queuedMs, startedMs, endedMs } of run.run.steps) {
          if (pool === undefined || queuedMs === undefined) continue;
          for (const ms of times.filter((time) => queuedMs <= time && time < (startedMs ?? endedMs)))
            assert.ok(
              fullAt(run, ms).some((one) => isWithin(pool, one.name) && one.used === one.limit),
              `${name} waits at ${ms} while ${pool} has a slot`,
            );
          const overtaken = run.run.steps.filter(
            (other) =>
              other.pool === pool &&
              (other.queuedMs ?? 0) > queuedMs &&
              (other.startedMs ?? Infinity) < (startedMs ?? Infinity),
          );
          assert.equal(
            overtaken.map((other) => other.name),
            [],
            `before ${name}`,
          );
        }
      },
    ),
    { numRuns: draws(160) },
  );
});

rules('the critical path goes from need to need, each time over the one that ended last', async () => {
  await fc.assert(
    fc.asyncProperty(graph([undefined, 'one']), async (shapes) => {
      const { run, of } = await played(shapes, 'continue');
      const ran = run.steps.filter(({ startedMs }) => startedMs !== undefined);
      const path = run.criticalPath.map(of);
      assert.is(path.at(-1)?.endedMs, Math.max(...ran.map(({ endedMs }) => endedMs)));
      for (const [i, { name, needs }] of path.entries()) {
        const last = Math.max(
          -1,
          ...needs.map(of).flatMap((need) => (need.startedMs === undefined ? [] : need.endedMs)),
        );
        assert.is(path[i - 1]?.endedMs ?? -1, last, name);
        if (i > 0) assert.ok(needs.includes(path[i - 1]?.name ?? ''), name);
      }
      const sum = ran.reduce((ms, { startedMs = 0, endedMs }) => ms + endedMs - startedMs, 0);
      assert.is(run.parallelGain, sum / run.wallMs);
    }),
    { numRuns: draws(60) },
  );
});

rules.run();
