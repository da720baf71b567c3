// Steps that steps add, groups, and pools within pools; by example and by random trees.

import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphError, type StepsFailedError } from '../../scripts/engine/errors.ts';
import type { Step } from '../../scripts/engine/step.ts';
import { FakeClock } from '../doubles/clock.ts';
import { outcomes, play, takes } from './play.ts';

const test = suite('engine: added steps and nested pools');

test('what needs a step waits for the steps that it added', async () => {
  const clock = new FakeClock();
  const parent: Step = {
    name: 'parent',
    pool: 'one',
    run: ({ spawn }) =>
      spawn([takes(clock, 'child', 30, { pool: 'one' }), takes(clock, 'next', 5, { needs: ['child'] })]),
  };
  const { run, events } = await play([parent, takes(clock, 'last', 10, { needs: ['parent'] })], {
    clock,
    pools: { one: 1 },
  });
  assert.equal(outcomes(run), { child: 'done', next: 'done', parent: 'done', last: 'done' });
  assert.is(run.wallMs, 45, 'the parent holds no slot while it waits');
  assert.equal(run.criticalPath, ['child', 'next', 'parent', 'last']);
  const record = run.steps.find(({ name }) => name === 'parent');
  assert.equal([record?.endedMs, record?.ownMs], [35, 0]);
  assert.is(run.parallelGain, 1);
  const added = events.find((e) => e.type === 'steps-added');
  assert.equal([added?.by, added?.steps.map(({ name }) => name)], ['parent', ['child', 'next']]);
});

test('an added step may need one that was there before, ended or not', async () => {
  const clock = new FakeClock();
  const parent: Step = {
    name: 'parent',
    needs: ['early'],
    run: ({ spawn }) => spawn([takes(clock, 'child', 1, { needs: ['early', 'slow'] })]),
  };
  const { run } = await play([takes(clock, 'early', 5), takes(clock, 'slow', 50), parent], { clock });
  assert.is(run.steps.find(({ name }) => name === 'child')?.startedMs, 50);
});

test('steps that do not fit the graph are refused, all of them', async () => {
  const refused: string[] = [];
  const parent: Step = {
    name: 'parent',
    run: ({ spawn }) => {
      const attempt = (...steps: Step[]): void => {
        try {
          spawn(steps);
        } catch (error) {
          assert.instance(error, GraphError);
          refused.push((error as GraphError).message);
        }
      };
      const run = (): void => undefined;
      attempt({ name: 'a', needs: ['parent'], run });
      attempt({ name: 'a', needs: ['behind'], run });
      attempt({ name: 'parent', run });
      attempt({ name: 'fine', run }, { name: 'a', needs: ['unknown'], run });
    },
  };
  const { run } = await play([parent, { name: 'behind', needs: ['parent'], run: () => undefined }]);
  assert.equal(outcomes(run), { parent: 'done', behind: 'done' });
  assert.equal(refused, [
    'steps need each other in a cycle: a → parent → a',
    'steps need each other in a cycle: a → behind → parent → a',
    'two steps are named "parent"',
    'step "a" needs "unknown", which does not exist',
  ]);
});

test('an added step that fails is the failure; the step that added it has given up', async () => {
  const parent: Step = {
    name: 'parent',
    run: ({ spawn }) =>
      spawn([
        {
          name: 'child',
          run: () => {
            throw new Error('no');
          },
        },
      ]),
  };
  const { run, error } = await play([parent, { name: 'last', needs: ['parent'], run: () => undefined }]);
  assert.equal(outcomes(run), { child: 'failed', last: 'skipped', parent: 'given-up' });
  assert.equal(
    (error as StepsFailedError).errors.map((e) => e.step),
    ['child'],
  );
});

test('steps that a run gets after it was stopped are not run, unless they always are', async () => {
  const clock = new FakeClock();
  const fails: Step = {
    name: 'fails',
    run: () => clock.sleep(5, new AbortController().signal).then(() => Promise.reject(new Error('no'))),
  };
  const parent: Step = {
    name: 'parent',
    run: async ({ spawn, signal }) => {
      await clock.sleep(10, signal);
      spawn([takes(clock, 'child', 1), takes(clock, 'clean-up', 2, { always: true })]);
    },
  };
  const { run } = await play([fails, parent], { clock });
  assert.equal(outcomes(run), { fails: 'failed', child: 'skipped', 'clean-up': 'done', parent: 'given-up' });
  assert.is(run.wallMs, 12);
});

test('steps that need what has failed are skipped when they are added, unless they always run', async () => {
  const clock = new FakeClock();
  const fails: Step = { name: 'fails', run: () => Promise.reject(new Error('no')) };
  const parent: Step = {
    name: 'parent',
    run: async ({ spawn, signal }) => {
      await clock.sleep(10, signal);
      spawn([
        takes(clock, 'child', 1, { needs: ['fails'] }),
        takes(clock, 'other', 3, { after: ['fails'] }),
        takes(clock, 'clean-up', 2, { needs: ['fails'], always: true }),
      ]);
    },
  };
  const { run } = await play([fails, parent], { clock, onFailure: 'continue' });
  assert.equal(outcomes(run), {
    fails: 'failed',
    child: 'skipped',
    'clean-up': 'done',
    other: 'done',
    parent: 'given-up',
  });
});

test('groups are in outlines and records', async () => {
  const { run, events } = await play([{ name: 'a', group: 'cluster-1', run: () => undefined }]);
  assert.is(run.steps[0]?.group, 'cluster-1');
  const start = events[0];
  assert.is(start?.type === 'run-started' ? start.steps[0]?.group : '', 'cluster-1');
});

test('steps added with a pool of their own stay within the outer one', async () => {
  const clock = new FakeClock();
  const block = (name: string): Step => ({
    name,
    run: ({ spawn }) =>
      spawn(
        [1, 2, 3].map((n) => takes(clock, `${name}/${n}`, 10, { pool: name })),
        { pools: { [name]: { limit: 2, within: 'jobs' } } },
      ),
  });
  const { run } = await play([block('x'), block('y')], { clock, pools: { jobs: 3 } });
  assert.is(run.wallMs, 20);
});

test.run();

const properties = suite('engine: random trees of added steps');

interface Tree {
  ms: number;
  fails: boolean;
  pool: number;
  children: Tree[];
}

const tree = fc.memo((depth): fc.Arbitrary<Tree> =>
  fc.record({
    ms: fc.nat(10),
    fails: fc.nat(19).map((n) => n === 0),
    pool: fc.nat(2),
    children: depth > 1 ? fc.array(tree(depth - 1), { maxLength: 3 }) : fc.constant([]),
  }),
);

properties('every step has one outcome, no pool is overrun, and parents end last', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(tree(4), { minLength: 1, maxLength: 4 }), async (trees) => {
      const clock = new FakeClock();
      const pools = { all: 3, inner: { limit: 2, within: 'all' } };
      const now = { all: 0, inner: 0 };
      const made: string[] = [];
      const toStep = ({ ms, fails, pool, children }: Tree, name: string): Step => {
        made.push(name);
        return {
          name,
          ...(pool === 1 ? { pool: 'all' } : pool === 2 ? { pool: 'inner' } : {}),
          run: async ({ spawn, signal }) => {
            now.all += pool > 0 ? 1 : 0;
            now.inner += pool === 2 ? 1 : 0;
            assert.ok(now.all <= 3 && now.inner <= 2, 'a pool is overrun');
            spawn(children.map((child, i) => toStep(child, `${name}.${i}`)));
            await clock.sleep(ms, signal).finally(() => {
              now.all -= pool > 0 ? 1 : 0;
              now.inner -= pool === 2 ? 1 : 0;
            });
            if (fails) throw new Error('random');
          },
        };
      };
      const { run, error } = await play(
        trees.map((one, i) => toStep(one, `${i}`)),
        { clock, pools, onFailure: 'continue' },
      );
      assert.equal(run.steps.map((s) => s.name).sort(), made.sort());
      const ended = new Map(run.steps.map((s, i) => [s.name, i]));
      for (const { name, outcome } of run.steps) {
        const parent = name.slice(0, Math.max(0, name.lastIndexOf('.')));
        if (parent === '' || outcome !== 'done') continue;
        const above = run.steps.find((s) => s.name === parent);
        if (above?.outcome === 'done') assert.ok((ended.get(name) ?? 0) < (ended.get(parent) ?? 0));
      }
      assert.is(
        error === undefined,
        run.steps.every((s) => s.outcome === 'done'),
      );
    }),
  );
});

properties.run();
