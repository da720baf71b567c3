// filesystemPerformance: measures on a real disk, in fio's shape, and leaves nothing behind.

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { analyze } from '../../../scripts/support/analyzers/analyze.ts';
import { bundleOf, bundleSpec } from '../world.ts';

const test = suite<{ folder: string }>('filesystemPerformance', { folder: '' });
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'fsperf-test-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const specOf = (keys: string, checks = ''): string =>
  bundleSpec(`  hostCollectors:\n    - filesystemPerformance: {collectorName: etcd, ${keys}}\n${checks}`);

interface Fio {
  jobs: { jobname: string; sync: { lat_ns: { min: number; max: number; N: number; percentile: object } } }[];
}

test('the latencies of fdatasync, percentile by percentile, and the checks read them', async ({ folder }) => {
  const directory = join(folder, 'a/b');
  const checks = `  hostAnalyzers:
    - filesystemPerformance: {collectorName: etcd, outcomes: [{fail: {when: "p99 > 60s", message: slow}}, {pass: {message: "p99 {{ .P99 }}"}}]}
    - filesystemPerformance: {collectorName: etcd, checkName: never, outcomes: [{fail: {when: "min > 0s", message: "took time"}}, {pass: {message: none}}]}\n`;
  const { files, result } = await bundleOf(
    specOf(`directory: ${directory}, fileSize: 64Ki, operationSize: 2048`, checks),
    {
      analyze: (analyzers, bundle, failures) => analyze(analyzers, bundle, { failures, nowMs: 0 }),
    },
  );
  const text = files.get('host-collectors/filesystemPerformance/etcd.json') ?? '{}';
  const job = (JSON.parse(text) as Fio).jobs[0];
  assert.is(job?.jobname, 'fsperf');
  const { min = 0, max = 0, N = 0, percentile = {} } = job?.sync.lat_ns ?? {};
  assert.is(N, 32);
  const values = Object.values(percentile) as number[];
  assert.is(values.length, 17);
  assert.equal(
    [...values].sort((a, b) => a - b),
    values,
  );
  assert.ok(min > 0 && (values[0] ?? 0) >= min && values.at(-1) === max);
  assert.ok(Object.hasOwn(percentile, '99.990000') && Object.hasOwn(percentile, '1.000000'));
  assert.equal(
    result.results.map(({ outcome }) => outcome),
    ['pass', 'fail'],
  );
  assert.match(result.results[0]?.message ?? '', /^p99 [\d.]+(ns|µs|ms|s)$/);
  assert.not.ok(existsSync(join(folder, 'a')), 'folders that it made are gone');
});

test('background load runs meanwhile, and its files are gone too', async ({ folder }) => {
  const load =
    'enableBackgroundIOPS: true, backgroundWriteIOPS: 50, backgroundWriteIOPSJobs: 1, backgroundReadIOPS: 50, backgroundReadIOPSJobs: 1';
  const { files, result } = await bundleOf(specOf(`directory: ${folder}, fileSize: 16Ki, ${load}`));
  assert.is(result.failures.length, 0, JSON.stringify(result.failures));
  assert.ok(files.has('host-collectors/filesystemPerformance/etcd.json'));
  assert.equal(readdirSync(folder), []);
});

test('sizes that are none, and folders that cannot be made, are errors of the collector alone', async ({ folder }) => {
  for (const [keys, why] of [
    [`directory: ${folder}, fileSize: 3 pounds`, 'fileSize must be a size'],
    [`directory: ${folder}, fileSize: 99999Gi`, 'fileSize must be a size'],
    ['fileSize: 1Mi', 'it needs a directory'],
    ['directory: /proc/nothing/here', 'ENOENT'],
  ] as const) {
    const { result } = await bundleOf(specOf(keys));
    assert.match(result.failures[0]?.message ?? '', why);
  }
  assert.equal(readdirSync(folder), []);
});

test('time that is over ends it, without a file', async ({ folder }) => {
  const { result } = await bundleOf(specOf(`directory: ${folder}, fileSize: 16Gi, operationSize: 16, timeout: 300ms`));
  assert.is(result.failures[0]?.reason, 'timeout');
  assert.equal(readdirSync(folder), []);
});

test.run();
