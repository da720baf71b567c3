// The newest `up` of a cluster in the benchmark log, as `status` shows it.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lastRunOfCluster } from '../../../scripts/cluster/record/last-run.ts';
import { RUNS_FILE } from '../../../scripts/records/log.ts';
import type { RecordInput } from '../../../scripts/records/record.ts';
import { sampleRecord, scratch } from '../../records/sample.ts';

const test = suite<{ path: string; remove: () => void }>('cluster/record/last-run');
test.before.each((context) => void Object.assign(context, scratch()));
test.after.each(({ remove }) => remove());

const write = (path: string, ...records: Partial<RecordInput>[]): void =>
  writeFileSync(join(path, RUNS_FILE), records.map((one) => `${JSON.stringify(sampleRecord(one))}\n`).join(''));
const of = (name: string): Partial<RecordInput> => ({ cluster: { name, provider: 'embedded' } });

test('the newest of its own, whatever came of it; runs of other tools and clusters are not meant', async ({ path }) => {
  write(
    path,
    { ...of('dev'), outcome: 'done', durationMs: 1 },
    { ...of('dev'), outcome: 'failed', durationMs: 2 },
    { ...of('other'), durationMs: 3 },
    { ...of('dev'), tool: 'start', durationMs: 4 },
  );
  const found = await lastRunOfCluster(path, 'dev', '/');
  assert.equal([found?.outcome, found?.durationMs], ['failed', 2]);
  assert.equal(Object.keys(found ?? {}).sort(), ['durationMs', 'id', 'outcome', 'startedAt']);
  assert.is(await lastRunOfCluster(path, 'gone', '/'), undefined);
});

test('it is looked for among the newest fifty; where there is no log there is none', async ({ path }) => {
  const others = (n: number): Partial<RecordInput>[] => Array.from({ length: n }, () => of('other'));
  write(path, of('dev'), ...others(49));
  assert.ok(await lastRunOfCluster(path, 'dev', '/'));
  write(path, of('dev'), ...others(50));
  assert.is(await lastRunOfCluster(path, 'dev', '/'), undefined);
  assert.is(await lastRunOfCluster('none', 'dev', path), undefined);
});

test.run();
