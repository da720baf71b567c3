// The engine's rules, by example and by random graphs.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { draws } from '../draws.ts';
import { CreationError, InterruptedError, TimeoutError } from '../../scripts/base/errors.ts';
import { GraphError, StepsFailedError } from '../../scripts/engine/errors.ts';
import { runSteps } from '../../scripts/engine/run.ts';
import type { Step } from '../../scripts/engine/step.ts';
import { FakeClock } from '../doubles/clock.ts';
import { outcomes, play, takes } from './play.ts';

const examples = suite('engine: examples');

examples('steps without needs overlap, a need is waited for', async () => {
  const clock = new FakeClock();
  const { run } = await play(
    [takes(clock, 'a', 30), takes(clock, 'b', 50), takes(clock, 'c', 20, { needs: ['a', 'b'] })],
    { clock },
  );
  assert.is(run.wallMs, 70);
  assert.equal(run.criticalPath, ['b', 'c']);
  assert.is(run.parallelGain, 100 / 70);
  assert.equal(outcomes(run), { a: 'done', b: 'done', c: 'done' });
});

examples('a pool of one runs its steps one after the other, and records the wait', async () => {
  const clock = new FakeClock();
  const steps = ['a', 'b', 'c'].map((name) => takes(clock, name, 10, { pool: 'apply' }));
  const { run } = await play(steps, { clock, pools: { apply: 1 } });
  assert.is(run.wallMs, 30);
  assert.equal(
    run.steps.map((s) => [s.queuedMs, s.startedMs, s.endedMs]),
    [
      [0, 0, 10],
      [0, 10, 20],
      [0, 20, 30],
    ],
  );
});

examples('a step that waits for its needs holds no slot', async () => {
  const clock = new FakeClock();
  const { run } = await play(
    [takes(clock, 'last', 1, { pool: 'p', needs: ['first'] }), takes(clock, 'first', 1, { pool: 'p' })],
    { clock, pools: { p: 1 } },
  );
  assert.equal(outcomes(run), { first: 'done', last: 'done' });
});

examples('a failed attempt is repeated after an exponential backoff', async () => {
  const clock = new FakeClock();
  const step: Step = {
    name: 'pull',
    retry: { attempts: 4, backoffMs: 100, maxBackoffMs: 300 },
    run: ({ attempt }) => {
      if (attempt < 4) throw new Error(`no answer ${attempt}`);
    },
  };
  const { run, events } = await play([step], { clock });
  assert.is(run.wallMs, 100 + 200 + 300);
  assert.is(run.steps[0]?.attempts, 4);
  const retries = events.filter((e) => e.type === 'step-retrying');
  assert.equal(
    retries.map((e) => e.message),
    ['no answer 1', 'no answer 2', 'no answer 3'],
  );
});

examples('jitter is full: the wait is a random share of the bound', async () => {
  const clock = new FakeClock();
  const step: Step = {
    name: 'pull',
    retry: { attempts: 2, backoffMs: 100 },
    run: ({ attempt }) => {
      if (attempt === 1) throw new Error('no');
    },
  };
  const { run } = await play([step], { clock, random: () => 0.25 });
  assert.is(run.wallMs, 25);
});

examples('an error that is not worth another attempt gets none', async () => {
  const step: Step = {
    name: 'pull',
    retry: { attempts: 5, backoffMs: 1, when: (e) => !(e instanceof CreationError) },
    run: () => {
      throw new CreationError('not found');
    },
  };
  const { run, error } = await play([step]);
  assert.is(run.steps[0]?.attempts, 1);
  assert.is((error as StepsFailedError).exitCode, 5);
});

examples('one failure stops new steps, lets running ones end, and all failures are reported', async () => {
  const clock = new FakeClock();
  const late = async (name: string, ms: number, signal: AbortSignal): Promise<never> => {
    await clock.sleep(ms, signal);
    throw new Error(`${name} broke`);
  };
  const { run, error } = await play(
    [
      { name: 'a', run: (c) => late('a', 10, c.signal) },
      {
        name: 'b',
        run: (c) => {
          c.output('pulling');
          return late('b', 20, c.signal);
        },
      },
      takes(clock, 'c', 30),
      takes(clock, 'd', 1, { needs: ['c'] }),
    ],
    { clock },
  );
  assert.equal(outcomes(run), { a: 'failed', d: 'skipped', b: 'failed', c: 'done' });
  assert.instance(error, StepsFailedError);
  const failures = (error as StepsFailedError).errors;
  assert.equal(
    failures.map((e) => [e.step, e.message, e.attempts, e.lastOutput]),
    [
      ['a', 'a broke', 1, []],
      ['b', 'b broke', 1, ['pulling']],
    ],
  );
  assert.is(run.outcome, 'failed');
});

examples('late needs are asked for once the others have ended, and waited for', async () => {
  const clock = new FakeClock();
  let asked = 0;
  const late = takes(clock, 'late', 10, {
    needs: ['first'],
    lateNeeds: () => {
      asked++;
      return ['slow', 'first'];
    },
  });
  const { run } = await play([takes(clock, 'first', 10), takes(clock, 'slow', 50), late], { clock });
  assert.is(asked, 1);
  assert.equal(outcomes(run), { first: 'done', slow: 'done', late: 'done' });
  assert.is(run.wallMs, 60);
  assert.equal(run.criticalPath, ['slow', 'late']);
  assert.equal(run.steps.find((s) => s.name === 'late')?.needs, ['first', 'slow']);
});

examples('a late need that failed, is unknown or closes a cycle fails its step', async () => {
  const broken: Step = {
    name: 'broken',
    optional: true,
    run: () => {
      throw new Error('no');
    },
  };
  const failed = async (steps: Step[]): Promise<string> => {
    const { run, error } = await play(steps);
    assert.is(run.outcome, 'failed');
    assert.is(run.steps.length, steps.length, 'each step ends once');
    return (error as StepsFailedError).errors.map((e) => `${e.step}: ${e.message}`).join('; ');
  };
  const gate: Step = { name: 'gate', run: () => undefined };
  const late = (name: string, ...needs: string[]): Step => ({
    name,
    needs: ['gate'],
    lateNeeds: () => needs,
    run: () => undefined,
  });
  assert.is(await failed([broken, gate, late('a', 'broken')]), 'a: it needs "broken", which failed');
  assert.match(
    await failed([gate, late('a', 'gat')]),
    'a: step "a" needs "gat", which does not exist; did you mean "gate"?',
  );
  assert.match(await failed([gate, late('a', 'b'), late('b', 'a')]), 'steps need each other in a cycle: ');
});

examples('late needs that have ended already, or are none, keep nothing waiting', async () => {
  const clock = new FakeClock();
  const late = (name: string, ...needs: string[]): Step =>
    takes(clock, name, 1, { needs: ['gate'], lateNeeds: () => needs });
  const steps = [takes(clock, 'gate', 10), takes(clock, 'early', 5), late('a', 'early'), late('b')];
  const { run } = await play(steps, { clock });
  assert.equal(outcomes(run), { early: 'done', gate: 'done', a: 'done', b: 'done' });
  assert.is(run.wallMs, 11);
});

examples('what is skipped is not asked for late needs', async () => {
  const fails: Step = {
    name: 'fails',
    run: () => {
      throw new Error('no');
    },
  };
  const late: Step = {
    name: 'late',
    after: ['fails'],
    lateNeeds: () => {
      throw new Error('it was asked');
    },
    run: () => undefined,
  };
  for (const onFailure of ['finish', 'cancel'] as const) {
    const { run } = await play([fails, late], { onFailure });
    assert.equal(outcomes(run), { fails: 'failed', late: 'skipped' });
  }
});

examples('an aborted step that does not return is given ten seconds', async () => {
  const deaf: Step = { name: 'deaf', timeoutMs: 100, run: () => new Promise(() => undefined) };
  assert.is((await play([deaf])).run.wallMs, 10_100);
});

examples('the last twenty lines of a failed step are kept, and how often it was tried', async () => {
  const { error } = await play([
    {
      name: 'a',
      run: ({ output }) => {
        for (let line = 1; line <= 22; line++) output(`line ${line}`);
        throw new Error('no');
      },
    },
  ]);
  const [failure] = (error as StepsFailedError).errors;
  assert.equal(
    [failure?.lastOutput.length, failure?.lastOutput[0], failure?.lastOutput.at(-1)],
    [20, 'line 3', 'line 22'],
  );
  const unmet = await play([
    { name: 'a', optional: true, run: () => Promise.reject(new Error('no')) },
    { name: 'b', needs: ['a'], run: () => undefined },
  ]);
  assert.equal(
    (unmet.error as StepsFailedError).errors.map(({ step, attempts }) => [step, attempts]),
    [['b', 0]],
  );
});

examples('which limit was too short, in seconds to the millisecond', async () => {
  const clock = new FakeClock();
  const said = async (limits: Partial<Step>, options: { timeoutMs?: number } = {}): Promise<string> =>
    ((await play([takes(clock, 'a', 9_000, limits)], { clock, ...options })).error as Error).message;
  assert.is(await said({ timeoutMs: 1234.5678 }), 'a: took longer than 1.235 s');
  assert.is(await said({ totalTimeoutMs: 2_000 }), 'a: took longer than 2 s in all');
  assert.is(await said({ timeoutMs: 1_500, totalTimeoutMs: 2_000 }), 'a: took longer than 1.5 s');
  assert.is(await said({ timeoutMs: 2_000, totalTimeoutMs: 1_500 }), 'a: took longer than 1.5 s in all');
  assert.is(await said({ timeoutMs: 2_000, totalTimeoutMs: 2_000 }), 'a: took longer than 2 s in all');
  assert.is(await said({}, { timeoutMs: 2_500 }), 'the whole run took longer than 2.5 s; still running: a');
});

examples('outlines name needs, groups and pools, and what is optional', async () => {
  const run = (): void => undefined;
  const { events } = await play(
    [
      { name: 'a', run },
      { name: 'b', needs: ['a'], pool: 'p', group: 'g', optional: true, run },
    ],
    {
      pools: { p: 1 },
    },
  );
  const [start] = events;
  assert.equal(start?.type === 'run-started' ? start.steps : [], [
    { name: 'a', needs: [], group: undefined, pool: undefined, optional: false },
    { name: 'b', needs: ['a'], group: 'g', pool: 'p', optional: true },
  ]);
});

examples('a step that ended well has no reason; its own work is what it did itself', async () => {
  const clock = new FakeClock();
  const parent = takes(clock, 'parent', 0, {
    needs: ['first'],
    run: async ({ spawn, signal }) => {
      spawn([takes(clock, 'child', 30)]);
      await clock.sleep(7, signal);
    },
  });
  const { run } = await play([takes(clock, 'first', 5), parent], { clock });
  assert.equal(
    run.steps.map(({ name, startedMs, endedMs, ownMs, reason }) => [name, startedMs, endedMs, ownMs, reason]),
    [
      ['first', 0, 5, undefined, undefined],
      ['child', 5, 35, undefined, undefined],
      ['parent', 5, 35, 7, undefined],
    ],
  );
});

examples('by option, a failure cancels what runs', async () => {
  const clock = new FakeClock();
  const { run } = await play(
    [
      takes(clock, 'slow', 1000),
      {
        name: 'bad',
        run: () => {
          throw new Error('no');
        },
      },
    ],
    { clock, onFailure: 'cancel' },
  );
  assert.equal(outcomes(run), { bad: 'failed', slow: 'cancelled' });
  assert.is(run.wallMs, 0);
});

examples('an optional failure is a warning, and skips what is optional behind it', async () => {
  const bad = (name: string, more: Partial<Step>): Step => ({
    name,
    optional: true,
    run: () => {
      throw new Error('unreachable');
    },
    ...more,
  });
  const { run, error } = await play([
    bad('repo', {}),
    bad('index', { needs: ['repo'] }),
    { name: 'other', run: () => undefined },
  ]);
  assert.equal(outcomes(run), { repo: 'warned', index: 'skipped', other: 'done' });
  assert.is(error, undefined);
  assert.is(run.outcome, 'done');
});

examples('a step that must run fails the run when the optional step that it needs fails', async () => {
  const { run, error } = await play([
    {
      name: 'repo',
      optional: true,
      run: () => {
        throw new Error('unreachable');
      },
    },
    { name: 'release', needs: ['repo'], run: () => undefined },
  ]);
  assert.equal(outcomes(run), { repo: 'warned', release: 'skipped' });
  assert.match((error as Error).message, 'release: it needs "repo"');
});

examples('a step that takes too long is aborted, and given up when it does not heed that', async () => {
  const clock = new FakeClock();
  const { run, error } = await play([{ name: 'hang', timeoutMs: 100, run: () => new Promise(() => undefined) }], {
    clock,
    graceMs: 50,
  });
  assert.is(run.wallMs, 150);
  assert.is((error as StepsFailedError).exitCode, 124);
  assert.match((error as Error).message, 'hang: took longer than 0.1 s');
});

examples('the whole run has a deadline, which names what still runs', async () => {
  const clock = new FakeClock();
  const { run, error } = await play([takes(clock, 'slow', 1000), takes(clock, 'after', 1, { needs: ['slow'] })], {
    clock,
    timeoutMs: 100,
  });
  assert.instance(error, TimeoutError);
  assert.match((error as Error).message, 'still running: slow');
  assert.equal(outcomes(run), { after: 'cancelled', slow: 'cancelled' });
  assert.is(run.outcome, 'timeout');
});

examples('the time of the whole run stands still while a step provisions', async () => {
  const clock = new FakeClock();
  const slow = takes(clock, 'build', 1_000, { provision: true });
  const download = takes(clock, 'download', 500, { provision: true, needs: ['before'] });
  const before = takes(clock, 'before', 40);
  const after = takes(clock, 'after', 60, { needs: ['build', 'download'] });
  const { run, error } = await play([slow, before, download, after], { clock, timeoutMs: 61 });
  assert.is(error, undefined);
  assert.is(run.wallMs, 1_060);

  const late = takes(clock, 'after', 62, { needs: ['build'] });
  const over = await play([slow, late], { clock, timeoutMs: 61 });
  assert.instance(over.error, TimeoutError);
  assert.is(over.run.wallMs, 1_061);
});

examples('time that passed before a step provisions counts', async () => {
  const clock = new FakeClock();
  const steps = [
    takes(clock, 'before', 50),
    takes(clock, 'build', 1_000, { provision: true, needs: ['before'] }),
    takes(clock, 'after', 50, { needs: ['build'] }),
  ];
  const { run, error } = await play(steps, { clock, timeoutMs: 90 });
  assert.instance(error, TimeoutError);
  assert.is(run.wallMs, 1_090);
});

examples('cancellation throws its reason and gives up steps that do not heed it', async () => {
  const clock = new FakeClock();
  const abort = new AbortController();
  const { run, error } = await play(
    [
      { name: 'deaf', run: () => new Promise(() => undefined) },
      {
        name: 'caller',
        run: () => abort.abort(new InterruptedError('SIGTERM')),
      },
      takes(clock, 'kind', 1000),
    ],
    { clock, signal: abort.signal, graceMs: 7 },
  );
  assert.is((error as InterruptedError).exitCode, 143);
  assert.equal(outcomes(run), { caller: 'done', kind: 'cancelled', deaf: 'cancelled' });
  assert.is(run.wallMs, 7);
});

examples('what ended the run first is what it reports, whatever comes within the grace period', async () => {
  const both = async (abortMs: number, timeoutMs: number): Promise<{ outcome: string; error: unknown }> => {
    const clock = new FakeClock();
    const abort = new AbortController();
    clock.after(abortMs, () => abort.abort(new InterruptedError('SIGTERM')));
    const deaf: Step = { name: 'deaf', run: () => new Promise(() => undefined) };
    const { run, error } = await play([deaf], { clock, signal: abort.signal, timeoutMs, graceMs: 50 });
    return { outcome: run.outcome, error };
  };
  const cancelled = await both(10, 20);
  assert.is(cancelled.outcome, 'cancelled');
  assert.instance(cancelled.error, InterruptedError);
  const late = await both(20, 10);
  assert.is(late.outcome, 'timeout');
  assert.instance(late.error, TimeoutError);
});

examples('an aborted signal runs nothing', async () => {
  let ran = false;
  const { run } = await play([{ name: 'a', run: () => void (ran = true) }], { signal: AbortSignal.abort() });
  assert.is(ran, false);
  assert.equal(outcomes(run), { a: 'cancelled' });
});

examples('notes and warnings are kept in the record', async () => {
  const { run } = await play([
    {
      name: 'a',
      run: (c) => {
        c.note('unchanged');
        c.warn('the disk is nearly full');
      },
    },
  ]);
  assert.equal(run.steps[0]?.notes, ['unchanged']);
  assert.equal(run.steps[0]?.warnings, ['the disk is nearly full']);
});

examples('no steps are a run too', async () => {
  const { run } = await play([]);
  assert.is(run.outcome, 'done');
});

examples('a graph that cannot run is refused before anything runs', () => {
  let ran = false;
  const steps: Step[] = [
    { name: 'a', run: () => void (ran = true) },
    { name: 'b', needs: ['aa'], run: () => undefined },
  ];
  assert.throws(
    () => runSteps(steps),
    (e: unknown) => e instanceof GraphError,
  );
  assert.is(ran, false);
});

examples('10,000 steps in one chain, side by side, and skipped in one go', async () => {
  const n = 10_000;
  const chain = Array.from({ length: n }, (_, i): Step => ({
    name: `s${i}`,
    needs: i === 0 ? [] : [`s${i - 1}`],
    run: () => undefined,
  }));
  assert.is((await runSteps(chain)).criticalPath.length, n);
  const wide = chain.map((s): Step => ({ ...s, needs: [], pool: 'p' }));
  assert.is((await runSteps(wide, { pools: { p: 8 } })).steps.length, n);
  const broken = chain.map((s, i): Step => ({
    ...s,
    optional: true,
    run: () => {
      if (i === 0) throw new Error('no');
    },
  }));
  assert.is((await runSteps(broken)).steps.filter((s) => s.outcome === 'skipped').length, n - 1);
});

examples.run();

const properties = suite('engine: random graphs');

interface Shape {
  needs: number[];
  ms: number;
  pool: number;
  fails: boolean;
  optional: boolean;
}

/** Acyclic: each step needs only earlier ones. */
const graph = fc.array(
  fc.record({
    needs: fc.array(fc.nat(30), { maxLength: 4 }),
    ms: fc.nat(20),
    pool: fc.nat(2),
    fails: fc.nat(9).map((n) => n === 0),
    optional: fc.boolean(),
  }),
  { minLength: 1, maxLength: 30 },
);
const POOLS = { p0: 1, p1: 3 };

function build(shapes: Shape[], clock: FakeClock, running: Set<string>): Step[] {
  return shapes.map((shape, i): Step => ({
    name: `s${i}`,
    needs: [...new Set(shape.needs.filter((n) => n < i).map((n) => `s${n}`))],
    ...(shape.pool < 2 ? { pool: `p${shape.pool}` } : {}),
    optional: shape.optional,
    run: async ({ signal }) => {
      running.add(`s${i}`);
      try {
        await clock.sleep(shape.ms, signal);
        if (shape.fails) throw new Error('random');
      } finally {
        running.delete(`s${i}`);
      }
    },
  }));
}

properties('needs end well first, pools hold, each step has one outcome', async () => {
  await fc.assert(
    fc.asyncProperty(graph, async (shapes) => {
      const clock = new FakeClock();
      const steps = build(shapes, clock, new Set());
      const { run, events } = await play(steps, { clock, pools: POOLS });
      assert.equal(run.steps.map((s) => s.name).sort(), steps.map((s) => s.name).sort());
      const well = new Set<string>();
      const inPool: Record<string, number> = {};
      const poolOf = new Map(steps.map((s) => [s.name, s.pool]));
      const needsOf = new Map(steps.map((s) => [s.name, s.needs ?? []]));
      const started = new Set<string>();
      for (const event of events) {
        if (event.type === 'step-started') {
          started.add(event.step);
          for (const need of needsOf.get(event.step) ?? []) assert.ok(well.has(need), `${event.step} before ${need}`);
          const pool = poolOf.get(event.step);
          if (pool) {
            inPool[pool] = (inPool[pool] ?? 0) + 1;
            assert.ok(inPool[pool] <= POOLS[pool as keyof typeof POOLS], `${pool} over its limit`);
          }
        } else if (event.type === 'step-ended') {
          if (event.record.outcome === 'done') well.add(event.step);
          const pool = poolOf.get(event.step);
          if (pool && started.has(event.step)) inPool[pool] = (inPool[pool] ?? 0) - 1;
        }
      }
      const failed = run.steps.some((s) => s.outcome === 'failed');
      if (failed) assert.is(run.outcome, 'failed');
    }),
    { numRuns: draws(200) },
  );
});

properties('cancellation at a random moment leaves nothing running', async () => {
  await fc.assert(
    fc.asyncProperty(graph, fc.nat(60), async (shapes, at) => {
      const clock = new FakeClock();
      const running = new Set<string>();
      const abort = new AbortController();
      clock.after(at, () => abort.abort(new InterruptedError('SIGINT')));
      const { run } = await play(build(shapes, clock, running), { clock, pools: POOLS, signal: abort.signal });
      assert.is(running.size, 0);
      assert.is(run.steps.length, shapes.length);
      assert.is(new Set(run.steps.map((s) => s.name)).size, shapes.length);
    }),
    { numRuns: draws(200) },
  );
});

properties.run();
