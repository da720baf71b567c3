// The figures are right, and the verdicts are as often wrong as they say.

import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { draws } from '../draws.ts';
import { seeded } from '../../scripts/records/compare/random.ts';
import { bootstrap, summarize } from '../../scripts/base/statistics.ts';
import { judge } from '../../scripts/records/compare/verdict.ts';

const figures = suite('base/statistics');

figures('median, MAD and extremes', () => {
  assert.equal(summarize([5]), { n: 1, median: 5, mad: 0, min: 5, max: 5 });
  assert.equal(summarize([10, 1, 4]), { n: 3, median: 4, mad: 3, min: 1, max: 10 });
  assert.equal(summarize([1, 2, 3, 100]), { n: 4, median: 2.5, mad: 1, min: 1, max: 100 });
  assert.throws(() => summarize([]), RangeError);
});

const times = fc.array(fc.double({ min: 1, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 });

figures('an interval lies within what the values allow, and the seed decides it', () => {
  fc.assert(
    fc.property(times, times, fc.integer(), (a, b, seed) => {
      const draw = () => bootstrap(a, b, { confidence: 0.95, random: seeded(seed), resamples: 500 });
      const { difference, ratio } = draw();
      const [one, other] = [summarize(a), summarize(b)];
      assert.ok(difference.low <= difference.high);
      assert.ok(difference.low >= other.min - one.max - 1e-9 && difference.high <= other.max - one.min + 1e-9);
      assert.ok(ratio.low >= other.min / one.max - 1 - 1e-9 && ratio.high <= other.max / one.min - 1 + 1e-9);
      assert.equal(draw(), { difference, ratio });
    }),
    { numRuns: draws(200) },
  );
});

figures('of nothing, nothing is no change, and anything is endless', () => {
  const ratio = (a: number, b: number): unknown => bootstrap([a], [b], { confidence: 0.95, random: seeded(1) }).ratio;
  assert.equal(ratio(0, 0), { low: 0, high: 0 });
  assert.equal(ratio(0, 1), { low: Infinity, high: Infinity });
  assert.equal(ratio(2, 3), { low: 0.5, high: 0.5 });
});

figures('more confidence never narrows an interval', () => {
  const a = [100, 103, 98, 110, 101, 99, 104];
  const b = [120, 118, 125, 119, 130, 121, 117];
  const width = (confidence: number) => {
    const { low, high } = bootstrap(a, b, { confidence, random: seeded(1) }).difference;
    return high - low;
  };
  assert.ok(width(0.5) < width(0.9) && width(0.9) <= width(0.99));
});

figures('times of 0 do not break the ratio', () => {
  assert.equal(bootstrap([0, 0], [0, 0], { confidence: 0.9, random: seeded(1) }).ratio, { low: 0, high: 0 });
  assert.is(bootstrap([0], [5], { confidence: 0.9, random: seeded(1) }).ratio.high, Infinity);
});

figures('the median of a resample: the middle value, or the mean of the two', () => {
  /** All resamples take the values at these shares of the sample. */
  const medianOf = (values: number[], shares: number[]): number => {
    let drawn = 0;
    // A sample of one value draws once, and stands between the two that are of interest.
    const random = (): number => shares[drawn++ % (shares.length + 1)] ?? 0;
    return bootstrap(values, [0], { confidence: 0.9, random, resamples: 500 }).difference.low * -1;
  };
  assert.is(medianOf([0, 100], [0, 0.9]), 50);
  assert.is(medianOf([10, 20, 30, 50], [0, 0.3, 0.6, 0.9]), 25);
  assert.is(medianOf([10, 20, 30, 50], [0, 0, 0.6, 0.9]), 20);
  assert.is(medianOf([10, 20, 30, 50], [0.3, 0.3, 0.3, 0.9]), 20);
  assert.is(medianOf([10, 20, 30], [0.9, 0.9, 0]), 30);
  assert.is(medianOf([10, 20, 30], [0, 0, 0.9]), 10);
});

figures('the source of random numbers is uniform enough', () => {
  const random = seeded(99);
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 100_000; i++) {
    const bin = Math.floor(random() * 10);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  for (const count of counts) assert.ok(Math.abs(count - 10_000) < 500, String(count));
});

figures.run();

const verdicts = suite('records/compare/verdict');

/** Runs of about 3 s with 4 % noise, one in twenty of them disturbed by 30 %. */
function noisy(random: () => number, factor = 1): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return 3000 * factor * (1 + 0.04 * normal) * (random() < 0.05 ? 1.3 : 1);
}

function verdictsOf(pairs: number, n: number, factor: number): string[] {
  const random = seeded(4711);
  return Array.from({ length: pairs }, () => {
    const [a, b] = [1, factor].map((by) => Array.from({ length: n }, () => noisy(random, by)));
    return judge(a ?? [], b ?? [], { confidence: 0.95, random }).verdict;
  });
}

verdicts('of 1,000 equal pairs at most 5 % are called different', () => {
  const pairs = draws(1000);
  for (const n of [5, 10]) {
    const wrong = verdictsOf(pairs, n, 1).filter((verdict) => verdict !== 'no difference seen').length;
    assert.ok(wrong <= 0.05 * pairs, `${wrong} of ${pairs} pairs of ${n} runs`);
  }
});

verdicts('10 runs that are 20 % slower are found at least 95 times of 100', () => {
  const pairs = draws(500);
  const found = verdictsOf(pairs, 10, 1.2).filter((verdict) => verdict === 'slower').length;
  assert.ok(found >= 0.95 * pairs, `${found} of ${pairs}`);
});

const fast = [100, 101, 99, 100, 102];
const slow = [120, 121, 119, 122, 120];

verdicts('each verdict has its case', () => {
  const options = { confidence: 0.95, random: seeded(1) };
  assert.is(judge(fast, slow, options).verdict, 'slower');
  assert.is(judge(slow, fast, options).verdict, 'faster');
  assert.is(judge(fast, fast, options).verdict, 'no difference seen');
  assert.is(judge(fast.slice(0, 4), slow, options).verdict, 'too few runs');
  assert.is(judge([1, 1, 1, 1, 1], [2, 2, 2, 2, 2], options).verdict, 'no difference seen', 'a millisecond is nothing');
});

verdicts('what the load explains is not called a difference', () => {
  const options = { confidence: 0.95, random: seeded(1), loadExplains: 'slower' as const };
  assert.is(judge(fast, slow, options).verdict, 'no difference seen');
  assert.is(judge(slow, fast, options).verdict, 'faster', 'faster in spite of the load');
});

verdicts.run();
