// What a run that failed has left, as its provider says; a provider that does not know, or does not answer.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { leftOf } from '../../scripts/cluster/left.ts';
import type { Prepared } from '../../scripts/cluster/prepare-cluster.ts';
import { type Wired, wired } from './wiring.ts';

const test = suite<Wired>('cluster/left');
wired(test);

const prepared = { plan: { cluster: { name: 'dev', provider: 'embedded' } } } as unknown as Prepared;

test('all that is not absent is a cluster; what cannot be asked is not known', async (context) => {
  for (const [situation, left] of [
    [{ kind: 'absent' }, 'nothing'],
    [{ kind: 'same' }, 'cluster'],
    [{ kind: 'damaged', reasons: [] }, 'cluster'],
    [{ kind: 'different', differences: [] }, 'cluster'],
  ] as const) {
    context.situation = { ...situation };
    assert.is(await leftOf(prepared, context.wiring), left, situation.kind);
  }
  context.provider = { prepare: () => Promise.reject(new Error('no engine')) };
  assert.is(await leftOf(prepared, context.wiring), 'unknown');
});

test.run();
