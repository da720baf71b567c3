// Tells beside each binary of the cache how it came to be.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { putInPlace, writeAtomic } from '../host/files.ts';
import { type ToolOptions, toolFile } from './options.ts';
import type { Pin } from './pins.ts';

/** The way in which a binary was had. */
type Origin = { way: 'download'; url: string } | { way: 'build'; go: string; package: string; ldflags: string };

export type ToolRecord = Origin & {
  version: string;
  /** Of the binary; what was downloaded may be an archive with a sum of its own. */
  sha256: string;
  /** ISO 8601. */
  made: string;
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

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
