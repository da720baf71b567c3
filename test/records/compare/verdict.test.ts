// Faster, slower, or nothing that can be said: by noise, by number of runs, and by the machine's load.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { judge, type JudgeOptions, MIN_RUNS } from '../../../scripts/records/compare/verdict.ts';

const test = suite('records/compare/verdict');

const options: JudgeOptions = { confidence: 0.95, random: Math.random };
const times = (around: number, count = MIN_RUNS): number[] => Array.from({ length: count }, (_, at) => around + at);
const verdict = (a: number[], b: number[], more: Partial<JudgeOptions> = {}): string =>
  judge(a, b, { ...options, ...more }).verdict;

test('b against a', () => {
  assert.is(verdict(times(1000), times(500)), 'faster');
  assert.is(verdict(times(500), times(1000)), 'slower');
  assert.is(verdict(times(1000), times(1000)), 'no difference seen');
  const noisy = [100, 2000, 300, 1500, 900];
  assert.is(verdict(noisy, [1990, 110, 1400, 950, 310]), 'no difference seen');
});

test('the figures are those of the medians', () => {
  const { a, b, difference } = judge([10, 20, 30], [40, 50, 60], options);
  assert.equal([a.median, b.median, difference.ms, difference.ratio], [20, 50, 30, 1.5]);
  assert.ok(difference.msInterval.low <= 30 && difference.msInterval.high >= 30);
  assert.is(judge([0, 0], [5, 5], options).difference.ratio, 0, 'there is no share of nothing');
  assert.is(judge([1, 1], [3, 3], options).difference.ratio, 2);
});

test('with too few runs on either side nothing is said', () => {
  assert.is(verdict(times(1000, MIN_RUNS - 1), times(500)), 'too few runs');
  assert.is(verdict(times(1000), times(500, MIN_RUNS - 1)), 'too few runs');
});

test('a millisecond is not worth a word, two are', () => {
  const same = (ms: number): number[] => Array.from({ length: 9 }, () => ms);
  assert.is(verdict(same(10), same(11)), 'no difference seen');
  assert.is(verdict(same(10), same(12)), 'slower');
  assert.is(verdict(same(12), same(10)), 'faster');
});

test('what the load explains by itself is no difference, the other way round it is one', () => {
  assert.is(verdict(times(500), times(1000), { loadExplains: 'slower' }), 'no difference seen');
  assert.is(verdict(times(500), times(1000), { loadExplains: 'faster' }), 'slower');
  assert.is(verdict(times(1000), times(500), { loadExplains: 'faster' }), 'no difference seen');
});

test.run();
