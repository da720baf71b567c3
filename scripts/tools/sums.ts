// Checksums of downloads: those that publishers give, and the lock file that keeps the first one seen forever.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, CreationError, isErrno, messageOf } from '../base/errors.ts';
import { writeAtomic } from '../host/files/files.ts';
import { withLock } from '../host/lock.ts';
import { stateHome } from '../host/paths.ts';
import { type ToolOptions, platformOf, title } from './options.ts';
import type { Pin } from './pins.ts';

/** A sum in the lock file. */
interface LockedSum {
  sha256: string;
  /** Where the sum was taken from: the publisher's checksum file, or the first download where there is none. */
  from: 'publisher' | 'first download';
  /** ISO 8601. */
  recorded: string;
}

type LockedSums = Partial<Record<string, LockedSum>>;

/** The sum that was recorded when this tool was first downloaded. */
export async function lockedSum(pin: Pin, options: ToolOptions): Promise<string | undefined> {
  return (await readSums(sumsFile(options)))[keyOf(pin, options)]?.sha256;
}

/** Records the sum, unless one is recorded already. */
export async function lockSum(
  pin: Pin,
  sum: Pick<LockedSum, 'sha256' | 'from'>,
  options: ToolOptions,
  signal: AbortSignal,
): Promise<void> {
  const file = sumsFile(options);
  await withLock(`${file}.lock`, { signal }, async () => {
    const sums = await readSums(file);
    const key = keyOf(pin, options);
    if (sums[key]) return;
    sums[key] = { ...sum, recorded: new Date().toISOString() };
    const sorted = Object.fromEntries(Object.entries(sums).sort(([a], [b]) => (a < b ? -1 : 1)));
    await writeAtomic(file, `${JSON.stringify(sorted, null, 2)}\n`);
  });
}

/** Where the sums are kept: HOIST_TOOLS_LOCK, for a team that shares them, else in the state folder. */
function sumsFile({ env }: ToolOptions): string {
  return env['HOIST_TOOLS_LOCK'] ?? join(stateHome(env), 'tools.lock.json');
}

/**
 * Finds a file's sum in the text of a checksum file: lines of `SUM  NAME`, or one sum alone. Names may have folders.
 * @throws CreationError where it has none for the file.
 */
export function findSum(text: string, file: string): string {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+\*?/));
  const line = lines.find(([, name]) => name?.split('/').at(-1) === file) ?? lines.find((parts) => parts.length === 1);
  const sum = line?.[0]?.toLowerCase();
  if (sum !== undefined && /^[0-9a-f]{64}$/.test(sum)) return sum;
  throw new CreationError(`the publisher's checksum file has no SHA-256 sum for ${file}`);
}

function keyOf(pin: Pin, options: ToolOptions): string {
  const { os, arch } = platformOf(options);
  return `${title(pin)} ${os}/${arch}`;
}

async function readSums(file: string): Promise<LockedSums> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as LockedSums;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return {};
    // Starting again would accept any file: the reader has to decide.
    throw new ConfigError([{ where: file, message: `cannot be read as JSON: ${messageOf(error)}` }], {
      hint: 'Repair or restore it; removing it forgets all recorded checksums.',
    });
  }
}
