// Completes a chart of the local disk with the charts that it needs: in a copy, so that the user's folder stays as it is.

import { createHash } from 'node:crypto';
import { cp, rename, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { makeFolder } from '../../../host/files/make-folder.ts';
import type { StepContext } from '../../../engine/step.ts';
import { ServicesError, isErrno } from '../../../base/errors.ts';
import { isBelow } from '../../../host/paths.ts';
import { type FetchTools, type Wanted, cachedChart, fetchChart } from './fetch-chart.ts';
import type { Dependency } from './dependencies.ts';
import { chartDigest } from './digest.ts';
import type { HelmHome } from '../home.ts';
import { used } from '../releases/prune.ts';
import type { Repo } from './repos.ts';
import { withTemporaryFolder } from '../../../host/files/at-exit.ts';
import type { LocalChart, Service } from '../service.ts';

/** The completed chart, made of what is in the cache; undefined where something has to be fetched first. */
export async function builtChart(
  service: Service,
  local: LocalChart,
  repos: readonly Repo[],
  home: HelmHome,
): Promise<LocalChart | undefined> {
  const found = await partsOf(service, repos, (wanted, repo) => cachedChart(wanted, repo, home));
  const parts = found.flatMap(({ chart, ...dependency }) => (chart ? [{ ...dependency, chart }] : []));
  return parts.length < found.length ? undefined : completed(local, parts, home);
}

/** The completed chart. @throws what `fetchChart` throws */
export async function fetchBuilt(
  service: Service,
  local: LocalChart,
  repos: readonly Repo[],
  { tools, context }: { tools: FetchTools; context: StepContext },
): Promise<LocalChart> {
  const parts = await partsOf(service, repos, (wanted, repo) => fetchChart(wanted, repo, tools, context));
  return completed(local, parts, tools.home);
}

async function partsOf<T extends LocalChart | undefined>(
  { name, where, dependencies }: Service,
  repos: readonly Repo[],
  find: (wanted: Wanted, repo: Repo | undefined) => Promise<T>,
): Promise<(Dependency & { chart: LocalChart | T })[]> {
  return Promise.all(
    dependencies.map(async (dependency) => {
      const { ref, version } = dependency;
      if (ref.kind === 'local')
        return { ...dependency, chart: { path: ref.path, digest: await chartDigest(ref.path) } };
      const repo = ref.kind === 'repo' ? repos.find((one) => one.name === ref.repo) : undefined;
      return { ...dependency, chart: await find({ name, ref, version, where: () => where('chart') }, repo) };
    }),
  );
}

type ChartPart = Dependency & { chart: LocalChart };

/** The same chart of the same parts is copied once. */
async function completed(local: LocalChart, parts: readonly ChartPart[], home: HelmHome): Promise<LocalChart> {
  const what = [local.digest, ...parts.map(({ into, name, chart }) => [into, name, chart.digest])];
  const digest = createHash('sha256').update(JSON.stringify(what)).digest('hex');
  const all = join(home.charts, 'built');
  const folder = join(all, digest.slice(0, 40));
  const path = join(folder, basename(local.path));
  if (await stat(path).catch(() => undefined)) {
    await used(folder);
    return { path, digest };
  }
  await makeFolder(all);
  await withTemporaryFolder(join(all, 'new-'), async (temporary) => {
    const copy = join(temporary, basename(local.path));
    await cp(local.path, copy, { recursive: true, dereference: true });
    for (const { into, name, ref, chart } of parts) {
      const target = join(copy, into, 'charts', ref.kind === 'local' ? name : basename(chart.path));
      if (!isBelow(copy, target)) throw new ServicesError(`the chart "${name}" would be put outside of ${copy}`);
      await cp(chart.path, target, { recursive: true, dereference: true });
    }
    await rename(temporary, folder).catch((error: unknown) => {
      // Another run has made the very same meanwhile.
      if (!isErrno(error, 'ENOTEMPTY') && !isErrno(error, 'EEXIST')) throw error;
    });
  });
  return { path, digest };
}
