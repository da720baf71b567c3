// The benchmark log on a real disk: appended by several processes, after a crash, read from both ends.

import { execFile } from 'node:child_process';
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { programAt } from '../child.ts';
import { ConfigError, messageOf } from '../../scripts/base/errors.ts';
import { appendRun, PEOPLE_FILE, RUNS_FILE } from '../../scripts/records/log.ts';
import { lastRunOfPlan, listRuns, readRuns } from '../../scripts/records/read.ts';
import { SCHEMA_VERSION } from '../../scripts/records/record.ts';
import { sampleRecord, scratch } from './sample.ts';

const test = suite<{ path: string; remove: () => void }>('records/log', { path: '', remove: () => undefined });
test.before.each((context) => {
  Object.assign(context, scratch());
});
test.after.each(({ remove }) => {
  remove();
});

const startedAt = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

test('a record comes back as it was written', async ({ path }) => {
  const record = sampleRecord({ label: 'Größe ✓', phases: { 'API Server Answering': 2100 }, error: 'none' });
  await appendRun(join(path, 'not', 'there'), record);
  const { runs, damaged, newer } = await listRuns(join(path, 'not', 'there'));
  assert.is(damaged + newer, 0);
  assert.equal(await readRuns(runs), { records: [record], damaged: 0 });
  assert.is(runs[0]?.head.label, 'Größe ✓');
});

const APPEND = programAt('test/fixtures/records/append-many.ts');

test('appends of two processes at once do not mix', async ({ path }) => {
  const run = (label: string) => promisify(execFile)(process.execPath, [...APPEND, path, label, '20']);
  await Promise.all([run('a'), run('b')]);
  const { runs, damaged } = await listRuns(path);
  assert.is(damaged, 0);
  assert.is(runs.length, 40);
  const { records } = await readRuns(runs);
  for (const label of ['a', 'b']) {
    const own = records.filter((record) => record.label?.startsWith(label));
    assert.equal(
      own.map((record) => record.label),
      Array.from({ length: 20 }, (_, i) => `${label}-${String(i)}`),
    );
    for (const record of own) assert.equal(record.plan, { filler: label.repeat(40_000) });
  }
  const blocks = readFileSync(join(path, PEOPLE_FILE), 'utf8').match(
    /^up .*\n.*\n.*\nOutcome: +done \(exit code 0\)$/gm,
  );
  assert.is(blocks?.length, 40);
});

test('a line that a crash cut off damages no record but its own', async ({ path }) => {
  const file = join(path, RUNS_FILE);
  await appendRun(path, sampleRecord({ label: 'first' }));
  await appendRun(path, sampleRecord({ label: 'cut' }));
  truncateSync(file, readFileSync(file).length - 200);
  await appendRun(path, sampleRecord({ label: 'third' }));
  for (const last of [{}, { last: 10 }]) {
    const { runs, damaged } = await listRuns(path, last);
    assert.equal(
      runs.map(({ head }) => head.label),
      ['first', 'third'],
    );
    assert.is(damaged, 1);
    assert.is((await readRuns(runs)).records.length, 2);
  }
});

test('lines that are no record are counted, never fatal', async ({ path }) => {
  const good = JSON.stringify(sampleRecord({ label: 'good' }));
  const lines = ['not json}', '[]', '{"schema":1}', '"text"', '', '\0\0\0', '{"schema":1,"id":5}', `x${good}`, good];
  writeFileSync(join(path, RUNS_FILE), lines.join('\n'));
  for (const last of [{}, { last: 10 }]) {
    const { runs, damaged } = await listRuns(path, last);
    assert.is(damaged, 7);
    assert.is(runs.length, 1);
  }
});

test('a record whose second half is damaged is left out when it is read', async ({ path }) => {
  const file = join(path, RUNS_FILE);
  await appendRun(path, sampleRecord());
  writeFileSync(file, readFileSync(file, 'utf8').replace('"versions":{', '"versions":'));
  const { runs } = await listRuns(path);
  assert.equal(await readRuns(runs), { records: [], damaged: 1 });
});

test('records of a newer schema are counted apart', async ({ path }) => {
  await appendRun(path, sampleRecord());
  const newer = { ...sampleRecord(), schema: SCHEMA_VERSION + 1 };
  appendFileSync(join(path, RUNS_FILE), `${JSON.stringify(newer)}\n`);
  const listing = await listRuns(path);
  assert.is(listing.newer, 1);
  assert.is(listing.runs.length, 1);
});

test('records of an older schema are brought up to date', async ({ path }) => {
  const { durationMs, ...old } = sampleRecord({ label: 'old' });
  writeFileSync(join(path, RUNS_FILE), `${JSON.stringify({ ...old, schema: 0, tookSeconds: 2.5 })}\n`);
  const migrations = {
    0: ({ tookSeconds, ...rest }: Record<string, unknown>) => ({ ...rest, durationMs: Number(tookSeconds) * 1000 }),
  };
  const { runs } = await listRuns(path, { migrations });
  assert.is(runs[0]?.head.durationMs, durationMs);
  const { records } = await readRuns(runs, migrations);
  assert.is(records[0]?.schema, SCHEMA_VERSION);
  assert.is(records[0]?.durationMs, 2500);
  assert.is((await listRuns(path)).damaged, 1, 'without a reader it is no record');
});

test('last gives the newest that match, oldest of them first', async ({ path }) => {
  for (let i = 0; i < 30; i++) {
    const label = i % 3 === 0 ? 'third' : 'other';
    await appendRun(path, sampleRecord({ startedAt: startedAt(i), label, plan: 'x'.repeat(10_000) }));
  }
  const { runs } = await listRuns(path, { last: 2, match: (head) => head.label === 'third' });
  assert.equal(
    runs.map(({ head }) => head.startedAt),
    [startedAt(24).toISOString(), startedAt(27).toISOString()],
  );
  assert.is((await readRuns(runs)).records.length, 2);
});

test('the last run of a plan is the newest that succeeded', async ({ path }) => {
  assert.is(await lastRunOfPlan(path, 'plan-a'), undefined, 'no log yet');
  await appendRun(path, sampleRecord({ startedAt: startedAt(1) }));
  await appendRun(path, sampleRecord({ startedAt: startedAt(2) }));
  await appendRun(path, sampleRecord({ startedAt: startedAt(3), outcome: 'failed', exitCode: 5 }));
  await appendRun(path, sampleRecord({ startedAt: startedAt(4), planHash: 'plan-b' }));
  await appendRun(path, sampleRecord({ startedAt: startedAt(5), tool: 'sync' }));
  assert.is((await lastRunOfPlan(path, 'plan-a'))?.startedAt, startedAt(2).toISOString());
  assert.is((await lastRunOfPlan(path, 'plan-a', { tool: 'sync' }))?.startedAt, startedAt(5).toISOString());
  assert.is(await lastRunOfPlan(path, 'plan-c'), undefined);
});

test('a missing log is said, not thrown as a system error', async ({ path }) => {
  const error: unknown = await listRuns(join(path, 'nowhere.jsonl')).then(undefined, (thrown: unknown) => thrown);
  assert.instance(error, ConfigError);
  assert.match(messageOf(error), /nowhere\.jsonl: there is no such benchmark log/);
});

test.run();
