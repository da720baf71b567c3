// Turns the settings of services into what can be released, and refuses what cannot, before anything is made.

import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import { ConfigError, type Problem } from '../../../base/errors.ts';
import { isFileName } from '../../../base/names.ts';
import type { Exec } from '../../../host/exec.ts';
import type { Environment } from '../../../host/paths.ts';
import { locateTool } from '../../../tools/locate.ts';
import { PINS } from '../../../tools/pins.ts';
import type { ToolOptions } from '../../../tools/options.ts';
import { allOrProblems } from '../../../settings/problems.ts';
import type { RepoSetting, Settings } from '../../../settings/schema.ts';
import { knownRepos } from '../../../settings/services-schema.ts';
import { readSource } from '../../secrets.ts';
import { type ChartRef, parseChartRef } from '../charts/chart-ref.ts';
import { isVersion } from '../charts/choose-version.ts';
import { builtChart } from '../charts/build-chart.ts';
import type { Facts } from '../implied/facts.ts';
import { cachedChart } from '../charts/fetch-chart.ts';
import { type HelmHome, helmHome } from '../home.ts';
import { knownFacts, learnFacts } from '../implied/learn.ts';
import { localCharts } from '../charts/local-chart.ts';
import { resolveNeeds } from '../implied/needs.ts';
import type { Repo } from '../charts/repos.ts';
import type { LocalChart, Service } from '../service.ts';
import { readValues } from '../values.ts';

export interface PrepareSources {
  env: Environment;
  /** What relative paths are relative to. */
  folder: string;
  cwd: string;
  /** Where a setting stands. */
  locate: (path: readonly (string | number)[]) => Pick<Problem, 'where' | 'excerpt'>;
  /** Whether the user has written the list of repositories. */
  reposGiven: boolean;
  /** Version of the cluster. */
  kubernetes: string;
  /** Whether webhook configurations stay out of the cluster, where none could answer. */
  withoutWebhooks?: boolean;
  exec: Exec;
  tools: ToolOptions;
}

export interface PreparedServices {
  list: readonly Service[];
  /** Those whose index this run looks at. */
  repos: readonly Repo[];
  /** By the name of the service: what is known of its objects before the run. */
  facts: ReadonlyMap<string, Facts>;
  stuck: Settings['helm']['stuck'];
  plainHttp: readonly string[];
  kubernetes: string;
}

/**
 * Nothing is fetched: charts that are there are rendered, those that are not are known by name alone.
 * @throws ConfigError with everything that is wrong with any of the services
 */
export async function prepareServices(
  { services: settings, helm }: Pick<Settings, 'services' | 'helm'>,
  sources: PrepareSources,
): Promise<PreparedServices> {
  const problems: Problem[] = [];
  const { locate } = sources;
  // What others run is not known before they are asked; helm itself asks when it releases.
  const kubernetes = /\d+\.\d+\.\d+/.exec(sources.kubernetes)?.[0] ?? PINS['kube-apiserver'].version;
  const known = allRepos(helm.repos);
  problems.push(...duplicates(settings, locate, 'services'), ...duplicates(helm.repos, locate, 'helm', 'repos'));
  const needs = resolveNeeds(settings, locate, problems);
  const refs = settings.map(({ chart }) => parseChartRef(chart, (name) => known.some((repo) => repo.name === name)));
  const refuseOf = refusals(settings, locate, problems);
  const localChart = localCharts(known, sources.folder);
  const locals = await Promise.all(
    settings.map(async ({ chart }, index) =>
      refs[index]?.kind === 'local' ? localChart(chart, refuseOf(index)) : undefined,
    ),
  );
  const needed = locals.map((local) => local?.dependencies.list ?? []);
  const all = [...known, ...unique(locals.flatMap((local) => local?.dependencies.repos ?? []))];
  const used = reposOf([...refs, ...needed.flat().map(({ ref }) => ref)]);
  const [repos, list] = await Promise.all([
    Promise.all(
      all
        .filter(({ name }) => used.has(name) || (sources.reposGiven && helm.repos.some((own) => own.name === name)))
        .map((repo) => withCredentials(repo, helm.repos.indexOf(repo), sources, problems)),
    ),
    Promise.all(
      settings.map(async (setting, index): Promise<Service> => {
        const refuse = refuseOf(index);
        const ref = refs[index] ?? { kind: 'local', path: setting.chart };
        refuseStrange(ref, refuse);
        if (setting.version !== undefined && !isVersion(setting.version))
          refuse('version', `"${setting.version}" is no version`);
        const values = await readValues(setting, index, { ...sources, where: (path) => locate(path).where }, problems);
        const where: Service['where'] = (...path) => locate(['services', index, ...path]);
        const found = { ref, values, where, needs: needs[index] ?? [], dependencies: needed[index] ?? [] };
        return serviceOf({ ...setting, implied: setting.implied && helm.implied }, found, {
          local: locals[index]?.chart,
          withoutWebhooks: sources.withoutWebhooks === true,
        });
      }),
    ),
  ]);
  if (problems.length > 0) throw new ConfigError(problems);
  const home = helmHome(sources.env);
  const services = await Promise.all(list.map((service) => withChart(service, repos, home)));
  return {
    list: services,
    repos,
    facts: await factsOfAll(services, home, { ...sources, kubernetes }),
    ...{ stuck: helm.stuck, plainHttp: helm.plainHttp },
    kubernetes,
  };
}

/** Of each service: what takes a problem with the value of a key. */
function refusals(settings: Settings['services'], locate: PrepareSources['locate'], problems: Problem[]) {
  return (index: number) =>
    (key: string, message: string): void =>
      void problems.push({
        ...locate(['services', index, key]),
        message: `service "${settings[index]?.name ?? ''}": ${message}`,
      });
}

function reposOf(refs: readonly ChartRef[]): ReadonlySet<string> {
  return new Set(refs.flatMap((ref) => (ref.kind === 'repo' ? [ref.repo] : [])));
}

type Found = Pick<Service, 'ref' | 'values' | 'where' | 'needs' | 'dependencies'>;

function serviceOf(
  { name, namespace, version, ready, atomic, implied, timeout }: Settings['services'][number],
  found: Found,
  { local, withoutWebhooks }: { local: LocalChart | undefined; withoutWebhooks: boolean },
): Service {
  // A chart that needs others is used once they have been put into a copy of it.
  const chart = found.dependencies.length === 0 ? local : undefined;
  return {
    name,
    namespace,
    version,
    ready,
    atomic,
    implied,
    timeoutMs: timeout,
    local,
    chart,
    withoutWebhooks,
    ...found,
  };
}

/** The service with its chart, where the cache has all of it. */
async function withChart(service: Service, repos: readonly Repo[], home: HelmHome): Promise<Service> {
  const { ref, local, chart } = service;
  if (chart) return service;
  if (local) return { ...service, chart: await builtChart(service, local, repos, home) };
  const repo = ref.kind === 'repo' ? repos.find(({ name }) => name === ref.repo) : undefined;
  return { ...service, chart: await cachedChart(service, repo, home) };
}

/** Facts of all services whose charts are there; without helm only of those that were rendered before. */
async function factsOfAll(
  services: readonly Service[],
  home: HelmHome,
  { env, exec, tools, kubernetes }: Pick<PrepareSources, 'env' | 'exec' | 'tools' | 'kubernetes'>,
): Promise<Map<string, Facts>> {
  const facts = new Map<string, Facts>();
  const unknown: { service: Service; chart: LocalChart }[] = [];
  await Promise.all(
    services.map(async (service) => {
      const { name, chart } = service;
      const found = chart && (await knownFacts(service, chart, home, kubernetes));
      if (found) facts.set(name, found);
      else if (chart) unknown.push({ service, chart });
    }),
  );
  const helm = unknown.length === 0 ? undefined : await locateTool('helm', tools);
  if (!helm) return facts;
  const limit = pLimit(availableParallelism());
  const { signal } = new AbortController();
  const learn = async ({ service, chart }: (typeof unknown)[number]): Promise<void> => {
    const options = { home, env, exec, helm: helm.path, kubernetes, signal };
    facts.set(service.name, await learnFacts(service, chart, options));
  };
  await allOrProblems(unknown.map((one) => limit(() => learn(one))));
  return facts;
}

/** What is fetched becomes a file of the cache, under its own name. */
function refuseStrange(ref: ChartRef, refuse: (key: string, message: string) => void): void {
  if (ref.kind === 'repo' && !isFileName(ref.name))
    refuse('chart', `${JSON.stringify(ref.name)} is no name of a chart`);
  if (ref.kind === 'oci' && !/^oci:\/\/[^\s/@]+(\/[\w.-]+)+(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$/.test(ref.reference))
    refuse('chart', 'must be oci://HOST/PATH/NAME, without credentials');
}

async function withCredentials(
  { name, url, username, password }: RepoSetting,
  index: number,
  sources: PrepareSources,
  problems: Problem[],
): Promise<Repo> {
  const read = async (key: string, source: RepoSetting['username']): Promise<string | undefined> => {
    if (source === undefined) return undefined;
    const value = await readSource(source, { ...sources, where: (path) => sources.locate(path).where });
    if ('bytes' in value) return Buffer.from(value.bytes).toString('utf8').trim();
    const { where } = sources.locate(['helm', 'repos', index, key]);
    problems.push({ where, message: `repository "${name}": ${value.problem}` });
    return undefined;
  };
  return { name, url, username: await read('username', username), password: await read('password', password) };
}

/** The user's repositories, and those that are known without a setting. */
function allRepos(repos: readonly RepoSetting[]): RepoSetting[] {
  const own = new Set(repos.map(({ name }) => name));
  return [...repos, ...knownRepos.filter(({ name }) => !own.has(name))];
}

function unique(repos: readonly RepoSetting[]): RepoSetting[] {
  return [...new Map(repos.map((repo) => [repo.name, repo])).values()];
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
