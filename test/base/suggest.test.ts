// The nearest known name, and how long to wait before another attempt.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { backoffMs } from '../../scripts/engine/backoff.ts';
import { nearest } from '../../scripts/base/suggest.ts';

const helpers = suite('base/suggest');

helpers('a typing error finds its name, another word does not', () => {
  const known = ['namespaces', 'name', 'agents'];
  assert.is(nearest('namespaecs', known), 'namespaces');
  assert.is(nearest('Agent', known), 'agents');
  assert.is(nearest('kubernetes', known), undefined);
  assert.is(nearest('x', []), undefined);
});

helpers('the bound doubles up to its limit, the wait is a share of it', () => {
  const retry = { attempts: 9, backoffMs: 100, maxBackoffMs: 500 };
  assert.equal(
    [1, 2, 3, 4, 9].map((n) => backoffMs(retry, n, () => 1)),
    [100, 200, 400, 500, 500],
  );
  assert.is(
    backoffMs(retry, 3, () => 0.5),
    200,
  );
  assert.is(
    backoffMs({ attempts: 2, backoffMs: 1e9 }, 1, () => 1),
    30_000,
  );
});

helpers.run();
