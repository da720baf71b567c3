// The charts that a bundle needs: those of the disk as they are, all others by steps that fetch them.

import type { Step, StepContext } from '../../engine/step.ts';
import { fetchBuilt } from '../../services/helm/charts/build-chart.ts';
import { fetchChart } from '../../services/helm/charts/fetch-chart.ts';
import { refreshIndex } from '../../services/helm/charts/repos.ts';
import { helmHome } from '../../services/helm/home.ts';
import type { LocalChart, Service } from '../../services/helm/service.ts';
import { resolveTools } from '../../tools/locate.ts';
import type { ClusterContext } from '../../context.ts';
import type { Prepared } from '../prepare-cluster.ts';

export interface ChartSteps {
  steps: Step[];
  /** The chart of each service by its name, when the steps have ended. */
  found: () => ReadonlyMap<string, LocalChart>;
}

/** @param needs steps that bring helm */
export function chartSteps(
  { services }: Pick<Prepared, 'services'>,
  needs: readonly string[],
  { tools, exec }: Pick<ClusterContext, 'tools' | 'exec'>,
): ChartSteps {
  const charts = new Map(services.list.flatMap(({ name, chart }) => (chart ? [[name, chart] as const] : [])));
  const missing = services.list.filter(({ name }) => !charts.has(name));
  const home = helmHome(tools.env);
  const helm = async (): Promise<string> => (await resolveTools(['helm'], tools)).helm;
  const fetching = { home, env: tools.env, exec, helm, plainHttp: services.plainHttp };
  const asked = new Set(missing.flatMap(reposOf));
  const repos = services.repos.filter(({ name }) => asked.has(name));
  const fetch = async (service: Service, context: StepContext): Promise<void> => {
    const { name, ref, local } = service;
    const repo = repos.find((one) => ref.kind === 'repo' && one.name === ref.repo);
    const chart = local
      ? await fetchBuilt(service, local, repos, { tools: fetching, context })
      : await fetchChart(service, repo, fetching, context);
    charts.set(name, chart);
  };
  return {
    steps: [
      ...repos.map((repo): Step => ({
        name: `repo/${repo.name}`,
        provision: true,
        pool: 'download',
        run: (context) => refreshIndex(repo, home, tools.env, context),
      })),
      ...missing.map((service): Step => ({
        name: `chart/${service.name}`,
        needs: [...needs, ...reposOf(service).map((name) => `repo/${name}`)],
        provision: true,
        pool: 'download',
        run: (context) => fetch(service, context),
      })),
    ],
    found: () => charts,
  };
}

/** Names of the repositories that its chart and its dependencies come from. */
function reposOf({ ref, dependencies }: Service): string[] {
  const refs = [ref, ...dependencies.map((one) => one.ref)];
  return [...new Set(refs.flatMap((one) => (one.kind === 'repo' ? [one.repo] : [])))];
}
