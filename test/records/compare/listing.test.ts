// The runs of a log as a list: the newest of them, those of one tool, and what was left out.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../scripts/base/errors.ts';
import { listing } from '../../../scripts/records/compare/listing.ts';
import { RUNS_FILE } from '../../../scripts/records/log.ts';
import { listRuns, readRuns } from '../../../scripts/records/read.ts';
import { thrown } from '../../kube/helpers.ts';
import { sampleRecord } from '../sample.ts';

const test = suite<{ log: string }>('records/compare/listing');
test.before.each((context) => void (context.log = mkdtempSync(join(tmpdir(), 'hoist-listing-'))));
test.after.each(({ log }) => rmSync(log, { recursive: true }));

const write = (log: string, lines: readonly unknown[]): void =>
  writeFileSync(
    join(log, RUNS_FILE),
    lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
  );
const runs = (count: number, more: Parameters<typeof sampleRecord>[0] = {}) =>
  Array.from({ length: count }, () => sampleRecord(more));

test('the newest are shown, and of more it is said how many there are', async ({ log }) => {
  write(log, runs(3));
  const few = await listing({ log, output: 'text', tool: undefined });
  assert.equal([few.text.match(/ done /g)?.length, few.notes], [3, []]);
  const shown = async (count: number): Promise<[number, readonly string[]]> => {
    write(log, runs(count));
    const { text, notes } = await listing({ log, output: 'markdown', tool: undefined });
    return [text.match(/\| done/g)?.length ?? 0, notes];
  };
  const [most] = await shown(100);
  assert.ok(most > 5 && most < 100);
  assert.equal(await shown(most), [most, []]);
  assert.equal(await shown(most + 2), [most, ['2 older runs are not shown; --output json lists all']]);
  const all = await listing({ log, output: 'json', tool: undefined });
  assert.is((JSON.parse(all.text) as { runs: object[] }).runs.length, most + 2);
});

test('of one tool, with its labels as text', async ({ log }) => {
  write(log, [...runs(1, { label: 'a|b' }), ...runs(2, { tool: 'run' })]);
  const { text } = await listing({ log, output: 'markdown', tool: 'up' });
  assert.equal([text.match(/\| done/g)?.length, text.includes('a\\|b')], [1, true]);
  assert.match((await listing({ log, output: 'text', tool: 'up' })).text, 'a|b');
});

test('none at all says so, with what was left out and what makes one', async ({ log }) => {
  const refused = async (tool?: 'run'): Promise<[string, string | undefined]> => {
    const { message, hint } = await thrown(ConfigError, listing({ log, output: 'text', tool }));
    return [message.replace(log, 'LOG'), hint];
  };
  write(log, []);
  assert.equal(await refused(), ['LOG: there is no run in this log', 'Run `hoist up` first.']);
  write(log, ['broken', ...runs(1)]);
  const [message, hint] = await refused('run');
  assert.match(message, /^LOG: there is no run of run in this log \(.*1 /);
  assert.is(hint, 'Run `hoist run` first.');
});

test('what lacks a part that every record has is none', async ({ log }) => {
  const whole = sampleRecord();
  const damaged: unknown[] = [
    { ...whole, id: 1 },
    { ...whole, startedAt: undefined },
    { ...whole, planHash: undefined },
    { ...whole, durationMs: '1' },
    [],
    'null',
  ];
  write(log, [...damaged, { ...whole, run: undefined }, whole]);
  const listed = await listRuns(log);
  assert.equal([listed.runs.length, listed.damaged, listed.newer], [2, damaged.length, 0]);
  assert.equal(
    (await readRuns(listed.runs)).records.map(({ id }) => id),
    [whole.id, whole.id],
  );
  for (const odd of [{ system: 1 }, { versions: undefined }, { run: {} }, { run: { steps: 'x' } }]) {
    write(log, [{ ...whole, ...odd }]);
    const { records, damaged: bad } = await readRuns((await listRuns(log)).runs);
    assert.equal([records.length, bad], [0, 1], JSON.stringify(odd));
  }
});

test.run();
