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

type Refuse = (key: string, message: string) => void;

/** Finds charts below a folder. Each one is read once, however many releases it makes; each of them hears what is wrong with it. */
export function localCharts(
  repos: readonly RepoSetting[],
  folder: string,
): (chart: string, refuse: Refuse) => Promise<FoundChart | undefined> {
  const looked = new Map<string, Promise<Looked>>();
  return async (chart, refuse) => {
    const look = looked.get(chart) ?? lookAt(chart, repos, folder);
    looked.set(chart, look);
    const { found, wrong } = await look;
    for (const message of wrong) refuse('chart', message);
    return found;
  };
}

interface Looked {
  found?: FoundChart;
  wrong: readonly string[];
}

async function lookAt(chart: string, repos: readonly RepoSetting[], folder: string): Promise<Looked> {
  const path = resolve(folder, chart);
  try {
    const isFolder = (await stat(path)).isDirectory();
    if (isFolder) await stat(join(path, 'Chart.yaml'));
    // An archive is complete, or it would not have been packed.
    const dependencies = isFolder ? await readDependencies(path, repos) : { list: [], repos: [], problems: [] };
    return { found: { chart: { path, digest: await chartDigest(path) }, dependencies }, wrong: dependencies.problems };
  } catch (error) {
    if (error instanceof UnreadableChartError) return { wrong: [`${chart}: ${error.message}`] };
    if (!isErrno(error, 'ENOENT')) throw error;
    const isThere = (await stat(path).catch(() => undefined)) !== undefined;
    return { wrong: [isThere ? `${chart} has no Chart.yaml` : missing(chart, repos)] };
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
