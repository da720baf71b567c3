// What the report page is given: numbers for names, one point a run, what only few steps have.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { reportData } from '../../../scripts/records/report/data.ts';
import type { Comparison, Row } from '../../../scripts/records/compare/comparison.ts';
import type { BenchmarkRecord } from '../../../scripts/records/record.ts';
import { sampleRecord, sampleRun, sampleStep, sampleSystem } from '../sample.ts';

const data = suite('records/report/data');

const NOW = new Date('2026-02-03T04:05:06Z');
const at = (day: number, ms: number, more: Parameters<typeof sampleRecord>[0] = {}): BenchmarkRecord =>
  sampleRecord({ startedAt: new Date(Date.UTC(2026, 0, day)), durationMs: ms, ...more });

data('steps as numbers, times rounded, -1 for none', () => {
  const steps = [
    sampleStep('a', 1.26, 5.04, { queuedMs: 0 }),
    { ...sampleStep('b', 0, 7, { outcome: 'skipped', attempts: 0 }), startedMs: undefined, queuedMs: undefined },
    sampleStep('a', 9, 10, { outcome: 'failed', attempts: 2 }),
  ];
  const run = {
    ...sampleRun({ a: 1 }),
    steps: steps as ReturnType<typeof sampleRun>['steps'],
    criticalPath: ['b', 'a'],
  };
  const { names, runs } = reportData([{ name: 'x', records: [at(1, 5, { run })] }], [], [], NOW);
  assert.equal(names, ['a', 'b']);
  assert.equal(runs[0]?.steps, [0, 0, 1.3, 5, 1, 0, 1, -1, -1, 7, 0, 3, 0, 9, 9, 10, 2, 1]);
  assert.equal(runs[0]?.critical, [1, 0]);
  assert.equal(runs[0]?.extra, {});
});

data('notes, warnings, reasons and attempts, where a step has them', () => {
  const steps = [
    sampleStep('plain', 0, 1),
    sampleStep('notes', 0, 1, { notes: ['n'], warnings: ['w'] }),
    sampleStep('reason', 0, 1, { reason: 'r' }),
  ];
  const run = { ...sampleRun({ a: 1 }), steps };
  const record = { ...at(1, 5, { run }), retries: { plain: [{ startedMs: 0.04, endedMs: 1, failure: 'f' }] } };
  const { runs } = reportData([{ name: 'x', records: [record as unknown as BenchmarkRecord] }], [], [], NOW);
  assert.equal(JSON.parse(JSON.stringify(runs[0]?.extra)), {
    0: { attempts: [{ from: 0, to: 1, failure: 'f' }] },
    1: { notes: ['n', 'w'] },
    2: { reason: 'r' },
  });
});

data('the run in the middle is shown, and the history has each run of the plan once', () => {
  const records = [at(3, 50), at(1, 10), at(2, 20)];
  const failed = at(4, 5, { outcome: 'failed' });
  const other = at(5, 5, { planHash: 'other' });
  const { shown, history, plans, generatedAt } = reportData(
    [
      { name: 'x', records },
      { name: 'y', records: [at(6, 1), at(7, 2)] },
    ],
    [],
    [...records, failed, other],
    NOW,
  );
  assert.equal(shown, [2, 3]);
  assert.equal(plans, ['plan-a']);
  assert.equal(
    history[0]?.map(({ durationMs }) => durationMs),
    [10, 20, 50, 1, 2],
  );
  assert.is(generatedAt, '2026-02-03T04:05:06.000Z');
});

data('machines, once each, with their limits', () => {
  const limited = { ...sampleSystem, cpuLimit: 2, memoryLimitBytes: 2 ** 30, container: true };
  const bare = { name: 'dev', provider: 'existing' } as BenchmarkRecord['cluster'];
  const records = [at(1, 1), at(2, 1), at(3, 1, { system: limited }), at(4, 1, { cluster: bare })];
  const { systems, runs } = reportData([{ name: 'x', records }], [], [], NOW);
  assert.equal(
    runs.map(({ system }) => system),
    [0, 0, 1, 2],
  );
  const [one, two, three] = systems.map((rows) => new Map(rows));
  assert.equal(
    ['CPU cores', 'Memory', 'Container', 'Agents', 'hoist'].map((name) => one?.get(name)),
    ['4', '8 GiB', 'no', '2', '0.1.0'],
  );
  assert.equal(
    ['CPU cores', 'Memory', 'Container'].map((name) => two?.get(name)),
    ['4, limited to 2', '8 GiB, limited to 1 GiB', 'yes'],
  );
  assert.equal([three?.has('Agents'), three?.has('Image'), three?.has('Provider')], [false, false, true]);
});

data('rows of a comparison', () => {
  const difference = { ratio: 0.5, ratioInterval: { low: 0.4, high: 0.6 } };
  const figures = { n: 1 };
  const whole = { name: 'w', a: figures, b: figures, difference, verdict: 'slower' };
  const steps = [
    { ...whole, verdict: 'too few runs' },
    { name: 's', a: figures },
    { name: 't', b: figures },
  ];
  const comparison = {
    a: { name: 'one', records: [1] },
    b: { name: 'two', records: [1, 2] },
    whole,
    steps: steps as unknown as Row[],
    warnings: ['mind'],
  } as unknown as Comparison;
  const [shown] = reportData([], [comparison], [], NOW).comparisons;
  assert.equal([shown?.a, shown?.b, shown?.warnings], ['one (1)', 'two (2)', ['mind']]);
  assert.equal(
    shown?.rows.map(({ change, range, verdict }) => [change, range, verdict]),
    [
      ['+50 %', '+40…+60 %', 'slower'],
      ['+50 %', undefined, 'too few runs'],
      [undefined, undefined, 'only in A'],
      [undefined, undefined, 'only in B'],
    ],
  );
});

data.run();
