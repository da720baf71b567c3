// Writes the benchmark log: one line for programs in runs.jsonl, one block for people beside it.

import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../host/files/make-folder.ts';
import { TimeoutError } from '../base/errors.ts';
import { withLock } from '../host/lock.ts';
import { describeRun } from './text-log.ts';
import type { BenchmarkRecord } from './record.ts';

export const RUNS_FILE = 'runs.jsonl';
export const PEOPLE_FILE = 'cluster_setup_benchmark.log';

/**
 * How long an append waits in ms for a pruner or another append. After that it goes ahead: on a local disk a single
 * append is atomic anyway, and the worst is a record that a pruner loses, where waiting would hold up the user.
 */
const LOCK_MS = 2000;

/** The lock that is held while a file of runs is written. */
export function lockOf(file: string): string {
  return `${file}.lock`;
}

/**
 * Appends a run to both logs in `directory`, which is made where it is not there yet. Runs that end at the same time
 * do not mix, and what an earlier crash left half written does not damage this record.
 * @throws the system's error where the directory cannot be written or the disk is full
 */
export async function appendRun(directory: string, record: BenchmarkRecord): Promise<void> {
  // Settings, hooks' command lines and the names of clusters stand in it.
  await makeFolder(directory, 0o700);
  const append = async (): Promise<void> => {
    await appendWhole(join(directory, RUNS_FILE), `${JSON.stringify(record)}\n`);
    await appendWhole(join(directory, PEOPLE_FILE), `${describeRun(record)}\n`);
  };
  await withLock(lockOf(join(directory, RUNS_FILE)), { timeoutMs: LOCK_MS }, append).catch(async (error: unknown) => {
    if (!(error instanceof TimeoutError)) throw error;
    await append();
  });
}

/** One write at the file's end; a last line without its end is closed first, so that it damages only itself. */
async function appendWhole(path: string, text: string): Promise<void> {
  const handle = await open(path, 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    const whole = size > 0 && last[0] !== 0x0a ? `\n${text}` : text;
    await handle.appendFile(whole);
  } finally {
    await handle.close();
  }
}
