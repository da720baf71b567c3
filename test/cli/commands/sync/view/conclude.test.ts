// How a run over the fleet ends: its last words in text and JSON, and its exit code.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HostContext } from '../../../../../scripts/context.ts';
import type { ClusterRecord } from '../../../../../scripts/fleet/runner.ts';
import type { Io } from '../../../../../scripts/cli/command.ts';
import type { Rollout } from '../../../../../scripts/cli/commands/sync/rollout-input.ts';
import { conclude } from '../../../../../scripts/cli/commands/sync/view/conclude.ts';

const test = suite('cli/commands/sync/view/conclude');

function end(states: readonly ClusterRecord['state'][], output: 'text' | 'json' = 'text', rollout?: Partial<Rollout>) {
  let stdout = '';
  const stream = { isTTY: false, on: () => undefined, write: (text: string) => void (stdout += text) };
  const records = states.map((state, at) => ({ cluster: { id: `n/${at}` }, state }) as unknown as ClusterRecord);
  const code = conclude(records, 1_500, {
    output: { output, quiet: false, verbose: false },
    dryRun: false,
    context: { now: () => new Date('2026-01-02T03:04:05Z') } as HostContext,
    io: { stdout: stream, env: {} } as unknown as Io,
    ...(rollout === undefined ? {} : { rollout: rollout as Rollout }),
  });
  return { code, stdout };
}

test('the code: failures before what was held, and that before all is well', () => {
  for (const [states, code] of [
    [[], 0],
    [['synced', 'skipped', 'pending'], 0],
    [['synced', 'held'], 4],
    [['held', 'failed'], 3],
    [['unreachable', 'held'], 3],
    [['failed'], 3],
    [['unreachable'], 3],
  ] as const)
    assert.is(end(states).code, code, states.join(' '));
});

test('a rollout that failed is a failure, whatever the clusters are', () => {
  assert.is(end(['synced'], 'text', { failed: true }).code, 3);
  assert.is(end(['synced'], 'text', { failed: false }).code, 0);
  assert.is(end(['held'], 'text', { failed: false }).code, 4);
});

test('why a rollout stopped is the last line, and a field of the JSON', () => {
  const stopped = '1 of 2 clusters failed';
  const text = end(['failed'], 'text', { failed: true, stopped }).stdout;
  assert.match(text, /1 cluster: 1 failed in 1\.5 s .*\n\S+ 1 of 2 clusters failed\n$/);
  assert.not.match(end(['synced'], 'text', { failed: false }).stdout, 'stopped');
  assert.is(end(['synced']).stdout.trim().split('\n').length, 1);
  const json = JSON.parse(end(['failed'], 'json', { failed: true, stopped }).stdout) as Record<string, unknown>;
  assert.equal(
    [json['type'], json['time'], json['clusters'], json['stopped']],
    ['sync', '2026-01-02T03:04:05.000Z', 1, stopped],
  );
  assert.is('stopped' in (JSON.parse(end(['synced'], 'json').stdout) as object), false);
});

test.run();
