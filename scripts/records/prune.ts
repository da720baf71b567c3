// Keeps a benchmark log from growing without end.

import { open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeAtomic } from '../host/files/files.ts';
import { withLock } from '../host/lock.ts';
import { lockOf, PEOPLE_FILE } from './log.ts';
import { BLOCK_START } from './text-log.ts';
import { recordLines, runsFile } from './read.ts';

/** How long it waits in ms for runs that are being recorded. */
const LOCK_MS = 10_000;

/**
 * Removes all but the newest `keep` records of a log, and lines that are no records; the log for people beside it keeps
 * as many blocks. Records of a newer schema count and stay.
 * @returns how many records were removed and how many are left
 * @throws ConfigError where there is no such log
 */
export async function pruneRuns(path: string, keep: number): Promise<{ removed: number; kept: number }> {
  const file = await runsFile(path);
  return withLock(lockOf(file), { timeoutMs: LOCK_MS }, async () => {
    const lines = await recordLines(file);
    const kept = lines.slice(Math.max(0, lines.length - keep));
    const handle = await open(file, 'r');
    try {
      const texts: Buffer[] = [];
      for (const { offset, length } of kept) {
        const text = Buffer.allocUnsafe(length);
        await handle.read(text, 0, length, offset);
        texts.push(text, Buffer.from('\n'));
      }
      await writeAtomic(file, Buffer.concat(texts));
    } finally {
      await handle.close();
    }
    await prunePeople(join(dirname(file), PEOPLE_FILE), keep);
    return { removed: lines.length - kept.length, kept: kept.length };
  });
}

async function prunePeople(file: string, keep: number): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const blocks = text.split(BLOCK_START).filter((block) => block !== '');
  await writeAtomic(file, blocks.slice(Math.max(0, blocks.length - keep)).join(''));
}
