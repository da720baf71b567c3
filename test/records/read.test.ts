// The same records are found from both ends of a log, whatever stands between them, and however long their lines are.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RUNS_FILE } from '../../scripts/records/log.ts';
import { type Listing, lastRunOfPlan, listRuns, readRuns, recordLines } from '../../scripts/records/read.ts';
import { SCHEMA_VERSION } from '../../scripts/records/record.ts';
import { draws } from '../draws.ts';
import { sampleRecord, scratch } from './sample.ts';

const test = suite<{ path: string; file: string; remove: () => void }>('records/read');
test.before.each((context) => {
  const { path, remove } = scratch();
  Object.assign(context, { path, remove, file: join(path, RUNS_FILE) });
});
test.after.each(({ remove }) => remove());

const BOM = '\uFEFF';
/** A record's line of about so many bytes. */
const record = (label: string, bytes = 0): string =>
  JSON.stringify(sampleRecord({ label, ...(bytes > 0 ? { plan: { filler: 'é'.repeat(bytes / 2) } } : {}) }));

const facts = ({ runs, damaged, newer }: Listing): unknown => [
  runs.map(({ head, offset, length }) => [head.label, offset, length]),
  damaged,
  newer,
];

async function compare(path: string, labels: readonly string[]): Promise<Listing> {
  const [forwards, backwards] = [await listRuns(path), await listRuns(path, { last: 1_000_000 })];
  assert.equal(facts(forwards), facts(backwards));
  const { records, damaged } = await readRuns(forwards.runs);
  assert.equal([records.map(({ label }) => label), damaged], [labels, 0]);
  return forwards;
}

test('any lines between the records, with any ends', async ({ path, file }) => {
  const line = fc.oneof(
    { weight: 4, arbitrary: fc.constant('record') },
    fc.constantFrom(
      '',
      '\r',
      'no JSON',
      '{"schema":1}',
      '7',
      '[]',
      'null}',
      `{"schema":${SCHEMA_VERSION + 1},"id":"x"}`,
    ),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 12 }),
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      async (kinds, marked, dos, ended) => {
        const labels = kinds.flatMap((kind, at) => (kind === 'record' ? [`r${at}`] : []));
        const lines = kinds.map((kind, at) => (kind === 'record' ? record(`r${at}`) : kind));
        writeFileSync(
          file,
          (marked ? BOM : '') + lines.join(dos ? '\r\n' : '\n') + (ended && lines.length > 0 ? '\n' : ''),
        );
        const { newer, damaged } = await compare(path, labels);
        const isNewer = (kind: string): boolean => kind.startsWith(`{"schema":${SCHEMA_VERSION + 1}`);
        assert.is(newer, kinds.filter(isNewer).length);
        const others = kinds.filter((kind) => kind !== 'record' && kind.trim() !== '' && !isNewer(kind)).length;
        assert.ok(damaged >= others, `${damaged} of ${others}`);
      },
    ),
    { numRuns: draws(60) },
  );
});

test('lines as long as what is read at once, shorter, longer, and many times as long', async ({ path, file }) => {
  const sizes = [10, 2 ** 16 - 1_200, 2 ** 16, 2 ** 17, 3 * 2 ** 16, 2 ** 20, 2 ** 20 + 7, 10, 5 * 2 ** 19, 10];
  for (const end of ['', '\n', '\n\n']) {
    writeFileSync(file, sizes.map((bytes, at) => record(`r${at}`, bytes)).join('\n') + end);
    await compare(
      path,
      sizes.map((_, at) => `r${at}`),
    );
  }
});

test('a log that begins with an empty line, and one of nothing else', async ({ path, file }) => {
  writeFileSync(file, `\n\n${record('a')}\n`);
  await compare(path, ['a']);
  assert.equal(
    (await recordLines(file)).map(({ offset }) => offset),
    [2],
  );
  for (const text of ['', '\n', '\n\n\n']) {
    writeFileSync(file, text);
    const { damaged } = await compare(path, []);
    assert.is(damaged, 0);
  }
});

test('of many only the newest that match, without the rest being read', async ({ path, file }) => {
  writeFileSync(file, ['broken', record('a'), record('b'), 'broken', record('a'), ''].join('\n'));
  const { runs, damaged } = await listRuns(path, { last: 1, match: ({ label }) => label === 'a' });
  assert.equal([runs.length, damaged], [1, 0]);
  const two = await listRuns(path, { last: 2, match: ({ label }) => label === 'a' });
  assert.equal([two.runs.length, two.damaged, (two.runs[0]?.offset ?? 0) < (two.runs[1]?.offset ?? 0)], [2, 1, true]);
});

test('the last run of a plan is looked for among the newest thousand', async ({ path, file }) => {
  const other = record('other').replace('plan-a', 'plan-b');
  const lines = (n: number): string => `${record('old')}\n${`${other}\n`.repeat(n)}`;
  writeFileSync(file, lines(999));
  assert.is((await lastRunOfPlan(path, 'plan-a'))?.label, 'old');
  writeFileSync(file, lines(1_000));
  assert.is(await lastRunOfPlan(path, 'plan-a'), undefined);
});

test.run();
