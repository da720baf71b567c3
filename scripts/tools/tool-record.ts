// Records beside each binary of the cache how it came to be.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { CreationError } from '../base/errors.ts';
import { putInPlace, writeAtomic } from '../host/files/files.ts';
import { type ToolOptions, toolFile } from './options.ts';
import type { Pin } from './pins.ts';

/** The way in which a binary was had. */
type Origin =
  | { way: 'download'; url: string }
  | { way: 'build'; go: string; package: string; ldflags: string }
  /** The SHA-256 of the offline bundle's manifest. */
  | { way: 'bundle'; bundle: string };

/** What changes with the content of a file, unless it is forged on purpose. */
interface Seen {
  bytes: number;
  /** ms since 1970 of its content, and of anything about it. */
  mtimeMs: number;
  ctimeMs: number;
}

export type ToolRecord = Origin & {
  version: string;
  /** Of the binary; what was downloaded may be an archive with a sum of its own. */
  sha256: string;
  /** ISO 8601. */
  made: string;
  /** Of the binary when its sum was found to be right; a record of an older hoist has none. */
  seen?: Seen;
};

/**
 * Moves a finished binary into the cache, its record first: a binary that is there has one.
 * @param origin with the sum of the binary, where that is known already.
 */
export async function putIntoCache(
  binary: string,
  pin: Pin,
  origin: Origin & { sha256?: string },
  options: ToolOptions,
): Promise<void> {
  const record: ToolRecord = {
    version: pin.version,
    sha256: origin.sha256 ?? (await sha256Of(binary)),
    made: new Date().toISOString(),
    ...origin,
  };
  const target = toolFile(pin, options);
  await writeAtomic(`${target}.json`, `${JSON.stringify(record, null, 2)}\n`);
  await putInPlace(binary, target, 0o755);
}

/** The record of a binary; undefined where it has none that can be read. */
export async function readRecord(binary: string): Promise<ToolRecord | undefined> {
  try {
    return JSON.parse(await readFile(`${binary}.json`, 'utf8')) as ToolRecord;
  } catch {
    return undefined;
  }
}

/**
 * Whether a binary of the cache is still the one that was put there: by size and times, and by its sum where those changed.
 * False where it has no record.
 * @throws CreationError where it is another one.
 */
export async function isAsRecorded(binary: string): Promise<boolean> {
  const record = await readRecord(binary);
  if (!record) return false;
  const { size: bytes, mtimeMs, ctimeMs } = await stat(binary);
  const { seen } = record;
  if (seen?.bytes === bytes && seen.mtimeMs === mtimeMs && seen.ctimeMs === ctimeMs) return true;
  if ((await sha256Of(binary)) !== record.sha256) {
    throw new CreationError(`${binary} is not the file that was put there: its checksum is another one`, {
      hint: 'Find out who changed it; `hoist tools prune --all` removes it, and the next run fetches it again.',
    });
  }
  // A cache that cannot be written costs the sum each time.
  const known = { ...record, seen: { bytes, mtimeMs, ctimeMs } };
  await writeAtomic(`${binary}.json`, `${JSON.stringify(known, null, 2)}\n`).catch(() => undefined);
  return true;
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
