// Turns the settings of services into what can be released, and refuses what cannot, before anything is made.

import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { nearest } from '../../engine/nearest.ts';
import { ConfigError, type Problem } from '../../errors.ts';
import { isErrno } from '../../host/group.ts';
import type { RepoSetting, ServiceSetting, Settings } from '../../settings/schema.ts';
import { knownRepos } from '../../settings/services-schema.ts';
import { parseDuration } from '../../settings/units.ts';
import { isPath, parseChartRef } from './chart-ref.ts';
import { chartDigest } from './digest.ts';
import { resolveNeeds } from './needs.ts';
import type { LocalChart, Service } from './service.ts';
import { readValues } from './values.ts';

export interface PrepareSources {
  env: Readonly<Record<string, string | undefined>>;
  /** What relative paths are relative to. */
  folder: string;
  cwd: string;
  /** Where a setting stands. */
  locate: (path: readonly (string | number)[]) => Pick<Problem, 'where' | 'excerpt'>;
}

/** @throws ConfigError with everything that is wrong with any of the services */
export async function prepareServices(
  { services: settings, helm }: Pick<Settings, 'services' | 'helm'>,
  sources: PrepareSources,
): Promise<Service[]> {
  const problems: Problem[] = [];
  const { locate } = sources;
  const repos = allRepos(helm.repos);
  problems.push(...duplicates(settings, locate, 'services'), ...duplicates(helm.repos, locate, 'helm', 'repos'));
  const needs = resolveNeeds(settings, locate, problems);
  const services = await Promise.all(
    settings.map(async (setting, index): Promise<Service> => {
      const ref = parseChartRef(setting.chart, (name) => repos.some((repo) => repo.name === name));
      const refuse = (message: string): void =>
        void problems.push({
          ...locate(['services', index, 'chart']),
          message: `service "${setting.name}": ${message}`,
        });
      const [values, chart] = await Promise.all([
        readValues(setting, index, { ...sources, where: (path) => locate(path).where }, problems),
        ref.kind === 'local' ? localChart(setting, repos, sources.folder, refuse) : undefined,
      ]);
      const { name, namespace, version, ready, atomic, implied, timeout } = setting;
      return {
        name,
        namespace,
        ref,
        version,
        chart,
        values,
        needs: needs[index] ?? [],
        ready,
        timeoutMs: parseDuration(timeout) ?? 0,
        atomic,
        implied: implied && helm.implied,
        where: (...path) => locate(['services', index, ...path]),
      };
    }),
  );
  if (problems.length > 0) throw new ConfigError(problems);
  return services;
}

/** The user's repositories, and those that are known without a setting. */
export function allRepos(repos: readonly RepoSetting[]): RepoSetting[] {
  const own = new Set(repos.map(({ name }) => name));
  return [...repos, ...knownRepos.filter(({ name }) => !own.has(name))];
}

function duplicates(
  list: readonly { name: string }[],
  locate: PrepareSources['locate'],
  ...path: readonly string[]
): Problem[] {
  return list.flatMap(({ name }, index) => {
    if (list.findIndex((other) => other.name === name) === index) return [];
    return [{ ...locate([...path, index, 'name']), message: `"${name}" is there twice` }];
  });
}

async function localChart(
  { chart }: ServiceSetting,
  repos: readonly RepoSetting[],
  folder: string,
  refuse: (message: string) => void,
): Promise<LocalChart | undefined> {
  const path = resolve(folder, chart);
  try {
    if ((await stat(path)).isDirectory()) await stat(join(path, 'Chart.yaml'));
    return { path, digest: await chartDigest(path) };
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
    refuse((await stat(path).catch(() => undefined)) ? `${chart} has no Chart.yaml` : missing(chart, repos));
    return undefined;
  }
}

/** What was meant decides what to say: a path that is not there, or a repository that nobody knows. */
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
