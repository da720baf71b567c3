// Finds a chart on the local disk, or says what was meant by a name that is neither there nor in a repository.

import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { nearest } from '../../../base/suggest.ts';
import { isErrno } from '../../../base/errors.ts';
import type { RepoSetting } from '../../../settings/schema.ts';
import { isPath } from './chart-ref.ts';
import { type Dependencies, readDependencies } from './dependencies.ts';
import { UnreadableChartError, chartDigest } from './digest.ts';
import type { LocalChart } from '../service.ts';

export interface FoundChart {
  chart: LocalChart;
  dependencies: Dependencies;
}

/** The chart and what it lacks; what is wrong with it goes to `refuse`. */
export async function localChart(
  chart: string,
  repos: readonly RepoSetting[],
  folder: string,
  refuse: (key: string, message: string) => void,
): Promise<FoundChart | undefined> {
  const path = resolve(folder, chart);
  try {
    const isFolder = (await stat(path)).isDirectory();
    if (isFolder) await stat(join(path, 'Chart.yaml'));
    // An archive is complete, or it would not have been packed.
    const dependencies = isFolder ? await readDependencies(path, repos) : { list: [], repos: [], problems: [] };
    for (const problem of dependencies.problems) refuse('chart', problem);
    return { chart: { path, digest: await chartDigest(path) }, dependencies };
  } catch (error) {
    if (error instanceof UnreadableChartError) {
      refuse('chart', `${chart}: ${error.message}`);
      return undefined;
    }
    if (!isErrno(error, 'ENOENT')) throw error;
    refuse('chart', (await stat(path).catch(() => undefined)) ? `${chart} has no Chart.yaml` : missing(chart, repos));
    return undefined;
  }
}

/** The message depends on what was meant: a path that does not exist, or an unknown repository. */
function missing(chart: string, repos: readonly RepoSetting[]): string {
  const [repo = '', name] = chart.split('/');
  if (isPath(chart) || name === undefined) {
    return `there is no folder or archive ${chart}; charts of repositories are called REPO/NAME`;
  }
  const names = repos.map((one) => one.name);
  const guess = nearest(repo, names);
  const asked = guess === undefined ? ` (known: ${names.join(', ')})` : `; did you mean "${guess}/${name}"?`;
  return `there is no repository "${repo}"${asked}, and no folder ${chart}`;
}
