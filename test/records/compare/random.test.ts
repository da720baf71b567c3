// Random numbers that are the same for the same seed, on every machine: verdicts rest on them.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { seeded } from '../../../scripts/records/compare/random.ts';

const test = suite('records/compare/random');

test('the published sequence of mulberry32', () => {
  const of = (seed: number): number[] => {
    const random = seeded(seed);
    return Array.from({ length: 4 }, () => Math.floor(random() * 2 ** 32));
  };
  assert.equal(of(0), [1144304738, 1416247, 958946056, 627933444]);
  assert.equal(of(2 ** 32), of(0));
  assert.is.not(of(1)[0], of(0)[0]);
});

test('uniform in [0, 1)', () => {
  const random = seeded(7);
  const tenths = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < 10_000; i++) {
    const value = random();
    assert.ok(value >= 0 && value < 1);
    const tenth = Math.floor(value * 10);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  assert.ok(
    tenths.every((count) => count > 850 && count < 1150),
    tenths.join(),
  );
});

test.run();
