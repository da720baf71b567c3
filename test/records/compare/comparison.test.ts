// Two groups of runs compared: each kind of work with itself, each step, and what makes the verdicts doubtful.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../scripts/base/errors.ts';
import {
  byWork,
  compareSides,
  type Comparison,
  type Side,
  stepTimes,
} from '../../../scripts/records/compare/comparison.ts';
import type { BenchmarkRecord, RecordInput } from '../../../scripts/records/record.ts';
import { sampleRecord, sampleRun, sampleStep } from '../sample.ts';

const test = suite('records/compare/comparison');

const run = (times: Record<string, number>, more: Partial<RecordInput> = {}): BenchmarkRecord =>
  sampleRecord({ run: sampleRun(times), ...more });
const many = (
  count: number,
  times: (at: number) => Record<string, number>,
  more: Partial<RecordInput> = {},
): BenchmarkRecord[] => Array.from({ length: count }, (_, at) => run(times(at), more));
const side = (name: string, records: BenchmarkRecord[]): Side => ({ name, records });
const load = (before: number): Partial<RecordInput> => ({ load: { before, after: 0, during: 0 } });
const compare = (a: BenchmarkRecord[], b: BenchmarkRecord[]): Comparison => {
  const [first] = compareSides(side('old', a), side('new', b));
  if (first === undefined) throw new Error('nothing was compared');
  return first;
};

test('the whole run and each step, in the order of their starts', () => {
  const { whole, steps, warnings } = compare(
    many(6, (at) => ({ api: 1_000 + at, gone: 5 })),
    many(6, (at) => ({ api: 500 + at, new: 7 })),
  );
  assert.equal([whole.name, whole.verdict], ['whole run', 'faster']);
  assert.equal(
    steps.map(({ name, verdict, a, b }) => [name, verdict, a?.n, b?.n]),
    [
      ['api', 'faster', 6, 6],
      ['gone', undefined, 6, undefined],
      ['new', undefined, undefined, 6],
    ],
  );
  assert.is(steps[1]?.difference, undefined);
  assert.is(
    warnings.some((text) => /verdict needs|busy|scatter/.test(text)),
    false,
    warnings.join(),
  );
});

test('few runs, runs that scatter', () => {
  const few = compare(
    many(4, () => ({ api: 10 })),
    many(5, () => ({ api: 10 })),
  ).warnings;
  assert.ok(few.includes('a verdict needs 5 runs on each side; here are 4 and 5'));
  const wild = compare(
    many(5, (at) => ({ api: 1_000 * (at + 1) })),
    many(5, () => ({ api: 10 })),
  ).warnings;
  assert.ok(wild.includes('the runs of A scatter widely: 33 % around their median'));
  assert.is(
    wild.some((text) => text.startsWith('the runs of B')),
    false,
  );
});

test('a machine that was busier, for one side or for both', () => {
  const fast = (before: number): BenchmarkRecord[] => many(5, () => ({ api: 500 }), load(before));
  const slow = (before: number): BenchmarkRecord[] => many(5, () => ({ api: 1_000 }), load(before));
  const busier = compare(fast(0), slow(8));
  assert.ok(
    busier.warnings.includes(
      'the machine was busier for B (load per CPU 0.00 against 2.00), which alone can explain that it is slower',
    ),
  );
  assert.is(busier.whole.verdict, 'no difference seen');
  assert.ok(compare(slow(8), fast(0)).warnings.some((text) => text.startsWith('the machine was busier for A')));
  const both = compare(fast(8), slow(8));
  assert.ok(both.warnings.includes('the machine was busy when the runs started (load per CPU 2.00 against 2.00)'));
  assert.is(both.whole.verdict, 'slower');
});

test('each kind of work is compared with itself, and what only one side has is left out', () => {
  const of = (planHash: string, found?: string): BenchmarkRecord[] =>
    many(2, () => ({ api: 10 }), { planHash, ...(found === undefined ? {} : { found }) });
  const all = compareSides(
    side('a', [...of('p'), ...of('q'), ...of('p', 'same')]),
    side('b', [...of('p'), ...of('p', 'same'), ...of('r')]),
  );
  assert.equal(
    all.map(({ a, b }) => [a.records.length, b.records.length]),
    [
      [2, 2],
      [2, 2],
    ],
  );
  assert.ok(all[0]?.warnings.includes('4 runs of plans that only one side has are left out'));
  assert.is(
    all[1]?.warnings.some((text) => text.includes('left out')),
    false,
  );
  const [exact] = compareSides(side('a', of('p')), side('b', of('p')));
  assert.is(
    exact?.warnings.some((text) => text.includes('left out')),
    false,
  );
  assert.is(compareSides(side('a', of('p')), side('b', of('q'))).length, 1);
});

test('runs without a common step cannot be compared', () => {
  const error = (() => {
    try {
      compare(
        many(1, () => ({ a: 1 })),
        many(1, () => ({ b: 1 })),
      );
    } catch (caught) {
      return caught;
    }
    return undefined;
  })();
  assert.instance(error, ConfigError);
  assert.match((error as Error).message, /old and new: their plans share no step/);
});

test('times of steps are those of runs in which they succeeded, without waiting', () => {
  const steps = [
    sampleStep('late', 50, 90),
    sampleStep('first', 10, 30, { queuedMs: 0 }),
    sampleStep('failed', 0, 5, { outcome: 'failed' }),
    sampleStep('never', 0, 5, { startedMs: undefined }),
  ];
  const record = sampleRecord({ run: { ...sampleRun({}), steps } });
  assert.equal(
    [...stepTimes([record, record])],
    [
      ['first', [20, 20]],
      ['late', [40, 40]],
    ],
  );
  assert.equal(
    [...byWork([record, run({}, { planHash: 'x' }), record])].map(([work, records]) => [work, records.length]),
    [
      ['plan-a', 2],
      ['x', 1],
    ],
  );
});

test.run();
