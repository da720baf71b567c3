// The chain that decided a run's length, and how much ran in parallel, at their borders.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { backoffMs } from '../../scripts/engine/backoff.ts';
import { criticalPath, parallelGain, ranMs } from '../../scripts/engine/critical-path.ts';
import type { StepRecord } from '../../scripts/engine/step.ts';

const test = suite('engine/critical-path');

const record = (name: string, endedMs: number, more: Partial<StepRecord> = {}): StepRecord => ({
  name,
  needs: [],
  startedMs: 0,
  endedMs,
  attempts: 1,
  outcome: 'done',
  ...more,
});

test('of steps that end together the first decides; what never started does not', () => {
  const records = [record('a', 5), record('b', 5), record('c', 9, { startedMs: undefined }), record('d', 4)];
  assert.equal(criticalPath(records), ['a']);
  const needs = [...records, record('e', 8, { needs: ['d', 'c', 'b', 'a'] })];
  assert.equal(criticalPath(needs), ['b', 'e']);
  assert.equal(criticalPath([]), []);
});

test('a run that takes no time has no gain; otherwise it is time over time', () => {
  assert.equal([parallelGain([record('a', 5)], 0), parallelGain([record('a', 5)], 0.5)], [1, 10]);
  assert.is(parallelGain([record('a', 5), record('b', 4, { startedMs: 1 })], 8), 1);
});

test('a step has run from its start on, or as long as its own work took', () => {
  assert.is(ranMs({ startedMs: 2, endedMs: 5 }), 3);
  assert.is(ranMs({ startedMs: undefined, endedMs: 5 }), 0);
  assert.is(ranMs({ startedMs: 2, endedMs: 5, ownMs: 0 }), 0);
});

test('the wait before another attempt doubles up to a bound, of half a minute where none is given', () => {
  const bounds = (maxBackoffMs?: number): number[] =>
    [1, 2, 3, 4].map((attempt) =>
      backoffMs({ attempts: 9, backoffMs: 10_000, ...(maxBackoffMs && { maxBackoffMs }) }, attempt, () => 1),
    );
  assert.equal(bounds(), [10_000, 20_000, 30_000, 30_000]);
  assert.equal(bounds(60_000), [10_000, 20_000, 40_000, 60_000]);
  assert.is(
    backoffMs({ attempts: 2, backoffMs: 8 }, 1, () => 0.5),
    4,
  );
});

test.run();
