// Waits before a cluster is looked at again: they double, end somewhere, and never let it spin.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { probeAfterMs, retryAfterMs, verifyAfterMs } from '../../../scripts/fleet/queue/backoff.ts';

const test = suite('fleet/queue/backoff');

test('failures: 5 ms, doubled each time, to 1,000 s; at least half of the bound', () => {
  const bounds = [1, 2, 3, 10, 18, 19, 31, 1000].map((failures) => retryAfterMs(failures, () => 1));
  assert.equal(bounds, [5, 10, 20, 2_560, 655_360, 1_000_000, 1_000_000, 1_000_000]);
  assert.equal(
    [1, 2, 19].map((failures) => retryAfterMs(failures, () => 0)),
    [2.5, 5, 500_000],
  );
});

test('silence: 1 s, doubled each time, to 300 s, with full jitter above 100 ms', () => {
  const bounds = [1, 2, 3, 9, 10, 21, 1000].map((failures) => probeAfterMs(failures, () => 1));
  assert.equal(bounds, [1_000, 2_000, 4_000, 256_000, 300_000, 300_000, 300_000]);
  assert.is(
    probeAfterMs(5, () => 0),
    100,
  );
  assert.is(
    probeAfterMs(1, () => 0.5),
    500,
  );
});

test('a look at what is as wanted comes within a tenth after the interval', () => {
  assert.equal(
    [0, 0.5, 1].map((random) => Math.round(verifyAfterMs(1_000, () => random))),
    [1_000, 1_050, 1_100],
  );
});

test.run();
