// Brings one tool from its publisher into the cache: downloaded, checked, unpacked, put in place.

import { lstat, realpath, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { makeFolder } from '../../host/files/make-folder.ts';
import { CreationError } from '../../base/errors.ts';
import type { StepContext } from '../../engine/step.ts';
import { withLock } from '../../host/lock.ts';
import { download } from './download.ts';
import { shown } from './http.ts';
import { locateTool } from '../locate.ts';
import { type ToolOptions, lockFile, title, toolFolder } from '../options.ts';
import type { Pin } from '../pins.ts';
import { putIntoCache } from '../tool-record.ts';
import type { Source } from '../sources.ts';
import { lockSum } from '../sums.ts';
import { withTemporaryFolder } from '../../host/files/at-exit.ts';
import { waiting } from '../waiting.ts';

/** ms between two reports of progress. */
const PROGRESS_MS = 100;

type Download = Extract<Source, { way: 'download' }>;

/**
 * Downloads a tool into the cache, once even where several processes want it.
 * @throws CreationError where its checksum is not the expected one; the file is removed then.
 */
export async function fetchTool(pin: Pin, source: Download, options: ToolOptions, context: StepContext): Promise<void> {
  await withLock(lockFile(pin.name, options), waiting(context), async () => {
    if (await locateTool(pin.name, options)) {
      context.note('fetched by another process');
      return;
    }
    const folder = toolFolder(pin, options);
    await makeFolder(folder);
    const part = join(folder, `${basename(new URL(source.url).pathname)}.part`);
    await getChecked({ pin, source, part }, options, context);
    const origin = { way: 'download', url: shown(source.url) } as const;
    const { member } = source;
    if (member === undefined) return putIntoCache(part, pin, origin, options);
    await withTemporaryFolder(join(folder, 'unpacked-'), async (unpacked) => {
      // Whose file it is and who may write it is not the archive's to say.
      const args = ['--no-same-owner', '--no-same-permissions', '-xf', part, '-C', unpacked, member];
      await options.exec({ file: 'tar', args, env: options.env, signal: context.signal });
      const binary = join(unpacked, member);
      if (!(await lstat(binary)).isFile() || (await realpath(binary)) !== join(await realpath(unpacked), member))
        throw new CreationError(`${title(pin)}: ${member} is no plain file in the archive from ${shown(source.url)}`);
      await putIntoCache(binary, pin, origin, options);
    });
    await rm(part);
  });
}

async function getChecked(
  what: { pin: Pin; source: Download; part: string },
  options: ToolOptions,
  context: StepContext,
): Promise<void> {
  const { pin, source, part } = what;
  let shownAt = -Infinity;
  const onProgress = (done: number, total: number | undefined): void => {
    if (performance.now() - shownAt < PROGRESS_MS && done !== total) return;
    // The first bytes are shown at once: a download may stall behind them.
    if (done > 0) shownAt = performance.now();
    context.progress({ done, total, unit: 'bytes' });
  };
  const got = await download(source.url, part, { env: options.env, signal: context.signal, onProgress });
  if (source.sha256 !== undefined && got.sha256 !== source.sha256) {
    await rm(part);
    // The first part may have been of another file, left by an attempt long ago.
    if (got.resumed) return getChecked(what, options, context);
    throw wrongSum(pin, source.url, source.sha256, got.sha256);
  }
  const from = source.sha256 === undefined ? 'first download' : 'publisher';
  await lockSum(pin, { sha256: got.sha256, from }, options, context.signal);
  if (from === 'first download') context.note('no checksum is published; that of this first download is kept');
}

function wrongSum(pin: Pin, url: string, expected: string, got: string): CreationError {
  return new CreationError(
    `${title(pin)}: the file from ${shown(url)} has the wrong checksum and was removed:\n` +
      `expected sha256 ${expected}\n     got sha256 ${got}`,
    { hint: 'Do not use that file. If the publisher has replaced it, find out why before you change the lock file.' },
  );
}
