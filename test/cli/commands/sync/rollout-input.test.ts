// Flags of a rollout, and what is said of its end.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Rollout, rolloutFlags } from '../../../../scripts/cli/commands/sync/rollout-input.ts';

const test = suite('cli/commands/sync/rollout-input');

type Flags = Parameters<typeof rolloutFlags>[0];
const of = (flags: Partial<Flags>): ReturnType<typeof rolloutFlags> =>
  rolloutFlags({
    rollout: undefined,
    'max-failures': undefined,
    'health-timeout': undefined,
    'dry-run': false,
    ...flags,
  });

test('waves by label, share and number, with defaults', () => {
  assert.equal(of({ rollout: 'canary=true,5%,10' }), {
    waves: [{ label: 'canary', value: 'true' }, { share: 0.05 }, { count: 10 }],
    maxFailures: { count: 0 },
    healthMs: 300_000,
  });
  const own = of({ rollout: '1', 'max-failures': '10%', 'health-timeout': '30s' });
  assert.equal([own?.maxFailures, own?.healthMs], [{ share: 0.1 }, 30_000]);
  assert.is(of({}), undefined);
});

test('what does not go together', () => {
  assert.throws(() => of({ 'max-failures': '1' }), 'are for a --rollout');
  assert.throws(() => of({ 'health-timeout': '1s' }), 'are for a --rollout');
  assert.throws(() => of({ rollout: '1', 'dry-run': true }), '--rollout waits for what --dry-run does not do');
  assert.throws(() => of({ rollout: 'x' }), '--rollout');
});

test('how it ended', () => {
  const rollout = new Rollout({ waves: [], maxFailures: { count: 0 }, healthMs: 1 }, {} as never);
  assert.equal([rollout.stopped, rollout.failed], [undefined, false]);
  const wave = { number: 1, of: 2, clusters: 3, failed: [] };
  rollout.result = { waves: [wave] } as never;
  assert.equal([rollout.stopped, rollout.failed], [undefined, false]);
  rollout.result = {
    waves: [wave, { ...wave, failed: [{ cluster: 'a', reason: 'r' }] }],
    stopped: 'wave 2 failed',
    left: 4,
  };
  assert.equal([rollout.stopped, rollout.failed], ['stopped: wave 2 failed; 4 clusters left as before', true]);
});

test.run();
