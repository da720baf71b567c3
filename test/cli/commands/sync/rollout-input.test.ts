// Flags of a rollout, and what is said of its end.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FakeClock } from '../../../doubles/clock.ts';
import type { Runner } from '../../../../scripts/fleet/runner.ts';
import type { Fleet } from '../../../../scripts/fleet/sources/source.ts';
import { terminalOf } from '../../../../scripts/progress/terminal.ts';
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

test('of each wave: how many clusters, which failed and why; one line of JSON where that is asked for', async () => {
  const shown = async (view: { json?: boolean; quiet?: boolean }, broken: boolean): Promise<string> => {
    let text = '';
    const stream = { isTTY: false, on: () => undefined, write: (more: string) => (text += more) };
    const all = ['a', 'b'].map((id) => ({ id, name: id, uid: id, labels: {} }));
    const records = new Map(
      all.map((one) => [
        one.id,
        broken && one.id === 'b' ? { state: 'failed', reason: 'said no' } : { state: 'skipped' },
      ]),
    );
    const runner = { records, update: () => undefined, once: () => Promise.resolve() } as unknown as Runner;
    const rollout = new Rollout(
      { waves: [{ count: 2 }], maxFailures: { count: 1 }, healthMs: 1 },
      { clock: new FakeClock(), stdout: terminalOf(stream, { LANG: 'C.UTF-8' }), json: false, quiet: false, ...view },
    );
    await rollout.run(runner, { clusters: all, sets: [] } as unknown as Fleet, new AbortController().signal);
    return text;
  };
  assert.is(await shown({}, false), '✓ wave 1 of 1: 2 clusters, 0 failed\n');
  assert.is(await shown({}, true), '✗ wave 1 of 1: 2 clusters, 1 failed\n    b: said no\n');
  assert.is(await shown({ quiet: true }, true), '');
  const json = JSON.parse(await shown({ json: true, quiet: true }, true)) as object;
  assert.equal(json, { type: 'wave', number: 1, of: 1, clusters: 2, failed: [{ cluster: 'b', reason: 'said no' }] });
});

test.run();
