// filesystemPerformance: how long it takes until written bytes are on the disk, measured as fio's job of that name does.

import { randomBytes } from 'node:crypto';
import { mkdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { HoistError, isErrno } from '../../../base/errors.ts';
import { parseBool } from '../../spec/schema.ts';
import { type Collector, type Running, firstText, json } from '../collector.ts';

/** Writes block after block, each followed by fdatasync, and hands back how many ns each of these took. */
const WRITER = `
const { parentPort, workerData } = require('node:worker_threads');
const { closeSync, fdatasyncSync, openSync, writeSync } = require('node:fs');
const { file, blockBytes, fileBytes, runMs } = workerData;
const fd = openSync(file, 'wx', 0o600);
const block = Buffer.alloc(blockBytes, 0x5a);
const syncs = [];
const start = process.hrtime.bigint();
for (let written = 0; written + blockBytes <= fileBytes; written += blockBytes) {
  writeSync(fd, block);
  const before = process.hrtime.bigint();
  fdatasyncSync(fd);
  const now = process.hrtime.bigint();
  syncs.push(Number(now - before));
  if (Number(now - start) / 1e6 > runMs) break;
}
closeSync(fd);
parentPort.postMessage({ syncs, ms: Number(process.hrtime.bigint() - start) / 1e6 });
`;

/** Reads or writes blocks of 4 KiB at places by chance, so many in a second, until it is ended. */
const LOAD = `
const { parentPort, workerData } = require('node:worker_threads');
const { constants, ftruncateSync, openSync, readSync, writeSync } = require('node:fs');
const { file, perSecond, writes } = workerData;
const BLOCKS = 25600;
const fd = openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_DSYNC, 0o600);
ftruncateSync(fd, BLOCKS * 4096);
const block = Buffer.alloc(4096, 0x5a);
const start = Date.now();
let done = 0;
parentPort.postMessage('ready');
setInterval(() => {
  for (const due = ((Date.now() - start) / 1000) * perSecond; done < due; done++) {
    const at = Math.floor(Math.random() * BLOCKS) * 4096;
    if (writes) writeSync(fd, block, 0, 4096, at);
    else readSync(fd, block, 0, 4096, at);
    if (Date.now() - start > ((done + 1) / perSecond) * 1000 + 1000) done = Math.ceil(due);
  }
}, 5);
`;

/** fio writes these percentiles. */
const PERCENTILES = [1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99, 99.5, 99.9, 99.95, 99.99];
const BLOCK_BYTES = 1024;
const FILE_BYTES = 10 << 20;
const MOST_FILE_BYTES = 2 ** 34;
const RUN_SECONDS = 120;

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};

export const filesystemPerformance: Collector = {
  title: 'Filesystem Performance',
  timeoutMs: 60_000,
  claim: ({ spec }) =>
    `host-collectors/filesystemPerformance/${firstText(spec, 'collectorName') ?? 'filesystemPerformance'}`,
  async run(running) {
    const { item, sink, suffix } = running;
    const options = optionsOf(running);
    const { directory } = options;
    const made = await makeFolder(directory);
    const own = join(directory, `.hoist-fsperf-${randomBytes(6).toString('hex')}`);
    const files = [own];
    const load: Worker[] = [];
    try {
      load.push(...(await startLoad(running, own, files)));
      const measured = await measure(running, own, options);
      const name = firstText(item.spec, 'collectorName') ?? 'filesystemPerformance';
      const path = `host-collectors/filesystemPerformance/${name}${suffix}.json`;
      await sink.add({ path, content: json(resultOf(measured, options, running.now())) });
    } finally {
      await Promise.all(load.map((worker) => worker.terminate()));
      await Promise.all(files.map((file) => rm(file, { force: true })));
      if (made !== undefined) await removeEmpty(directory, made);
    }
  },
};

interface Options {
  directory: string;
  blockBytes: number;
  fileBytes: number;
  runMs: number;
}

/** @throws HoistError for a size or time that is none */
export function optionsOf({ item: { spec } }: Pick<Running, 'item'>): Options {
  const directory = firstText(spec, 'directory');
  if (directory === undefined) throw new HoistError('it needs a directory');
  const size = firstText(spec, 'fileSize');
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)(k|M|G|Ki|Mi|Gi)?$/.exec(size ?? String(FILE_BYTES)) ?? [];
  const fileBytes = Number(number) * (UNITS[unit] ?? NaN);
  if (number === '' || !(fileBytes > 0 && fileBytes <= MOST_FILE_BYTES))
    throw new HoistError(`fileSize must be a size like 22Mi, at most 16Gi, not "${size ?? ''}"`);
  const blockBytes = Number(firstText(spec, 'operationSize') ?? BLOCK_BYTES);
  if (!Number.isInteger(blockBytes) || blockBytes < 1 || blockBytes > 64 << 20)
    throw new HoistError(`operationSize must be a number of bytes up to 64 MiB`);
  const seconds = spec['runTime'] === undefined ? RUN_SECONDS : Number(firstText(spec, 'runTime') ?? 0);
  if (!Number.isFinite(seconds)) throw new HoistError(`runTime must be a number of seconds`);
  return { directory: resolve('/', directory), blockBytes, fileBytes, runMs: seconds > 0 ? seconds * 1000 : Infinity };
}

interface Measured {
  /** ns of each, in order. */
  syncs: number[];
  ms: number;
}

async function measure({ signal }: Running, file: string, options: Options): Promise<Measured> {
  const measured = await answerOf<Measured>(WRITER, { file, ...options }, signal);
  if (measured.syncs.length === 0) throw new HoistError('the file is smaller than one operation');
  return measured;
}

/** The first message of a worker, which ends with it, or with the signal. */
async function answerOf<T>(source: string, workerData: object, signal: AbortSignal): Promise<T> {
  const worker = new Worker(source, { eval: true, workerData });
  try {
    return await firstMessage<T>(worker, signal);
  } finally {
    await worker.terminate();
  }
}

function firstMessage<T>(worker: Worker, signal: AbortSignal): Promise<T> {
  return new Promise((fulfil, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    worker.once('error', (error) => reject(error instanceof Error ? error : new Error(String(error))));
    worker.once('exit', () => reject(new HoistError('the measurement ended early')));
    worker.once('message', (message: T) => {
      signal.removeEventListener('abort', abort);
      fulfil(message);
    });
  });
}

interface Load {
  writes: boolean;
  perSecond: number;
}

/** The background load that the spec wants, as one job for each worker, and how long it goes on before the measurement. */
export function loadOf({ item: { spec } }: Pick<Running, 'item'>): { jobs: Load[]; warmupMs: number } {
  if (parseBool(spec['enableBackgroundIOPS']) !== true) return { jobs: [], warmupMs: 0 };
  const number = (key: string): number => Math.max(0, Math.min(64, Number(firstText(spec, key) ?? 0)));
  const jobs = (['Write', 'Read'] as const).flatMap((kind) => {
    const count = number(`background${kind}IOPSJobs`);
    const all = Number(firstText(spec, `background${kind}IOPS`) ?? 0);
    return count === 0 || !(all > 0)
      ? []
      : Array.from({ length: count }, () => ({ writes: kind === 'Write', perSecond: all / count }));
  });
  return { jobs, warmupMs: Math.min(60, Number(firstText(spec, 'backgroundIOPSWarmupSeconds') ?? 0)) * 1000 };
}

/** Reads may come from the page cache. */
async function startLoad(running: Running, own: string, files: string[]): Promise<Worker[]> {
  const { jobs, warmupMs } = loadOf(running);
  const { signal } = running;
  if (jobs.length === 0) return [];
  const workers = jobs.map((job, i) => {
    const file = `${own}-load-${i}`;
    files.push(file);
    return new Worker(LOAD, { eval: true, workerData: { file, ...job } });
  });
  try {
    await Promise.all(workers.map((worker) => firstMessage(worker, signal)));
    const { setTimeout: sleep } = await import('node:timers/promises');
    await sleep(warmupMs, undefined, { signal });
  } catch (error) {
    await Promise.all(workers.map((worker) => worker.terminate()));
    throw error;
  }
  return workers;
}

/** As fio writes its JSON, where the analyzers look. */
export function resultOf({ syncs, ms }: Measured, { directory, blockBytes, fileBytes }: Options, now: Date): object {
  const sorted = [...syncs].sort((a, b) => a - b);
  const count = sorted.length;
  const mean = sorted.reduce((sum, ns) => sum + ns, 0) / count;
  const deviation = Math.sqrt(sorted.reduce((sum, ns) => sum + (ns - mean) ** 2, 0) / count);
  const percentile = Object.fromEntries(
    // In hundredths, which are whole numbers: 99.9 % of 10,000 would come out as a bit more than 9990.
    PERCENTILES.map((p) => [p.toFixed(6), sorted[Math.ceil((Math.round(p * 100) * count) / 10_000) - 1]]),
  );
  const lat = { min: sorted[0], max: sorted.at(-1), mean, stddev: deviation, N: count, percentile };
  const bytes = count * blockBytes;
  return {
    'fio version': 'none: measured by hoist',
    timestamp: Math.floor(now.getTime() / 1000),
    timestamp_ms: now.getTime(),
    time: now.toUTCString(),
    'global options': {},
    jobs: [
      {
        jobname: 'fsperf',
        elapsed: Math.ceil(ms / 1000),
        'job options': {
          name: 'fsperf',
          bs: String(blockBytes),
          directory,
          rw: 'write',
          ioengine: 'sync',
          fdatasync: '1',
          size: String(fileBytes),
        },
        write: {
          io_bytes: bytes,
          io_kbytes: Math.floor(bytes / 1024),
          bw_bytes: Math.round(bytes / (ms / 1000)),
          iops: count / (ms / 1000),
          runtime: Math.round(ms),
          total_ios: count,
        },
        sync: { total_ios: count, lat_ns: lat },
        job_runtime: Math.round(ms),
      },
    ],
  };
}

/**
 * Makes a folder with those above it, one by one: where /proc refuses one, Node's own way tries again without an end.
 * @returns the highest one that was made
 */
async function makeFolder(folder: string): Promise<string | undefined> {
  try {
    await mkdir(folder, { mode: 0o700 });
    return folder;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return undefined;
    const above = dirname(folder);
    // Where that one was there, the reason is another.
    const made = isErrno(error, 'ENOENT') && above !== folder ? await makeFolder(above) : undefined;
    if (made === undefined) throw error;
    await mkdir(folder, { mode: 0o700 });
    return made;
  }
}

/** Folders that were made for it, where nothing else has come into them. */
async function removeEmpty(folder: string, top: string): Promise<void> {
  for (let at = folder; ; at = dirname(at)) {
    const gone = await rmdir(at).then(
      () => true,
      () => false,
    );
    if (!gone || at === resolve(top)) return;
  }
}
