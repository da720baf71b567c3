// Which side of a comparison was measured on a busier machine, and from when on that counts.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { explainedByLoad, loadPerCpu, wasBusy } from '../../../scripts/records/compare/busy.ts';
import type { BenchmarkRecord } from '../../../scripts/records/record.ts';

const busy = suite('busy machines');

const run = (before: number | undefined, parallelism: number): BenchmarkRecord =>
  ({ load: before === undefined ? undefined : { before }, system: { parallelism } }) as unknown as BenchmarkRecord;

busy('the load is that of each CPU, the median of the runs that recorded it', () => {
  assert.is(loadPerCpu([run(4, 2), run(2, 4), run(9, 3), run(undefined, 1)]), 2);
  assert.is(loadPerCpu([run(3, 0)]), 3);
  assert.is(loadPerCpu([run(undefined, 2)]), undefined);
});

busy('a machine is busy from one task for each CPU on', () => {
  assert.is(wasBusy(0.99, undefined), false);
  assert.is(wasBusy(undefined, 1), true);
  assert.is(wasBusy(), false);
});

busy('half a task for each CPU more explains a difference, less does not', () => {
  assert.is(explainedByLoad(0, 0.5), 'slower');
  assert.is(explainedByLoad(0.75, 0.25), 'faster');
  assert.is(explainedByLoad(0, 0.49), undefined);
  assert.is(explainedByLoad(undefined, 3), undefined);
  assert.is(explainedByLoad(3, undefined), undefined);
});

busy.run();
