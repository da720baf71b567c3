// The digest of a chart on the local disk: of its archive, or of all files of its folder that helm would read.

import { createHash } from 'node:crypto';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readBounded, readTextBounded } from '../../../host/files/bounded.ts';
import { isErrno } from '../../../base/errors.ts';
import { type Ignores, readHelmIgnore } from './helmignore.ts';

/** A chart holds what helm cannot read either. */
export class UnreadableChartError extends Error {}

/** Hex sha256. @throws UnreadableChartError; what the file system throws */
export async function chartDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  if (!(await stat(path)).isDirectory()) return hash.update(await readBounded(path)).digest('hex');
  const ignores = readHelmIgnore(await readTextBounded(join(path, '.helmignore')).catch(() => ''));
  const files = await filesOf({ root: path, ignores }, '', []);
  const contents = await Promise.all(
    files.sort().map(async (file) => [file, await readBounded(join(path, file))] as const),
  );
  for (const [file, content] of contents) {
    // The length keeps two files apart from one that holds both.
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** Relative paths of the files below a folder of the chart, links followed as helm follows them. */
async function filesOf(
  chart: { root: string; ignores: Ignores },
  folder: string,
  above: readonly string[],
): Promise<string[]> {
  const here = await realpath(join(chart.root, folder));
  if (above.includes(here)) throw new UnreadableChartError(`${folder} is a link to a folder that it is in itself`);
  const inside = await Promise.all(
    (await readdir(here)).map(async (name) => {
      const path = folder === '' ? name : `${folder}/${name}`;
      const status = await stat(join(here, name)).catch((error: unknown) => {
        if (isErrno(error, 'ENOENT') || isErrno(error, 'ELOOP'))
          throw new UnreadableChartError(`${path} is a link to nothing, which helm cannot read either`);
        throw error;
      });
      if (chart.ignores(path, status.isDirectory())) return [];
      if (status.isDirectory()) return filesOf(chart, path, [...above, here]);
      // Helm says what it does not take; reading a pipe would not end.
      return status.isFile() ? [path] : [];
    }),
  );
  return inside.flat();
}
