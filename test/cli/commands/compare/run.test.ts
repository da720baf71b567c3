// `hoist compare`: options that are refused, what is read, and the code of a regression.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sampleRecord, sampleRun } from '../../../records/sample.ts';
import { type Place, createPlace } from '../../invoke.ts';

const test = suite<Place>('cli/commands/compare/run');
test.before.each((context) => void Object.assign(context, createPlace()));
test.after.each((context) => context.close());

/** Six runs of one second, six of two. */
function log({ write }: Pick<Place, 'write'>, file: string, prefix = 'r'): void {
  const lines = Array.from({ length: 12 }, (_, at) =>
    JSON.stringify(sampleRecord({ label: `${prefix}${at}`, run: sampleRun({ api: (at < 6 ? 1_000 : 2_000) + at }) })),
  );
  write(file, `${lines.join('\n')}\n`);
}

test('values that are none are refused', async ({ invoke }) => {
  const refused = async (...argv: string[]): Promise<string> => {
    const { code, error } = await invoke('compare', argv);
    assert.is(code, 2, argv.join(' '));
    return error;
  };
  assert.is(await refused('--output', 'yaml'), '--output must be one of text, json, markdown, not "yaml"');
  assert.match(await refused('--tool', 'dwon'), /^--tool must be one of up, .*not "dwon"$/);
  for (const prune of ['x', '-1', '1.5', ''])
    assert.is(await refused(`--prune=${prune}`), `--prune must be a number of runs to keep, not "${prune}"`);
  assert.match(await refused(), 'there is no such benchmark log');
  assert.match(await refused('--output', 'json', '--tool', 'up'), 'there is no such benchmark log');
});

test('the log is the one of the settings, or of the variable', async (context) => {
  const { invoke, write } = context;
  log(context, 'kept/runs.jsonl');
  write('config/cluster.yaml', 'logDir: ../kept\n');
  assert.match((await invoke('compare', [])).stdout, 'r11');
  log(context, 'other/runs.jsonl', 'o');
  write('mine.yaml', 'logDir: other\n');
  assert.match((await invoke('compare', ['--config', 'mine.yaml'])).stdout, 'o11');
  assert.match((await invoke('compare', [], { DEPLOY_LOG_DIR: 'other' })).stdout, 'o11');
  write('own.env', 'DEPLOY_LOG_DIR=other\n');
  assert.match((await invoke('compare', ['--env-file', 'own.env'])).stdout, 'o11');
});

test('a regression has its code after the table was printed, and files go beside it', async (context) => {
  const { invoke, folder } = context;
  log(context, 'logs/runs.jsonl');
  const slower = await invoke('compare', [
    'last~6:6',
    'last:6',
    '--fail-on-regression',
    '10%',
    '--trace',
    'trace.json',
  ]);
  assert.is(slower.code, 7, slower.error);
  assert.match(slower.stdout, /slower/);
  assert.match(slower.stderr, `wrote ${join(folder, 'trace.json')}\n`);
  assert.ok(readFileSync(join(folder, 'trace.json'), 'utf8').length > 2);
  const faster = await invoke('compare', ['last:6', 'last~6:6', '--fail-on-regression', '10%']);
  assert.is(faster.code, 0, faster.error);
});

test('prune keeps the newest, and says how many went', async (context) => {
  const { invoke, folder } = context;
  log(context, 'logs/runs.jsonl');
  const { code, stderr, stdout } = await invoke('compare', ['--prune', '2']);
  assert.equal([code, stdout, stderr], [0, '', `removed 10 of 12 runs from ${join(folder, 'logs')}\n`]);
  assert.is(readFileSync(join(folder, 'logs/runs.jsonl'), 'utf8').trim().split('\n').length, 2);
  assert.match((await invoke('compare', ['--prune', '0'])).stderr, 'removed 2 of 2 runs');
});

test.run();
