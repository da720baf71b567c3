import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Typical } from '../../../scripts/fleet/spoke/typical.ts';

const typical = suite('fleet/typical');

/** The value after these answers, in ms. */
const after = (...answers: number[]): number => {
  const one = new Typical();
  for (const ms of answers) one.answered(ms);
  return one.ms;
};

typical('what an answer usually takes: moved by a fiftieth towards each, never beyond it', () => {
  const cases: [answers: number[], ms: number][] = [
    [[], 0],
    [[100], 100],
    [[0], 1],
    [[100, 100], 100],
    [[100, 5000], 102],
    [[100, 101], 101],
    [[102, 1], 100],
    [[102, 101], 101],
    [[1, 0], 1],
  ];
  for (const [answers, ms] of cases) assert.is(Math.round(after(...answers) * 1000) / 1000, ms, answers.join());
});

typical.run();
