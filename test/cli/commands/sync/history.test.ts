// `sync` in the benchmark log: what is recorded, and how long the same run usually takes.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Io } from '../../../../scripts/cli/command.ts';
import { historyOf } from '../../../../scripts/cli/commands/sync/history.ts';
import type { ClusterRecord } from '../../../../scripts/fleet/runner.ts';
import { cluster, configMap, fleetOf, selectorSet } from '../../../fleet/world.ts';

const test = suite<{ folder: string }>('cli/sync/history');
test.before.each((context) => void (context.folder = mkdtempSync(join(tmpdir(), 'hoist-history-'))));
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const fleet = (value: string): ReturnType<typeof fleetOf> =>
  fleetOf(
    [selectorSet('a', { resources: [configMap('a', { value })] })],
    [cluster('one', { server: 'https://one.invalid' }), cluster('two', { server: 'https://two.invalid' })],
  );
const pass = {
  dryRun: false,
  strict: false,
  workers: 4,
  attempts: 3,
  intervalMs: 1,
  policy: { max: { share: 1 }, confirmed: false, kinds: new Set<string>() },
};

function records(state: ClusterRecord['state'], reason?: string): ClusterRecord[] {
  return fleet('1').clusters.map((one) => ({ cluster: one, state, reason, failures: 0, passes: 1, dueSince: 0 }));
}

function begin(
  folder: string,
  written: string[],
  env: Record<string, string> = {},
  of = fleet('1'),
): ReturnType<typeof historyOf> {
  const stderr = { isTTY: true, write: (text: string) => written.push(text) };
  return historyOf(of, pass, { cwd: folder, env, stderr } as unknown as Io, () => new Date());
}

test('without a log nothing is written', async ({ folder }) => {
  await begin(folder, []).record(records('synced'), { ms: 5, exitCode: 0 });
  assert.not.ok(existsSync(join(folder, 'logs')));
});

test('runs that end well say how long the same takes, also where a set holds something else', async ({ folder }) => {
  const env = { DEPLOY_LOG_DIR: 'log' };
  for (const ms of [4_000, 6_000, 8_000]) await begin(folder, [], env).record(records('synced'), { ms, exitCode: 0 });
  await begin(folder, [], env).record(records('failed', 'it refuses'), { ms: 90_000, exitCode: 3 });
  const lines = readFileSync(join(folder, 'log/runs.jsonl'), 'utf8').trim().split('\n');
  const last = JSON.parse(lines.at(-1) ?? '') as { tool: string; error: string; subject: { facts: object } };
  assert.is(lines.length, 4);
  assert.is(last.tool, 'sync');
  assert.is(last.error, 'it refuses');
  assert.equal(last.subject.facts, { clusters: 2, sets: 1, synced: 0, failed: 2, changes: 0 });

  const said = async (of = fleet('2')): Promise<string> => {
    const written: string[] = [];
    begin(folder, written, env, of).sayUsual();
    for (let look = 0; look < 100 && written.length === 0; look++) await new Promise((done) => setTimeout(done, 5));
    return written.join('');
  };
  assert.match(await said(), /^usually 6(\.0)? ?s\n$/);
  const { clusters, ...rest } = fleet('1');
  assert.is(await said({ ...rest, clusters: clusters.slice(1) }), '', 'another fleet takes another time');
});

test.run();
