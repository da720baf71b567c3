// The options of a measurement at their bounds, and the figures that it gives in fio's shape.

import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failureOf } from '../../../failure.ts';
import {
  filesystemPerformance,
  loadOf,
  optionsOf,
  resultOf,
} from '../../../../scripts/support/collectors/host/filesystem-performance.ts';
import { runCollector } from '../running.ts';
import type { Item } from '../../../../scripts/support/types.ts';

const performance = suite('support/collectors/host/filesystem-performance');

const options = (spec: object): ReturnType<typeof optionsOf> =>
  optionsOf({ item: { spec: { directory: 'var/x', ...spec } } as unknown as Item });

performance('defaults', () => {
  assert.equal(options({}), { directory: '/var/x', blockBytes: 1024, fileBytes: 10 * 2 ** 20, runMs: 120_000 });
  assert.is(options({ directory: '/a/../b' }).directory, '/b');
  assert.throws(() => options({ directory: '' }), /it needs a directory/);
});

performance('sizes of the file, up to 16 GiB', () => {
  const table: [size: unknown, bytes: number][] = [
    [4096, 4096],
    ['1k', 1000],
    ['2M', 2e6],
    ['3G', 3e9],
    ['1Ki', 1024],
    ['22Mi', 22 * 2 ** 20],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['16Gi', 2 ** 34],
  ];
  for (const [fileSize, bytes] of table) assert.is(options({ fileSize }).fileBytes, bytes, String(fileSize));
  for (const fileSize of ['0', '16.1Gi', '1T', 'big', '-1', '1 Mi'])
    assert.throws(() => options({ fileSize }), `fileSize must be a size like 22Mi, at most 16Gi, not "${fileSize}"`);
});

performance('sizes of an operation, up to 64 MiB', () => {
  for (const bytes of [1, 512, 64 * 2 ** 20]) assert.is(options({ operationSize: bytes }).blockBytes, bytes);
  for (const operationSize of [0, -1, 1.5, 64 * 2 ** 20 + 1, 'x'])
    assert.throws(() => options({ operationSize }), /operationSize must be a number of bytes/, String(operationSize));
});

performance('how long it may run; 0 and less is without a bound', () => {
  for (const [runTime, ms] of [
    [1, 1000],
    ['2.5', 2500],
    [0, Infinity],
    [-1, Infinity],
    ['', Infinity],
  ] as const)
    assert.is(options({ runTime }).runMs, ms, String(runTime));
  assert.throws(() => options({ runTime: 'long' }), /runTime must be a number of seconds/);
});

interface Fio {
  timestamp: number;
  timestamp_ms: number;
  jobs: {
    elapsed: number;
    job_runtime: number;
    write: Record<string, number>;
    sync: { total_ios: number; lat_ns: Record<string, unknown> };
    'job options': Record<string, string>;
  }[];
}

const result = (syncs: number[], ms = 2500): Fio =>
  resultOf(
    { syncs, ms },
    { directory: '/d', blockBytes: 2048, fileBytes: 4096, runMs: 1000 },
    new Date('2026-01-02T03:04:05.678Z'),
  ) as Fio;

performance('the figures of a measurement', () => {
  const { timestamp, timestamp_ms: timestampMs, jobs } = result([4, 2, 8, 6]);
  assert.equal([timestamp, timestampMs], [1_767_323_045, 1_767_323_045_678]);
  const [job] = jobs;
  const { percentile, ...lat } = job?.sync.lat_ns ?? {};
  assert.equal(lat, { min: 2, max: 8, mean: 5, stddev: Math.sqrt(5), N: 4 });
  assert.equal(Object.keys(percentile as object)[0], '1.000000');
  assert.equal([job?.elapsed, job?.job_runtime, job?.sync.total_ios], [3, 2500, 4]);
  assert.equal(job?.write, {
    io_bytes: 8192,
    io_kbytes: 8,
    bw_bytes: Math.round(8192 / 2.5),
    iops: 4 / 2.5,
    runtime: 2500,
    total_ios: 4,
  });
  assert.equal([job?.['job options']['bs'], job?.['job options']['size']], ['2048', '4096']);
});

performance('percentiles are values that were measured', () => {
  const percentiles = (count: number): unknown =>
    result(Array.from({ length: count }, (_, i) => count - i)).jobs[0]?.sync.lat_ns['percentile'];
  assert.equal(percentiles(10_000), {
    '1.000000': 100,
    '5.000000': 500,
    '10.000000': 1000,
    '20.000000': 2000,
    '30.000000': 3000,
    '40.000000': 4000,
    '50.000000': 5000,
    '60.000000': 6000,
    '70.000000': 7000,
    '80.000000': 8000,
    '90.000000': 9000,
    '95.000000': 9500,
    '99.000000': 9900,
    '99.500000': 9950,
    '99.900000': 9990,
    '99.950000': 9995,
    '99.990000': 9999,
  });
  const one = Object.values(percentiles(1) as Record<string, number>);
  assert.ok(one.length === 17 && one.every((ns) => ns === 1));
});

performance('folders that it makes are gone afterwards, but for what others have put there meanwhile', async () => {
  const top = mkdtempSync(join(tmpdir(), 'fsperf-unit-'));
  const directory = join(top, 'a/b/c');
  const spec = { directory, fileSize: 4096, operationSize: 2048 };
  try {
    const { files } = await runCollector(filesystemPerformance, spec, { suffix: '-2' });
    assert.equal(Object.keys(files), ['host-collectors/filesystemPerformance/filesystemPerformance-2.json']);
    assert.equal(readdirSync(top), []);
    const keep = new Proxy<Record<string, string>>({}, { set: () => (writeFileSync(join(top, 'a/other'), ''), true) });
    await runCollector(filesystemPerformance, spec, { keep });
    assert.equal(readdirSync(join(top, 'a')), ['other']);
    await runCollector(filesystemPerformance, { ...spec, directory: join(top, 'a') });
    assert.ok(existsSync(join(top, 'a/other')));
    writeFileSync(join(top, 'file'), '');
    const failed = runCollector(filesystemPerformance, { ...spec, directory: join(top, 'file/x') });
    assert.match(await failureOf(failed), 'ENOTDIR');
    assert.match(
      await failureOf(runCollector(filesystemPerformance, { ...spec, operationSize: 8192 })),
      'smaller than one operation',
    );
    assert.equal(readdirSync(join(top, 'a')), ['other']);
  } finally {
    rmSync(top, { recursive: true });
  }
});

performance('the load beside it: so many jobs that share the operations of their kind, within bounds', () => {
  const load = (spec: object): ReturnType<typeof loadOf> =>
    loadOf({ item: { spec: { enableBackgroundIOPS: true, ...spec } } as unknown as Item });
  const writes = { backgroundWriteIOPS: 300, backgroundWriteIOPSJobs: 3 };
  const reads = { backgroundReadIOPS: '50', backgroundReadIOPSJobs: '1', backgroundIOPSWarmupSeconds: 7 };
  assert.equal(load({ ...writes, ...reads }), {
    jobs: [...Array.from({ length: 3 }, () => ({ writes: true, perSecond: 100 })), { writes: false, perSecond: 50 }],
    warmupMs: 7_000,
  });
  assert.equal(load({ ...writes, enableBackgroundIOPS: false }), { jobs: [], warmupMs: 0 });
  const none: object[] = [
    {},
    { backgroundWriteIOPS: 300 },
    { backgroundWriteIOPSJobs: 3 },
    { ...writes, backgroundWriteIOPSJobs: 0 },
    { ...writes, backgroundWriteIOPS: 0 },
    { ...writes, backgroundWriteIOPS: 'many' },
    { ...writes, backgroundWriteIOPSJobs: -1 },
  ];
  for (const spec of none) assert.equal(load(spec), { jobs: [], warmupMs: 0 }, JSON.stringify(spec));
  const most = load({ backgroundReadIOPS: 650, backgroundReadIOPSJobs: 65, backgroundIOPSWarmupSeconds: 61 });
  assert.equal([most.jobs.length, most.warmupMs], [64, 60_000]);
});

performance.run();
